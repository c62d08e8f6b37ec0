package org.mirror4j.task.coreference;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Figure;
import org.mirror4j.task.Measure;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.task.Scorer;
import org.mirror4j.text.TextException;

/**
 * Scores coreference as version 8.01 of the CoNLL reference scorer does (Pradhan et al. 2014,
 * "Scoring Coreference Partitions of Predicted Mentions"): {@code mentions} (whether they were
 * found, by their exact words), {@code muc}, {@code bcub}, {@code ceafm}, {@code ceafe}, {@code
 * blanc}, and {@code conll}, the means of the precisions, recalls and F1 of muc, bcub and ceafe, of
 * which F1 is the measure of CoNLL-2012.
 *
 * <p>Unlike that program, which takes a document that the predictions lack for one without mentions
 * and passes over documents that it does not know, this one refuses both.
 */
public final class CoreferenceScorer implements Scorer {
  /** As many as the reference scorer bears with before it refuses a response. */
  private static final int MAX_REPEATED = 10;

  /** The metric that stands for all. */
  private static final String CONLL = "conll";

  @Override
  public String name() {
    return "coreference";
  }

  @Override
  public String description() {
    return "CoNLL's mean F1 of MUC, B-cubed and CEAF, and each; columns of CoNLL-2012";
  }

  @Override
  public List<Figure> score(ScoredFiles files, Consumer<String> notices) {
    List<Figure> all = new ArrayList<>();
    List<Figure> metrics = new ArrayList<>();
    for (MetricFigures figures : score(files.gold(), files.predictions(), notices)) {
      boolean isMean = figures.metric().equals(CONLL);
      String part = isMean ? "" : figures.metric();
      (isMean ? all : metrics)
          .addAll(
              List.of(
                  new Figure(Measure.PRECISION, part, figures.precision()),
                  new Figure(Measure.RECALL, part, figures.recall()),
                  new Figure(Measure.F1, part, figures.f1())));
    }
    all.addAll(metrics);
    return all;
  }

  /**
   * The figures of all metrics, in the order above.
   *
   * @param gold file that {@link ConllReader} reads
   * @param predictions the same documents with predicted chains
   * @param notices is told what is worth knowing of the files
   * @throws TextException if a file is no such file, the documents or their lengths differ, or more
   *     than ten mentions are predicted again that were predicted before
   * @throws FileException if a file cannot be read
   */
  public static List<MetricFigures> score(Path gold, Path predictions, Consumer<String> notices) {
    return counts(gold, predictions, notices).figures();
  }

  static CoreferenceCounts counts(Path gold, Path predictions, Consumer<String> notices) {
    Map<String, CoreferenceDocument> predicted = new LinkedHashMap<>();
    for (CoreferenceDocument document : ConllReader.read(predictions, notices)) {
      predicted.put(document.title(), document);
    }
    CoreferenceCounts counts = CoreferenceCounts.NONE;
    for (CoreferenceDocument key : ConllReader.read(gold, notices)) {
      CoreferenceDocument response = predicted.remove(key.title());
      if (response == null) {
        throw new TextException(
            "%s lacks document %s, expected those of %s"
                .formatted(predictions, quote(key.title()), gold));
      }
      if (response.length() != key.length()) {
        throw new TextException(
            "%s: document %s has %d words, expected %d as in %s"
                .formatted(predictions, quote(key.title()), response.length(), key.length(), gold));
      }
      counts = counts.plus(CoreferenceCounts.of(key.chains(), response.chains()));
    }
    if (!predicted.isEmpty()) {
      throw new TextException(
          "%s has document %s, expected those of %s"
              .formatted(predictions, quote(predicted.keySet().iterator().next()), gold));
    }
    if (counts.repeated() > MAX_REPEATED) {
      throw new TextException(
          "%s has %d mentions of %s again in the same or another chain, expected at most %d as in"
                  .formatted(predictions, counts.repeated(), gold, MAX_REPEATED)
              + " the reference scorer");
    }
    return counts;
  }
}
