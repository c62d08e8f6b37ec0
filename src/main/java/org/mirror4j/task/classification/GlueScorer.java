package org.mirror4j.task.classification;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.statistics.Pearson;
import org.mirror4j.statistics.Spearman;
import org.mirror4j.task.Figure;
import org.mirror4j.task.Measure;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.task.Scorer;
import org.mirror4j.task.classification.GlueTask.Result;

/**
 * What GLUE measures (Wang et al. 2019): accuracy; of CoLA Matthews' correlation; of MRPC and QQP
 * F1 of the paraphrases too; of STS-B Pearson's and Spearman's correlation. Where there are two,
 * their mean stands for the task.
 */
public final class GlueScorer implements Scorer {
  private static final Measure MATTHEWS = Measure.percentage("matthews", "Matthews");
  static final Measure PEARSON = Measure.percentage("pearson", "Pearson");
  static final Measure SPEARMAN = Measure.percentage("spearman", "Spearman");
  static final Measure MEAN = Measure.percentage("mean", "mean");
  private static final String POSITIVE = "1";

  private final GlueTask task;

  /** The scorer of a task. */
  public GlueScorer(GlueTask task) {
    this.task = task;
  }

  /** Those of all tasks. */
  public static List<Scorer> all() {
    return Arrays.stream(GlueTask.values()).<Scorer>map(GlueScorer::new).toList();
  }

  @Override
  public String name() {
    return task.label();
  }

  @Override
  public String description() {
    return "%s of GLUE's %s; index TAB prediction"
        .formatted(
            String.join(" and ", task.results().stream().map(r -> measure(r).title()).toList()),
            task.title());
  }

  @Override
  public List<Figure> score(ScoredFiles files, Consumer<String> notices) {
    List<LabelledText> texts = GlueFile.read(task, files.gold(), notices);
    Map<String, String> predictions = GlueFile.predictions(task, files.predictions(), notices);
    checkIds(files.predictions(), files.gold(), texts, predictions);
    List<Figure> figures = new ArrayList<>();
    figures.add(new Figure(Measure.ITEMS, texts.size()));
    figures.addAll(
        figures(
            files.gold(),
            texts.stream().map(LabelledText::label).toList(),
            texts.stream().map(text -> predictions.get(text.id())).toList()));
    return figures;
  }

  /**
   * The figures of labels that are said of texts, the one that stands for the task last.
   *
   * @param gold file of the texts, for messages
   * @param labels of the texts
   * @param said of each the same
   */
  List<Figure> figures(Path gold, List<String> labels, List<String> said) {
    List<Figure> figures = new ArrayList<>();
    double sum = 0;
    for (Result result : task.results()) {
      double value = 100 * value(gold, result, labels, said);
      figures.add(new Figure(measure(result), value));
      sum += value;
    }
    if (task.results().size() > 1) {
      figures.add(new Figure(MEAN, sum / task.results().size()));
    }
    return figures;
  }

  /** Fails unless there is a prediction for each text and no other. */
  static void checkIds(
      Path file, Path gold, List<LabelledText> texts, Map<String, String> predictions) {
    Set<String> unknown = new LinkedHashSet<>(predictions.keySet());
    for (LabelledText text : texts) {
      if (!unknown.remove(text.id())) {
        throw new FileException(
            "%s: no prediction for index %s, expected one for each of the %,d rows of %s"
                .formatted(file, FileException.quote(text.id()), texts.size(), gold));
      }
    }
    if (!unknown.isEmpty()) {
      throw new FileException(
          "%s: index %s is that of no row of %s, expected one for each of its %,d rows"
              .formatted(file, FileException.quote(unknown.iterator().next()), gold, texts.size()));
    }
  }

  private static Measure measure(Result result) {
    return switch (result) {
      case ACCURACY -> Measure.ACCURACY;
      case F1 -> Measure.F1;
      case MATTHEWS -> MATTHEWS;
      case PEARSON -> PEARSON;
      case SPEARMAN -> SPEARMAN;
    };
  }

  private static double value(Path gold, Result result, List<String> labels, List<String> said) {
    return switch (result) {
      case ACCURACY -> accuracy(labels, said);
      case F1 -> counts(labels, said).positives().f1();
      case MATTHEWS -> counts(labels, said).matthews();
      case PEARSON -> Pearson.r(numbers(gold, labels), numbers(gold, said));
      case SPEARMAN -> Spearman.rho(numbers(gold, labels), numbers(gold, said));
    };
  }

  /** The share of the labels that are said. */
  static double accuracy(List<String> labels, List<String> said) {
    long right = 0;
    for (int i = 0; i < labels.size(); i++) {
      right += labels.get(i).equals(said.get(i)) ? 1 : 0;
    }
    return (double) right / labels.size();
  }

  private static BinaryCounts counts(List<String> labels, List<String> said) {
    // By twice the label, and what was said.
    long[] counts = new long[4];
    for (int i = 0; i < labels.size(); i++) {
      counts[(labels.get(i).equals(POSITIVE) ? 2 : 0) + (said.get(i).equals(POSITIVE) ? 1 : 0)]++;
    }
    return new BinaryCounts(counts[3], counts[1], counts[2], counts[0]);
  }

  /** Fails where there is nothing to correlate. */
  static void checkCorrelated(Path gold, int rows) {
    if (rows < 2) {
      throw new FileException(gold + ": one row, expected two at least for a correlation");
    }
  }

  static double[] numbers(Path gold, List<String> values) {
    checkCorrelated(gold, values.size());
    return values.stream().mapToDouble(Double::parseDouble).toArray();
  }
}
