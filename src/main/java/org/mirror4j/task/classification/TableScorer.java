package org.mirror4j.task.classification;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.statistics.Pearson;
import org.mirror4j.statistics.Spearman;
import org.mirror4j.task.Figure;
import org.mirror4j.task.Found;
import org.mirror4j.task.Measure;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.task.Scorer;

/**
 * Labels or numbers of one's own table. Of labels the accuracy, the unweighted mean of their F1,
 * and precision, recall and F1 of each; of numbers Pearson's and Spearman's correlation and their
 * mean.
 */
public final class TableScorer implements Scorer {
  static final Measure MACRO_F1 = Measure.percentage("macro-f1", "macro F1");

  private final boolean regression;

  /** Null until it has been said. */
  private final String column;

  private TableScorer(boolean regression, String column) {
    this.regression = regression;
    this.column = column;
  }

  /** Of labels and of numbers, to be told the column {@link #with}. */
  public static List<TableScorer> all() {
    return List.of(new TableScorer(false, null), new TableScorer(true, null));
  }

  /** The same for the column of a name. */
  public TableScorer with(String label) {
    return new TableScorer(regression, label);
  }

  @Override
  public String name() {
    return TableKind.name(regression);
  }

  @Override
  public String description() {
    return (regression ? "correlation of numbers" : "accuracy and F1 of labels")
        + " in one's own TSV or CSV; index TAB prediction";
  }

  @Override
  public List<Figure> score(ScoredFiles files, Consumer<String> notices) {
    List<LabelledText> texts = TableFile.labels(files.gold(), column, check(regression), notices);
    Map<String, String> predictions =
        PredictionFile.read(files.predictions(), notices, check(regression));
    GlueScorer.checkIds(files.predictions(), files.gold(), texts, predictions);
    List<Figure> figures = new ArrayList<>();
    figures.add(new Figure(Measure.ITEMS, texts.size()));
    figures.addAll(
        figures(
            regression,
            files.gold(),
            texts.stream().map(LabelledText::label).toList(),
            texts.stream().map(text -> predictions.get(text.id())).toList()));
    return figures;
  }

  /** What a label or a number may be. */
  static TableFile.LabelCheck check(boolean regression) {
    return regression ? TableScorer::checkNumber : TableScorer::checkLabel;
  }

  private static void checkNumber(String place, String label) {
    if (!GlueFile.isNumber(label)) {
      throw new FileException(
          "%s: the label is %s, expected a number".formatted(place, FileException.quote(label)));
    }
  }

  /** It has to fit into a line of predictions. */
  private static void checkLabel(String place, String label) {
    if (label.isBlank() || label.matches("(?s).*[\\t\\r\\n].*")) {
      throw new FileException(
          "%s: the label is %s, expected a name without tabs and ends of lines"
              .formatted(place, FileException.quote(label)));
    }
  }

  /**
   * The figures of what is said of texts, the one that decides first.
   *
   * @param gold file of the texts, for messages
   * @param labels of the texts
   * @param said of each the same
   */
  static List<Figure> figures(
      boolean regression, Path gold, List<String> labels, List<String> said) {
    return regression ? ofNumbers(gold, labels, said) : ofLabels(labels, said);
  }

  private static List<Figure> ofNumbers(Path gold, List<String> labels, List<String> said) {
    double[] right = GlueScorer.numbers(gold, labels);
    double[] found = GlueScorer.numbers(gold, said);
    double pearson = 100 * Pearson.r(right, found);
    double spearman = 100 * Spearman.rho(right, found);
    return List.of(
        new Figure(GlueScorer.MEAN, (pearson + spearman) / 2),
        new Figure(GlueScorer.PEARSON, pearson),
        new Figure(GlueScorer.SPEARMAN, spearman));
  }

  private static List<Figure> ofLabels(List<String> labels, List<String> said) {
    SortedMap<String, Found> found = new TreeMap<>();
    for (int i = 0; i < labels.size(); i++) {
      boolean right = labels.get(i).equals(said.get(i));
      found.merge(labels.get(i), new Found(right ? 1 : 0, 0, 1), Found::plus);
      found.merge(said.get(i), new Found(0, 1, 0), Found::plus);
    }
    double macro = found.values().stream().mapToDouble(Found::f1).average().orElseThrow();
    List<Figure> figures = new ArrayList<>();
    figures.add(new Figure(Measure.ACCURACY, 100 * GlueScorer.accuracy(labels, said)));
    figures.add(new Figure(MACRO_F1, 100 * macro));
    found.forEach((label, one) -> figures.addAll(one.figures(label)));
    return figures;
  }
}
