package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Optimizer#adamW}, one pass over the buffers, and the same of
 * some rows.
 */
final class HostAdamW {
  /** Elements of a piece: the four runs fit the second-level cache of one core. */
  private static final int PIECE = 1 << 14;

  private final HostThreads threads;
  private final HostThreads.Task update = this::update;
  private final HostThreads.Task updateRows = this::updateRows;
  private Tensor parameters;
  private Tensor stored;
  private Tensor gradients;
  private Tensor firstMoment;
  private Tensor secondMoment;
  private Tensor rows;
  private float gradientScale;
  private float beta1;
  private float beta2;
  private float oneMinusBeta1;
  private float oneMinusBeta2;
  private float decay;
  private float stepSize;
  private float inverseRoot;
  private float epsilon;

  HostAdamW(HostThreads threads) {
    this.threads = threads;
  }

  /** {@link org.mirror4j.device.operation.Optimizer#adamW}. */
  void run(
      Optimizer.AdamW operands,
      float gradientScale,
      float decay,
      float stepSize,
      float inverseRoot) {
    take(operands, gradientScale, decay, stepSize, inverseRoot);
    threads.run((int) ((parameters.size() + PIECE - 1) / PIECE), update);
  }

  /** {@link org.mirror4j.device.operation.Optimizer#adamWRows}. */
  void run(
      Optimizer.AdamW operands,
      Tensor rows,
      float gradientScale,
      float decay,
      float stepSize,
      float inverseRoot) {
    take(operands, gradientScale, decay, stepSize, inverseRoot);
    this.rows = rows;
    HostIndices.requireBelow("adamWRows", rows, parameters.rows());
    threads.run(Math.ceilDiv(rows.rows(), rowsOfPiece()), updateRows);
  }

  private void take(
      Optimizer.AdamW operands,
      float gradientScale,
      float decay,
      float stepSize,
      float inverseRoot) {
    parameters = operands.parameters();
    stored = operands.stored();
    gradients = operands.gradients();
    firstMoment = operands.firstMoment();
    secondMoment = operands.secondMoment();
    beta1 = operands.beta1();
    beta2 = operands.beta2();
    epsilon = operands.epsilon();
    this.gradientScale = gradientScale;
    this.decay = decay;
    this.stepSize = stepSize;
    this.inverseRoot = inverseRoot;
    oneMinusBeta1 = (float) (1 - (double) beta1);
    oneMinusBeta2 = (float) (1 - (double) beta2);
  }

  private int rowsOfPiece() {
    return Math.max(1, PIECE / Math.max(1, parameters.columns()));
  }

  private void update(int index, int worker) {
    long first = (long) index * PIECE;
    update(first, (int) Math.min(PIECE, parameters.size() - first));
  }

  private void updateRows(int index, int worker) {
    int columns = parameters.columns();
    int from = index * rowsOfPiece();
    int to = Math.min(rows.rows(), from + rowsOfPiece());
    for (int i = from; i < to; i++) {
      update((long) HostAllocator.i32(rows.address(), i) * columns, columns);
    }
  }

  private void update(long first, int count) {
    long p = parameters.address() + 4 * first;
    long g = gradients.address() + 4 * first;
    long m = firstMoment.address() + 4 * first;
    long v = secondMoment.address() + 4 * first;
    int i = updateFull(p, g, m, v, count);
    if (i < count) {
      updateTail(p, g, m, v, i, count);
    }
    if (stored != parameters) {
      StoredRow.write(stored, first, count, p);
    }
  }

  private int updateFull(long p, long g, long m, long v, int count) {
    FloatVector correction = broadcast(SPECIES, inverseRoot);
    FloatVector smallest = broadcast(SPECIES, epsilon);
    int i = 0;
    for (; i < SPECIES.loopBound(count); i += LANES) {
      long o = 4L * i;
      FloatVector gradient = fromMemorySegment(SPECIES, ALL, g + o, ORDER).mul(gradientScale);
      FloatVector first =
          fromMemorySegment(SPECIES, ALL, m + o, ORDER).mul(beta1).add(gradient.mul(oneMinusBeta1));
      first.intoMemorySegment(ALL, m + o, ORDER);
      FloatVector second =
          fromMemorySegment(SPECIES, ALL, v + o, ORDER)
              .mul(beta2)
              .add(gradient.mul(gradient).mul(oneMinusBeta2));
      second.intoMemorySegment(ALL, v + o, ORDER);
      FloatVector update = first.mul(stepSize).div(second.sqrt().fma(correction, smallest));
      fromMemorySegment(SPECIES, ALL, p + o, ORDER)
          .mul(decay)
          .sub(update)
          .intoMemorySegment(ALL, p + o, ORDER);
    }
    return i;
  }

  private void updateTail(long p, long g, long m, long v, int i, int count) {
    for (; i < count; i++) {
      float gradient = HostAllocator.f32(g, i) * gradientScale;
      float first = HostAllocator.f32(m, i) * beta1 + gradient * oneMinusBeta1;
      float second = HostAllocator.f32(v, i) * beta2 + gradient * gradient * oneMinusBeta2;
      float root = (float) Math.sqrt(second);
      float update = first * stepSize / Math.fma(root, inverseRoot, epsilon);
      HostAllocator.f32(m, i, first);
      HostAllocator.f32(v, i, second);
      HostAllocator.f32(p, i, HostAllocator.f32(p, i) * decay - update);
    }
  }
}
