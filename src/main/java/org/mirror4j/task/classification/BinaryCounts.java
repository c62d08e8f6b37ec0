package org.mirror4j.task.classification;

import org.mirror4j.task.Found;

/**
 * Predictions of two classes against labels.
 *
 * @param truePositives labelled positive and said to be
 * @param falsePositives labelled negative and said to be positive
 * @param falseNegatives labelled positive and said to be negative
 * @param trueNegatives labelled negative and said to be
 */
record BinaryCounts(
    long truePositives, long falsePositives, long falseNegatives, long trueNegatives) {
  /** Precision, recall and F1 of the positive class. */
  Found positives() {
    return new Found(truePositives, truePositives + falsePositives, truePositives + falseNegatives);
  }

  /**
   * Matthews' correlation coefficient, which is Pearson's of the two classes as 0 and 1:
   *
   * <pre>
   *   (TP TN - FP FN) / sqrt((TP + FP) (TP + FN) (TN + FP) (TN + FN))
   * </pre>
   *
   * 0 where either has one class only.
   */
  double matthews() {
    double spread =
        Math.sqrt((double) (truePositives + falsePositives) * (truePositives + falseNegatives))
            * Math.sqrt(
                (double) (trueNegatives + falsePositives) * (trueNegatives + falseNegatives));
    double product =
        (double) truePositives * trueNegatives - (double) falsePositives * falseNegatives;
    return spread == 0 ? 0 : product / spread;
  }
}
