package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.Set;
import org.mirror4j.checkpoint.CardScores;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.device.Device;
import org.mirror4j.device.Versions;
import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.Encoding;
import org.mirror4j.eval.EvaluationPlan;
import org.mirror4j.eval.EvaluationReport;
import org.mirror4j.eval.TaskGroup;
import org.mirror4j.eval.Tasks;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputPath;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code eval}: models on tasks, one column a model. */
@Command(
    name = "eval",
    sortOptions = false,
    customSynopsis = {
      "mirror4j eval --model [LABEL=]MODEL [SETTING=VALUE...]... --task TASK..."
          + " [--data DIR] [OPTION...]",
      "       mirror4j eval --list-tasks [--data DIR]"
    },
    description = {
      "Measures models on similarity, answer matching, entity linking, word translation,"
          + " masked language modelling; several"
          + " models make several columns. What is known is told at once, and shown as a table at"
          + " the end, also of an evaluation that is interrupted or fails.",
      "A set of pairs that is asked for twice, or lies there under two names, is measured once."
          + " Languages of which a model does not know most words are marked, and left out of"
          + " means."
    })
final class EvalCommand implements Runnable {
  /** Kind of the tasks that a picture is made of. */
  private static final String DRAWN = "geometry:";

  @Spec private CommandSpec command;

  @Option(
      names = "--model",
      paramLabel = "[LABEL=]MODEL [SETTING=VALUE...]",
      arity = "1..*",
      description =
          "Model directories, as before and after tuning, names (see fetch), or bundled for the"
              + " model that comes with the program, each perhaps followed by settings of its own,"
              + " as 'BERT-CLS=DIR pooling=cls max-length=64': they are named like the options"
              + " below, which hold for all other models. Models of one LABEL share a column, as"
              + " runs with several seeds: mean, standard deviation and 95 %% interval are shown."
              + " language-fr=MODEL among the settings names a model of its own for texts in"
              + " French, and so for every language that a task (bli) knows its texts are in. A"
              + " label has no / \\ or : in it; a path with an equals sign is ./a=b.")
  private List<String> models = List.of();

  @Option(
      names = "--task",
      paramLabel = "TASK",
      arity = "1..*",
      description =
          "Tasks by name, pairs:FILE for own pairs, linking:MENTIONS:DICTIONARY for own mentions of"
              + " concepts, isotropy:FILE for a list of texts, geometry:FILE for words with the"
              + " most frequent first (see frequent-words), masked-loss:FILE for prose whose masked"
              + " tokens (masked-loss:FILE:spans: masked spans) a pretrained model predicts. Pairs"
              + " are separated by tabs, commas or blanks, with a header or without;"
              + " pairs:FILE:score=4,first=2,second=3 says which columns (or names in the header)"
              + " hold them.")
  private List<String> tasks = List.of();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder of the data sets; 'mirror4j data' says what belongs there.")
  private Path data;

