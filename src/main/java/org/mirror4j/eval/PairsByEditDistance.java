package org.mirror4j.eval;

import java.util.Arrays;
import java.util.List;
import org.mirror4j.device.Device;
import org.mirror4j.statistics.Spearman;

/**
 * Scored pairs whose {@link EditDistance} is compared with an encoder's cosines and with the scores
 * (Li et al. 2020, table 6). People's scores hardly follow the distance: an encoder whose cosines
 * do, Spearman's rho being far below 0, judges by the words.
 */
record PairsByEditDistance(ScoredPairs scored) implements TaskData {
  @Override
  public boolean arePairs() {
    return true;
  }

  @Override
  public List<String> texts() {
    return scored.texts();
  }

  @Override
  public List<Measurement> measure(String task, Device device, MeasuredEncoder encoder) {
    double[] cosines;
    try (EmbeddedTexts embedded = EmbeddedTexts.embed(encoder, texts())) {
      cosines = SimilarityEvaluation.cosines(embedded, scored.pairs());
    }
    double[] scores = scored.pairs().stream().mapToDouble(ScoredPair::score).toArray();
    double[] distances =
        scored.pairs().stream()
            .mapToDouble(pair -> EditDistance.of(pair.left(), pair.right()))
            .toArray();
    return List.of(
        measurement(task, Measurement.Measure.SPEARMAN_WITH_EDIT_DISTANCE, cosines, distances),
        measurement(task, Measurement.Measure.SCORES_WITH_EDIT_DISTANCE, scores, distances));
  }

  private Measurement measurement(
      String task, Measurement.Measure measure, double[] similarities, double[] distances) {
    double rho = 100 * Spearman.rho(similarities, distances);
    Measurement measurement =
        new Measurement(task, measure, rho, distances.length, scored.skippedLines());
    return Double.isNaN(rho)
        ? measurement.withRemark(
            "all pairs have the same "
                + (Arrays.stream(distances).distinct().count() == 1
                    ? "edit distance"
                    : "similarity"))
        : measurement;
  }
}
