package org.mirror4j.reference;

import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;

/**
 * The contrastive objective of Mirror-BERT (Liu et al. 2021, eq. 1): normalised temperature-scaled
 * cross entropy over 2N views, row i and i + N being views of the same text.
 */
public final class ReferenceContrastive {
  private static final double MIN_NORM = 1e-12;

  private ReferenceContrastive() {}

  /** Mean loss of the views, 1 x 1; 0 for N = 1, where there is nothing to tell apart. */
  public static Variable loss(Tape tape, Variable pooled, int[] groups, double temperature) {
    Variable u = normalizeRows(tape, pooled);
    return tape.meanOfRows(losses(tape, tape.multiplyTransposed(u, u), groups, temperature));
  }

  /**
   * Loss of each view, {@code -log softmax over the candidates of similarity / temperature, at the
   * partner}. Candidates are the partner and every view of another group.
   *
   * @param similarities [2N, 2N]
   * @param groups of the 2N views; views of one group are not negatives of each other
   * @return [2N, 1]
   */
  public static Variable losses(
      Tape tape, Variable similarities, int[] groups, double temperature) {
    int views = similarities.rows();
    if (views % 2 != 0 || groups.length != views) {
      throw new IllegalArgumentException(
          views + " views in " + groups.length + " groups, expected an even and equal number");
    }
    int[] partners = IntStream.range(0, views).map(i -> (i + views / 2) % views).toArray();
    return ReferenceSoftmax.crossEntropy(
        tape,
        tape.scale(similarities, 1 / temperature),
        (i, j) -> j == partners[i] || groups[j] != groups[i],
        partners);
  }

  /** Groups that leave every other text a negative: the loss of the paper. */
  public static int[] distinctGroups(int texts) {
    return IntStream.range(0, 2 * texts).map(i -> i % texts).toArray();
  }

  /** {@code u = h / max(||h||, 1e-12)} by rows. */
  public static Variable normalizeRows(Tape tape, Variable h) {
    DMatrixRMaj u = h.value().copy();
    double[] norms = new double[h.rows()];
    for (int r = 0; r < h.rows(); r++) {
      double squares = 0;
      for (int c = 0; c < h.columns(); c++) {
        squares += h.value().get(r, c) * h.value().get(r, c);
      }
      norms[r] = Math.sqrt(squares);
      for (int c = 0; c < h.columns(); c++) {
        u.set(r, c, h.value().get(r, c) / Math.max(norms[r], MIN_NORM));
      }
    }
    return tape.operation(
        u,
        dU -> {
          for (int r = 0; r < u.numRows; r++) {
            double along = 0;
            for (int c = 0; c < u.numCols; c++) {
              along += u.get(r, c) * dU.get(r, c);
            }
            // A clamped norm is a constant: no direction is projected out.
            boolean clamped = norms[r] < MIN_NORM;
            for (int c = 0; c < u.numCols; c++) {
              double d = clamped ? dU.get(r, c) : dU.get(r, c) - along * u.get(r, c);
              h.gradient().add(r, c, d / Math.max(norms[r], MIN_NORM));
            }
          }
        });
  }
}
