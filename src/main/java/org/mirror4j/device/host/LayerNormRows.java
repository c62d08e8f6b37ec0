package org.mirror4j.device.host;

import org.mirror4j.tensor.Tensor;

/**
 * LayerNorm of the rows of a matrix for operations that do more to a row while it is in the cache.
 * The operands are set once, then any number of threads compute rows.
 */
final class LayerNormRows {
  private long x;
  private long y;
  private long mean;
  private long rstd;
  private long gamma;
  private long beta;
  private float epsilon;
  private int width;

  /** Sets the operands of {@link #normalize}. */
  void forward(
      Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon) {
    backward(x, mean, rstd, gamma);
    this.y = y.address();
    this.beta = beta.address();
    this.epsilon = epsilon;
  }

  /** Sets the operands of {@link #gradient}. */
  void backward(Tensor x, Tensor mean, Tensor rstd, Tensor gamma) {
    this.x = x.address();
    this.mean = mean.address();
    this.rstd = rstd.address();
    this.gamma = gamma.address();
    width = x.columns();
  }

  /** Where a row of this width starts in a matrix. */
  long row(Tensor matrix, int row) {
    return matrix.address() + 4L * row * width;
  }

  /**
   * Writes a row of y and its statistics.
   *
   * @param scratch room of {@link LayerNormRow#SCRATCH}
   */
  void normalize(int row, long scratch) {
    long at = 4L * row * width;
    float m = RowLoops.total(x + at, width, scratch) / width;
    float r = LayerNormRow.rstd(x + at, m, epsilon, width, scratch);
    LayerNormRow.normalize(y + at, x + at, m, r, gamma, beta, width);
    HostMemory.f32(mean, row, m);
    HostMemory.f32(rstd, row, r);
  }

  /**
   * {@link LayerNormRow#backward} of a row.
   *
   * @param dX may be {@code dY}
   * @param sums partial sums of the gradients of gamma and, after them, of beta
   */
  void gradient(int row, long dX, long sums, long dY, long scratch) {
    float m = HostMemory.f32(mean, row);
    float r = HostMemory.f32(rstd, row);
    long at = x + 4L * row * width;
    LayerNormRow.backward(dX, sums, sums + 4L * width, dY, at, m, r, gamma, width, scratch);
  }

  /** Adds what {@link #gradient} has summed; it fills the first columns of {@code sums}. */
  void addGradients(Tensor dGamma, Tensor dBeta, ColumnSums sums) {
    sums.addTo(dGamma, 0, width);
    sums.addTo(dBeta, width, width);
  }
}
