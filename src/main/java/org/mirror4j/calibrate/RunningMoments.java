package org.mirror4j.calibrate;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Mean and covariance of vectors that come one after the other and are not kept. Blocks are centred
 * by their own means and joined (Chan, Golub and LeVeque 1979), so that nothing cancels, however
 * far the mean is from zero:
 *
 * <pre>
 *   d = mean_b - mean_a
 *   mean = mean_a + d n_b / n
 *   S = S_a + S_b + d d^T n_a n_b / n,   n = n_a + n_b,   covariance = S / (n - 1)
 * </pre>
 */
public final class RunningMoments {
  /** Vectors of a block. */
  private static final int BLOCK = 256;

  private final DMatrixRMaj block;
  private final DMatrixRMaj blockScatter;
  private final DMatrixRMaj mean;
  private final DMatrixRMaj scatter;
  private final double[] difference;
  private int filled;
  private long joined;

  /**
   * No vectors yet.
   *
   * @param width values of a vector
   */
  public RunningMoments(int width) {
    block = new DMatrixRMaj(BLOCK, width);
    blockScatter = new DMatrixRMaj(width, width);
    mean = new DMatrixRMaj(width, 1);
    scatter = new DMatrixRMaj(width, width);
    difference = new double[width];
  }

  /**
   * Adds a vector.
   *
   * @throws IllegalArgumentException if it has another width
   * @throws ArithmeticException if a value is not finite
   */
  public void add(float[] vector) {
    if (vector.length != difference.length) {
      throw new IllegalArgumentException(
          "vector %d has %d values, expected %d"
              .formatted(joined + filled, vector.length, difference.length));
    }
    for (int i = 0; i < vector.length; i++) {
      if (!Float.isFinite(vector[i])) {
        throw new ArithmeticException(
            "vector %d holds %s, expected finite values".formatted(joined + filled, vector[i]));
      }
      block.unsafe_set(filled, i, vector[i]);
    }
    filled++;
    if (filled == BLOCK) {
      join();
    }
  }

  private void join() {
    int width = difference.length;
    block.reshape(filled, width);
    for (int i = 0; i < width; i++) {
      double sum = 0;
      for (int row = 0; row < filled; row++) {
        sum += block.unsafe_get(row, i);
      }
      double blockMean = sum / filled;
      for (int row = 0; row < filled; row++) {
        block.unsafe_set(row, i, block.unsafe_get(row, i) - blockMean);
      }
      difference[i] = blockMean - mean.get(i);
    }
    CommonOps_DDRM.multInner(block, blockScatter);
    CommonOps_DDRM.addEquals(scatter, blockScatter);
    long all = joined + filled;
    double weight = (double) joined * filled / all;
    for (int i = 0; i < width; i++) {
      mean.set(i, mean.get(i) + difference[i] * filled / all);
      for (int j = 0; j < width; j++) {
        // The product first, so that the matrix stays symmetric to the last bit.
        scatter.data[i * width + j] += weight * (difference[i] * difference[j]);
      }
    }
    joined = all;
    filled = 0;
    block.reshape(BLOCK, width);
  }

  /**
   * The moments of all vectors so far; more may follow.
   *
   * @throws IllegalArgumentException if there are fewer than 2, or all are the same but for
   *     roundings, see {@link EncoderRounding}
   */
  public Moments moments() {
    if (filled > 0) {
      join();
    }
    if (joined < 2) {
      throw new IllegalArgumentException(
          "a calibration is fitted on %d vectors, expected at least 2".formatted(joined));
    }
    DMatrixRMaj covariance = new DMatrixRMaj(scatter.numRows, scatter.numCols);
    CommonOps_DDRM.scale(1.0 / (joined - 1), scatter, covariance);
    Moments moments = new Moments(joined, mean.copy(), covariance);
    if (moments.areOfOneVector()) {
      throw new IllegalArgumentException(
          "a calibration is fitted on %,d vectors that are all the same, expected different ones"
              .formatted(joined));
    }
    return moments;
  }
}
