package org.mirror4j.eval;

import org.mirror4j.statistics.Spearman;

/** The receiver operating characteristic of a score that is to tell positives from negatives. */
final class RocCurve {
  private RocCurve() {}

  /**
   * The area under the curve, which is the chance that a positive has a higher score than a
   * negative, equal scores counted half (Hanley and McNeil 1982):
   *
   * <pre>
   *   AUC = (R - P (P + 1) / 2) / (P N)
   * </pre>
   *
   * R is the sum of the ranks of the P positives among all, equal scores at their average rank; N
   * are the negatives.
   *
   * @throws IllegalArgumentException if there is no positive or no negative, or a score is NaN
   */
  static double area(double[] scores, boolean[] positive) {
    double[] ranks = Spearman.ranks(scores);
    double sum = 0;
    long positives = 0;
    for (int i = 0; i < ranks.length; i++) {
      if (positive[i]) {
        sum += ranks[i];
        positives++;
      }
    }
    long negatives = ranks.length - positives;
    if (positives == 0 || negatives == 0) {
      throw new IllegalArgumentException(
          "ROC: %d positives and %d negatives, expected both".formatted(positives, negatives));
    }
    return (sum - positives * (positives + 1) / 2.0) / ((double) positives * negatives);
  }
}
