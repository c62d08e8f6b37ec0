package org.mirror4j.task.classification;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Figure;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.PredictedKind;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.TrainedModel;
import org.mirror4j.text.Tokenizer;

/** A task of GLUE, from its official files. */
public final class GlueKind implements PredictedKind {
  private final GlueTask task;

  private GlueKind(GlueTask task) {
    this.task = task;
  }

  /** All of them. */
  public static List<GlueKind> all() {
    return Arrays.stream(GlueTask.values()).map(GlueKind::new).toList();
  }

  @Override
  public String name() {
    return task.label();
  }

  @Override
  public String description() {
    return "GLUE's %s, its TSV files".formatted(task.title());
  }

  /** As transformers' example has it, where the two smallest sets take more epochs. */
  @Override
  public String recipe() {
    return switch (task) {
      case MRPC, WNLI -> "small-classification";
      default -> "classification";
    };
  }

  @Override
  public FineTunedTask<?> read(
      Path training,
      Optional<Path> development,
      Tokenizer tokenizer,
      int maxLength,
      Consumer<String> notices) {
    List<LabelledText> texts = GlueFile.read(task, training, notices);
    if (!task.isRegression()) {
      DifferentLabels.requireToLearn(training, texts);
    }
    Optional<List<LabelledText>> dev = development.map(file -> scored(file, notices));
    notices.accept(
        "%s: %,d texts%s"
            .formatted(
                training,
                texts.size(),
                dev.map(some -> ", %,d to score on".formatted(some.size())).orElse("")));
    Function<List<String>, SequencedMap<String, Double>> scores =
        said -> scores(development.orElseThrow(), dev.orElseThrow(), said);
    return task.isRegression()
        ? new TextRegression(texts, dev, tokenizer, maxLength, scores)
        : new TextClassification(
            new LabelNames(task.labels()), texts, dev, tokenizer, maxLength, scores);
  }

  private List<LabelledText> scored(Path file, Consumer<String> notices) {
    List<LabelledText> texts = GlueFile.read(task, file, notices);
    if (task.isRegression()) {
      DifferentLabels.requireToCorrelate(file, texts);
    }
    return texts;
  }

  @Override
  public String className() {
    return LabelHead.CLASS_NAME;
  }

  @Override
  public String fileName(Path input) {
    return task.fileName(input.getFileName().toString());
  }

  @Override
  public PredictedTask<?> read(
      Path input, boolean annotated, TrainedModel model, Consumer<String> notices) {
    List<LabelledText> texts =
        annotated ? scored(input, notices) : GlueFile.texts(task, input, notices);
    notices.accept("%s: %,d texts".formatted(input, texts.size()));
    return predicted(texts, model);
  }

  private PredictedTask<?> predicted(List<LabelledText> texts, TrainedModel model) {
    return task.isRegression()
        ? AskedTexts.numbers(texts, model)
        : AskedTexts.labels(texts, labels(model), model);
  }

  /** Those of the model, in its order. */
  private LabelNames labels(TrainedModel model) {
    LabelNames labels = model.labels();
    if (!Set.copyOf(labels.names()).equals(Set.copyOf(task.labels()))) {
      throw new FileException(
          "%s: id2label has %s, expected the labels of %s: %s"
              .formatted(
                  model.file(),
                  FileException.some(
                      ", ", labels.names().stream().map(FileException::quote).toList()),
                  task.label(),
                  String.join(", ", task.labels())));
    }
    return labels;
  }

  @Override
  public String asked() {
    return AskedTexts.expected(task.takesPairs());
  }

  @Override
  public PredictedTask<?> ask(List<String> texts, TrainedModel model) {
    return predicted(List.of(AskedTexts.of(texts, task.takesPairs())), model);
  }

  /** First the figure that stands for the task: the mean, where there are two. */
  private SequencedMap<String, Double> scores(
      Path file, List<LabelledText> texts, List<String> said) {
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    List<Figure> figures =
        new GlueScorer(task).figures(file, texts.stream().map(LabelledText::label).toList(), said);
    for (Figure figure : figures.reversed()) {
      scores.put(figure.measure().title(), figure.value());
    }
    return scores;
  }
}
