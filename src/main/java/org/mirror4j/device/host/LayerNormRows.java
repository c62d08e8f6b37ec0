package org.mirror4j.device.host;

import org.mirror4j.device.operation.Norm.LayerNorm;
import org.mirror4j.tensor.Tensor;

/**
 * LayerNorm of the rows of a matrix for operations that do more to a row while it is in the cache.
 * The operands are set once, then any number of threads compute rows.
 */
final class LayerNormRows {
  private long mean;
  private long rstd;
  private long gamma;
  private long beta;
  private float epsilon;
  private int width;

  /** Sets the operands of {@link #normalize}. */
  void forward(LayerNorm norm) {
    backward(norm);
    beta = norm.beta().address();
    epsilon = norm.epsilon();
  }

  /** Sets the operands of {@link #gradient}. */
  void backward(LayerNorm norm) {
    mean = norm.mean().address();
    rstd = norm.rstd().address();
    gamma = norm.gamma().address();
    width = norm.gamma().rows();
  }

  /**
   * Normalises one row and writes its statistics.
   *
   * @param y the result, f32
   * @param x the row as it is stored, f32
   * @param scratch room of {@link LayerNormRow#SCRATCH}
   */
  void normalize(int row, long y, long x, long scratch) {
    float m = RowLoops.total(x, width, scratch) / width;
    float r = LayerNormRow.rstd(x, m, epsilon, width, scratch);
    LayerNormRow.normalize(y, x, m, r, gamma, beta, width);
    HostAllocator.f32(mean, row, m);
    HostAllocator.f32(rstd, row, r);
  }

  /**
   * {@link LayerNormRow#backward} of a row.
   *
   * @param dX may be {@code dY}
   * @param sums partial sums of the gradients of gamma and, after them, of beta
   * @param x the row that was normalised, f32
   */
  void gradient(int row, long dX, long sums, long dY, long x, long scratch) {
    float m = HostAllocator.f32(mean, row);
    float r = HostAllocator.f32(rstd, row);
    LayerNormRow.backward(dX, sums, sums + 4L * width, dY, x, m, r, gamma, width, scratch);
  }

  /** Adds what {@link #gradient} has summed; it fills the first columns of {@code sums}. */
  void addGradients(Tensor dGamma, Tensor dBeta, ColumnSums sums) {
    sums.addTo(dGamma, 0, width);
    sums.addTo(dBeta, width, width);
  }
}
