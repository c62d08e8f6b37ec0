package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Norm.ResidualLayerNorm;
import org.mirror4j.device.operation.Norm.ResidualLayerNormBackward;
import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Norm#residualLayerNorm} and its gradient. A row stays in the
 * cache through its passes: sum and dropout, variance, normalisation.
 */
final class HostResidualLayerNorm {
  /** Rows of a piece of the forward pass. */
  private static final int ROWS = 16;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final ColumnSums sums;
  private final LayerNormRows layerNorm = new LayerNormRows();
  private final HostThreads.Task forward = this::forward;
  private final HostThreads.Task backward = this::backward;
  private Tensor y;
  private Tensor z;
  private Tensor residual;
  private Tensor bias;
  private Tensor dResidual;
  private Tensor dX;
  private Tensor dY;
  private Dropout dropout;
  private int site;

  HostResidualLayerNorm(HostThreads threads, HostScratch[] scratch, HostAllocator memory) {
    this.threads = threads;
    this.scratch = scratch;
    sums = new ColumnSums(threads, memory);
  }

  /** {@link org.mirror4j.device.operation.Norm#residualLayerNorm}. */
  void forward(ResidualLayerNorm operands, Dropout dropout) {
    y = operands.norm().y();
    z = operands.norm().x();
    residual = operands.residual();
    bias = operands.bias();
    site = operands.site();
    this.dropout = dropout;
    layerNorm.forward(operands.norm());
    threads.run((z.rows() + ROWS - 1) / ROWS, forward);
  }

  private void forward(int index, int worker) {
    int width = z.columns();
    int end = Math.min(z.rows(), (index + 1) * ROWS);
    int floats = HostDropout.floats(width);
    long keep = scratch[worker].floats(floats + 2L * width);
    long sums = keep + 4L * floats;
    long values = sums + 4L * width;
    for (int row = index * ROWS; row < end; row++) {
      long first = (long) row * width;
      long sum = StoredRow.load(z, first, width, sums);
      HostDropout.multipliers(keep, dropout, site, row, width, width);
      long added = StoredRow.load(residual, first, width, values);
      addResidual(sum, keep, bias.address(), added, width);
      StoredRow.round(z, first, width, sum);
      long result = StoredRow.room(y, first, values);
      layerNorm.normalize(row, result, sum, keep);
      StoredRow.store(y, first, width, result);
    }
  }

  /** {@code z = (z + bias) keep + residual}. */
  private static void addResidual(long z, long keep, long bias, long residual, int count) {
    int whole = SPECIES.loopBound(count);
    for (int i = 0; i < whole; i += LANES) {
      fromMemorySegment(SPECIES, ALL, z + 4L * i, ORDER)
          .add(fromMemorySegment(SPECIES, ALL, bias + 4L * i, ORDER))
          .fma(
              fromMemorySegment(SPECIES, ALL, keep + 4L * i, ORDER),
              fromMemorySegment(SPECIES, ALL, residual + 4L * i, ORDER))
          .intoMemorySegment(ALL, z + 4L * i, ORDER);
    }
    for (int i = whole; i < count; i++) {
      float biased = HostAllocator.f32(z, i) + HostAllocator.f32(bias, i);
      HostAllocator.f32(
          z, i, Math.fma(biased, HostAllocator.f32(keep, i), HostAllocator.f32(residual, i)));
    }
  }

  /** {@link org.mirror4j.device.operation.Norm#residualLayerNormBackward}. */
  void backward(ResidualLayerNormBackward operands, Dropout dropout) {
    z = operands.forward().norm().x();
    if (z.rows() == 0) {
      return;
    }
    dResidual = operands.dResidual();
    dX = operands.dX();
    dY = operands.dY();
    site = operands.forward().site();
    this.dropout = dropout;
    layerNorm.backward(operands.forward().norm());
    int width = z.columns();
    threads.run(sums.plan(z.rows(), 3 * width), backward);
    layerNorm.addGradients(operands.dGamma(), operands.dBeta(), sums);
    sums.addTo(operands.dBias(), 2 * width, width);
  }

  private void backward(int index, int worker) {
    int width = z.columns();
    int end = Math.min(z.rows(), (index + 1) * ColumnSums.ROWS);
    int floats = HostDropout.floats(width);
    long keep = scratch[worker].floats(floats + 2L * width);
    long values = keep + 4L * floats;
    long gradients = values + 4L * width;
    long block = sums.block(index);
    long dBias = block + 8L * width;
    for (int row = index * ColumnSums.ROWS; row < end; row++) {
      long first = (long) row * width;
      long dZ = StoredRow.room(dResidual, first, gradients);
      layerNorm.gradient(
          row,
          dZ,
          block,
          StoredRow.load(dY, first, width, gradients),
          StoredRow.load(z, first, width, values),
          keep);
      StoredRow.store(dResidual, first, width, dZ);
      HostDropout.multipliers(keep, dropout, site, row, width, width);
      long gradient = StoredRow.room(dX, first, values);
      RowLoops.multiply(gradient, dZ, keep, width);
      StoredRow.store(dX, first, width, gradient);
      RowLoops.add(dBias, gradient, width);
    }
  }
}
