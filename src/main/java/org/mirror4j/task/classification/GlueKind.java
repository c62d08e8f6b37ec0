package org.mirror4j.task.classification;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Figure;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.TaskKind;
import org.mirror4j.text.Tokenizer;

/** A task of GLUE to be learned, from its official files. */
public final class GlueKind implements TaskKind {
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

  /** Few examples take more epochs. */
  @Override
  public String recipe() {
    return switch (task) {
      case MRPC, RTE, WNLI -> "small-classification";
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
      checkDifferent(training, "texts have the label", texts, LabelledText::label, "");
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
      GlueScorer.checkCorrelated(file, texts.size());
      checkDifferent(
          file,
          "texts have the score",
          texts,
          text -> Double.valueOf(text.label()),
          " for a correlation");
    }
    return texts;
  }

  private static void checkDifferent(
      Path file,
      String have,
      List<LabelledText> texts,
      Function<LabelledText, Object> label,
      String purpose) {
    if (texts.stream().map(label).distinct().count() < 2) {
      throw new FileException(
          "%s: all %s %s, expected two different ones at least%s"
              .formatted(file, have, texts.getFirst().label(), purpose));
    }
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
