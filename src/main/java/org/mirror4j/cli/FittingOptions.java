package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedSet;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.Precision;
import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.FittingTexts;
import org.mirror4j.eval.EvaluationTask;
import org.mirror4j.eval.Tasks;
import org.mirror4j.file.OutputPath;
import org.mirror4j.text.Corpus;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A model, and the texts that a calibration of it is fitted on. */
final class FittingOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "Model directory, a name (see fetch), or bundled for the model that comes with the"
              + " program.")
  private ModelArgument model;

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      description = "Text to fit on, one item a line; UTF-8, perhaps gzipped. May be repeated.")
  private List<Path> corpora = List.of();

  @Option(
      names = "--task",
      paramLabel = "TASK",
      arity = "1..*",
      description =
          "Tasks of eval to fit on, their texts without the scores. The texts of a test set are"
              + " seen then, which the output says.")
  private List<String> tasks = List.of();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder of the data sets; 'mirror4j data' says what belongs there.")
  private Path data;

  @Option(
      names = "--pooling",
      paramLabel = "KIND",
      description =
          "What is pooled: ${COMPLETION-CANDIDATES}. Default: what the model was made with, else"
              + " mean. The papers take first-last-avg.")
  private Pooling pooling;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description =
          "Tokens of a text, special tokens included; what is longer is cut. Default: what the"
              + " model's files say, else as many as it has positions.")
  private Integer maxLength;

  /**
   * What was asked for.
   *
   * @param model directory
   * @param modelName what the user calls it
   * @param inputs files and directories that are read
   * @param texts of tasks and corpora
   * @param corpora that are open
   */
  record Opened(
      Path model,
      String modelName,
      List<Path> inputs,
      List<FittingTexts> texts,
      List<Corpus> corpora)
      implements AutoCloseable {
    @Override
    public void close() {
      corpora.forEach(Corpus::close);
    }
  }

  /** The model, null where none is given. */
  ModelArgument model() {
    return model;
  }

  /**
   * Finds the model and opens the texts.
   *
   * @param output has to lie apart from what is read
   */
  Opened open(Console console, Bundled bundled, Path output) {
    if (model == null) {
      throw new ParameterException(command.commandLine(), "--model is missing");
    }
    if (corpora.isEmpty() && tasks.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), "--corpus or --task is missing: what is it to be fitted on?");
    }
    Path path = model.path(console, bundled);
    SequencedSet<EvaluationTask> asked = tasks();
    List<Path> inputs = new ArrayList<>(corpora);
    inputs.add(path);
    asked.forEach(task -> inputs.addAll(task.files()));
    OutputPath.requireApart(output, inputs);
    List<FittingTexts> texts = new ArrayList<>();
    asked.forEach(task -> texts.add(texts(task, asked, console)));
    List<Corpus> open = new ArrayList<>();
    try {
      for (Path corpus : corpora) {
        open.add(Corpus.read(corpus, Corpus.Options.DEFAULT));
        console.notice(open.getLast().report().summary(corpus.toString()));
        texts.add(FittingTexts.of(corpus.toString(), open.getLast()));
      }
    } catch (RuntimeException | Error e) {
      open.forEach(Corpus::close);
      throw e;
    }
    return new Opened(path, model.text(), inputs, texts, open);
  }

  /** Each task once, however often it is asked for. */
  private SequencedSet<EvaluationTask> tasks() {
    Tasks all = new Tasks(data);
    SequencedSet<EvaluationTask> found = new LinkedHashSet<>();
    tasks.forEach(
        name -> found.addAll(AskedTask.resolve(command.commandLine(), all, name).tasks()));
    return found;
  }

  /** Those of a task; files of one name in two folders are told apart by their paths. */
  private static FittingTexts texts(
      EvaluationTask task, SequencedSet<EvaluationTask> all, Console console) {
    FittingTexts texts = task.fittingTexts(console::notice);
    boolean alone = all.stream().filter(other -> other.name().equals(task.name())).count() == 1;
    return alone
        ? texts
        : new FittingTexts(
            task.files().getFirst().toString(), texts.testSet(), texts.pairs(), texts.texts());
  }

  /**
   * How texts become vectors.
   *
   * @param batchSize texts computed at once
   * @param precision that the model is computed in
   * @throws ParameterException if no model encodes so
   */
  Encoding encoding(int batchSize, Precision precision) {
    EncoderOptions.requireInRange(command, batchSize, maxLength);
    return new Encoding(
        Optional.ofNullable(pooling),
        maxLength == null ? OptionalInt.empty() : OptionalInt.of(maxLength),
        batchSize,
        precision);
  }
}