  @Option(
      names = "--list-tasks",
      description = "List the names of all tasks, with --data those of its files too, and leave.")
  private boolean listTasks;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Write the report to FILE: as Markdown where that ends in .md, else as JSON with settings"
              + " and versions, what there is of it when the evaluation ends early; as"
              + " comma-separated values where it ends in .csv and, of tasks geometry:FILE, as a"
              + " picture where it ends in .png, when it is complete. May be given more than once.")
  private List<Path> files = List.of();

  @Option(
      names = "--published",
      description = "Also show what papers report of the tasks that are measured.")
  private boolean published;

  @Option(
      names = "--write-card",
      description =
          "Also write the scores of each model into its card, README.md, below all else or in place"
              + " of those that were written before; the rest of the card stays. For directories of"
              + " your own: models that a name stands for are left alone.")
  private boolean writeCard;

  @Mixin private EncoderOptions encoding;
  @Mixin private DeviceOptions deviceOptions;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Console console = output.console();
    if (listTasks) {
      if (!models.isEmpty() || !tasks.isEmpty()) {
        throw new ParameterException(
            command.commandLine(),
            "--list-tasks takes no " + (models.isEmpty() ? "--task" : "--model"));
      }
      List<String> names = new Tasks(data).names();
      ObjectNode fields = JsonFiles.object();
      names.forEach(fields.putArray("names")::add);
      console.result("tasks", fields, String.join("\n", names));
      return;
    }
    if (models.isEmpty() || tasks.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), (models.isEmpty() ? "--model" : "--task") + " is missing");
    }
    ReportFiles.check(command.commandLine(), files);
    if (files.stream().anyMatch(ReportFiles::isPicture)
        && tasks.stream().noneMatch(task -> task.toLowerCase(Locale.ROOT).startsWith(DRAWN))) {
      throw new ParameterException(
          command.commandLine(),
          "--output is a picture, which there is of tasks %sFILE only".formatted(DRAWN));
    }
    try (Bundled bundled = Bundled.open()) {
      // All models and tasks are looked at before the first one is computed.
      List<MeasuredColumn> columns = columns(console, bundled);
      Tasks all = new Tasks(data);
      List<TaskGroup> asked =
          tasks.stream()
              .distinct()
              .map(name -> AskedTask.resolve(command.commandLine(), all, name))
              .toList();
      requireApart(columns, asked);
      EvaluationPlan plan = EvaluationPlan.of(asked, console::notice);
      columns.forEach(column -> plan.require(column.path(), column.model().text()));
      evaluate(console, columns, plan);
    }
  }

  /** A report replaces neither data nor models. */
  private void requireApart(List<MeasuredColumn> columns, List<TaskGroup> asked) {
    List<Path> inputs = new ArrayList<>();
    columns.forEach(column -> inputs.addAll(column.directories()));
    asked.forEach(group -> group.tasks().forEach(task -> inputs.addAll(task.files())));
    files.forEach(file -> OutputPath.requireApart(file, inputs));
  }

  private List<MeasuredColumn> columns(Console console, Bundled bundled) {
    Set<String> names = encoding.names();
    List<MeasuredModel> asked;
    try {
      asked = MeasuredModel.parse(models, names);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--model: " + e.getMessage(), e);
    }
    List<MeasuredColumn> columns = new ArrayList<>();
    Set<List<Object>> seen = new HashSet<>();
    for (MeasuredModel model : asked) {
      Encoding own = encoding.with(model.settings(), model.text()).encoding();
      Path path = path(console, bundled, model, names);
      if (!seen.add(List.of(real(path), Set.copyOf(model.settings()), model.languages()))) {
        throw new ParameterException(
            command.commandLine(),
            "--model names one directory twice, with the same settings: " + model.text());
      }
      ModelDirectory.open(path).settings();
      SequencedMap<String, Path> languages = new LinkedHashMap<>();
      model
          .languages()
          .forEach(
              (code, text) -> {
                languages.put(code, new ModelArgument(text).path(console, bundled));
                ModelDirectory.open(languages.get(code)).settings();
              });
      MeasuredColumn column = new MeasuredColumn(model, path, own, languages);
      if (writeCard) {
        checkCard(console, column, columns);
      }
      columns.add(column);
    }
    return columns;
  }

  /** Before hours are spent on scores for a card that cannot be written. */
  private void checkCard(Console console, MeasuredColumn column, List<MeasuredColumn> others) {
    String text = column.model().text();
    if (!column.isPath()) {
      console.notice(text + ": a name, no directory of your own: its card is left alone");
      return;
    }
    if (others.stream().anyMatch(other -> real(other.path()).equals(real(column.path())))) {
      throw new ParameterException(
          command.commandLine(),
          "--write-card: %s is measured twice, expected once".formatted(text));
    }
    CardScores.in(column.path());
  }

  private static Path path(
      Console console, Bundled bundled, MeasuredModel model, Set<String> names) {
    try {
      return new ModelArgument(model.text()).path(console, bundled);
    } catch (FileException e) {
      throw new FileException(e.getMessage() + model.hint(names), e);
    }
  }

  private static Path real(Path path) {
    try {
      return Files.exists(path) ? path.toRealPath() : path.toAbsolutePath().normalize();
    } catch (IOException e) {
      throw FileException.of(path, e);
    }
  }

  private void evaluate(Console console, List<MeasuredColumn> columns, EvaluationPlan plan) {
    EvaluationReport report =
        new EvaluationReport(columns.stream().map(MeasuredColumn::name).distinct().toList());
    try (Device device = deviceOptions.open(console);
        EvaluationProgress progress =
            new EvaluationProgress(
                console,
                new ReportOutput(report, Versions.of(device), published, files),
                plan.tasks().size())) {
      for (MeasuredColumn column : columns) {
        MeasuredCard card = new MeasuredCard(column.path());
        column.evaluate(console, device, plan, progress, card);
        if (writeCard && column.isPath()) {
          card.write(Versions.of(device), column.encoding().precision().label());
        }
      }
      progress.finished();
    }
  }
}
