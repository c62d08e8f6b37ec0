package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostMemory.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.mirror4j.device.Dropout;
import org.mirror4j.device.Kernels;
import org.mirror4j.tensor.Tensor;

/**
 * {@link Kernels#residualLayerNorm} and its gradient. A row stays in the cache through its passes:
 * sum and dropout, variance, normalisation.
 */
final class HostResidualLayerNorm {
  /** Rows of a piece of the forward pass. */
  private static final int ROWS = 16;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final ColumnSums sums;
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Tensor y;
  private Tensor z;
  private Tensor mean;
  private Tensor rstd;
  private Tensor residual;
  private Tensor bias;
  private Tensor gamma;
  private Tensor beta;
  private Tensor dResidual;
  private Tensor dX;
  private Tensor dY;
  private float epsilon;
  private Dropout dropout;
  private int site;

  HostResidualLayerNorm(HostThreads threads, HostScratch[] scratch, HostMemory memory) {
    this.threads = threads;
    this.scratch = scratch;
    sums = new ColumnSums(threads, memory);
  }

  /** {@link Kernels#residualLayerNorm}. */
  void forward(
      Tensor y,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor residual,
      Tensor bias,
      Tensor gamma,
      Tensor beta,
      float epsilon,
      Dropout dropout,
      int site) {
    this.y = y;
    this.z = z;
    this.mean = mean;
    this.rstd = rstd;
    this.residual = residual;
    this.bias = bias;
    this.gamma = gamma;
    this.beta = beta;
    this.epsilon = epsilon;
    this.dropout = dropout;
    this.site = site;
    threads.run((z.rows() + ROWS - 1) / ROWS, forward);
  }

  private void forward(int index, int worker) {
    int width = z.columns();
    int end = Math.min(z.rows(), (index + 1) * ROWS);
    long keep = scratch[worker].floats(HostDropout.floats(width));
    for (int row = index * ROWS; row < end; row++) {
      long at = 4L * row * width;
      HostDropout.multipliers(keep, dropout, site, row, width, width);
      float m = addResidual(z.address() + at, keep, bias.address(), residual.address() + at, width);
      m /= width;
      float r = LayerNormRow.rstd(z.address() + at, m, epsilon, width, keep);
      LayerNormRow.normalize(
          y.address() + at, z.address() + at, m, r, gamma.address(), beta.address(), width);
      HostMemory.f32(mean.address(), row, m);
      HostMemory.f32(rstd.address(), row, r);
    }
  }

  /** {@code z = (z + bias) keep + residual}; returns the sum of the new z. */
  private static float addResidual(long z, long keep, long bias, long residual, int count) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i < SPECIES.loopBound(count); i += LANES) {
      FloatVector x =
          fromMemorySegment(SPECIES, ALL, z + 4L * i, ORDER)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * i, ORDER))
              .fma(
                  fromMemorySegment(SPECIES, ALL, keep + 4L * i, ORDER),
                  fromMemorySegment(SPECIES, ALL, residual + 4L * i, ORDER));
      x.intoMemorySegment(ALL, z + 4L * i, ORDER);
      sum = sum.add(x);
    }
    if (i < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      FloatVector x =
          fromMemorySegment(SPECIES, ALL, z + 4L * i, ORDER, mask)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * i, ORDER, mask));
      x =
          x.fma(
              fromMemorySegment(SPECIES, ALL, keep + 4L * i, ORDER, mask),
              fromMemorySegment(SPECIES, ALL, residual + 4L * i, ORDER, mask));
      x.intoMemorySegment(ALL, z + 4L * i, ORDER, mask);
      sum = sum.add(x);
    }
    sum.intoMemorySegment(ALL, keep, ORDER); // the multipliers have served
    return VectorMath.sumAt(keep);
  }

  /** {@link Kernels#residualLayerNormBackward}. */
  void backward(
      Tensor dResidual,
      Tensor dX,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dBias,
      Tensor dY,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor gamma,
      Dropout dropout,
      int site) {
    if (z.rows() == 0) {
      return;
    }
    this.dResidual = dResidual;
    this.dX = dX;
    this.dY = dY;
    this.z = z;
    this.mean = mean;
    this.rstd = rstd;
    this.gamma = gamma;
    this.dropout = dropout;
    this.site = site;
    int width = z.columns();
    threads.run(sums.plan(z.rows(), 3 * width), backward);
    sums.addTo(dGamma, 0, width);
    sums.addTo(dBeta, width, width);
    sums.addTo(dBias, 2 * width, width);
  }

  private void backward(int index, int worker) {
    int width = z.columns();
    int end = Math.min(z.rows(), (index + 1) * ColumnSums.ROWS);
    long keep = scratch[worker].floats(HostDropout.floats(width));
    long dGamma = sums.block(index);
    long dBeta = dGamma + 4L * width;
    long dBias = dBeta + 4L * width;
    for (int row = index * ColumnSums.ROWS; row < end; row++) {
      long at = 4L * row * width;
      LayerNormRow.backward(
          dResidual.address() + at,
          dGamma,
          dBeta,
          dY.address() + at,
          z.address() + at,
          HostMemory.f32(mean.address(), row),
          HostMemory.f32(rstd.address(), row),
          gamma.address(),
          width,
          keep);
      HostDropout.multipliers(keep, dropout, site, row, width, width);
      throughDropout(dX.address() + at, dBias, dResidual.address() + at, keep, width);
    }
  }

  /** {@code dX = dResidual keep, dBias += dX}. */
  private static void throughDropout(long dX, long dBias, long dResidual, long keep, int count) {
    int i = 0;
    for (; i < SPECIES.loopBound(count); i += LANES) {
      FloatVector x =
          fromMemorySegment(SPECIES, ALL, dResidual + 4L * i, ORDER)
              .mul(fromMemorySegment(SPECIES, ALL, keep + 4L * i, ORDER));
      x.intoMemorySegment(ALL, dX + 4L * i, ORDER);
      fromMemorySegment(SPECIES, ALL, dBias + 4L * i, ORDER)
          .add(x)
          .intoMemorySegment(ALL, dBias + 4L * i, ORDER);
    }
    if (i < count) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, count);
      FloatVector x =
          fromMemorySegment(SPECIES, ALL, dResidual + 4L * i, ORDER, mask)
              .mul(fromMemorySegment(SPECIES, ALL, keep + 4L * i, ORDER, mask));
      x.intoMemorySegment(ALL, dX + 4L * i, ORDER, mask);
      fromMemorySegment(SPECIES, ALL, dBias + 4L * i, ORDER, mask)
          .add(x)
          .intoMemorySegment(ALL, dBias + 4L * i, ORDER, mask);
    }
  }
}
