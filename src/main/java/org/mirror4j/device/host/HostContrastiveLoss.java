package org.mirror4j.device.host;

import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.mirror4j.tensor.Tensor;

/**
 * Contrastive loss and its gradient: {@link org.mirror4j.device.operation.Loss#contrastiveLoss}.
 * The partner is taken out of the vectors and dealt with alone, in f64, so that neither a loss near
 * 0 nor the gradient {@code P - 1} is a difference of equals.
 */
final class HostContrastiveLoss implements HostThreads.Task {
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());
  private static final int MINUS_INFINITY = Float.floatToRawIntBits(Float.NEGATIVE_INFINITY);

  /** Rows of a piece of work. */
  private static final int ROWS = 4;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private long loss;
  private long similarities;
  private long groups;
  private float temperature;
  private int views;

  HostContrastiveLoss(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  void contrastiveLoss(Tensor loss, Tensor similarities, Tensor groups, float temperature) {
    this.loss = loss.address();
    this.similarities = similarities.address();
    this.groups = groups.address();
    this.temperature = temperature;
    views = similarities.rows();
    threads.run((views + ROWS - 1) / ROWS, this);
  }

  @Override
  public void run(int index, int worker) {
    int end = Math.min(views, (index + 1) * ROWS);
    long values = scratch[worker].floats(SmallProducts.stride(views) + LANES);
    for (int i = index * ROWS; i < end; i++) {
      row(i, values);
    }
  }

  private void row(int i, long values) {
    long row = similarities + 4L * i * views;
    int partner = i < views / 2 ? i + views / 2 : i - views / 2;
    int group = HostAllocator.i32(groups, i);
    float positive = HostAllocator.f32(row, partner);
    HostAllocator.f32(row, partner, Float.NEGATIVE_INFINITY);

    exclude(row, groups, group, views);
    long lanes = values + 4L * SmallProducts.stride(views);
    float max = Math.max(positive, RowLoops.max(row, views, lanes));
    RowLoops.shift(values, row, max, 1, views);
    RowLoops.divide(values, values, temperature, views);
    VectorMath.exp(values, views);
    double negatives = RowLoops.total(values, views, lanes);
    double shift = ((double) positive - max) / temperature;
    double partnerTerm = StrictMath.exp(shift);
    double sum = negatives + partnerTerm;
    double weight = 1 / (views * (double) temperature);

    // The second form is for a partner so far below a negative that its term vanishes.
    double value =
        partnerTerm > 1e-30
            ? StrictMath.log1p(negatives / partnerTerm)
            : StrictMath.log(negatives) - shift;
    HostAllocator.f32(loss, i, (float) value);
    RowLoops.scale(row, values, (float) (weight / sum), views);
    HostAllocator.f32(row, partner, (float) (0 - weight * negatives / sum));
  }

  /**
   * The row becomes {@code -infinity} where it is no negative. It is handled as integers, for which
   * the mask is made (see {@link VectorMath}).
   *
   * @param group views of this group are no negatives
   */
  private static void exclude(long row, long groups, int group, int count) {
    int whole = INTS.loopBound(count);
    for (int j = 0; j < whole; j += LANES) {
      IntVector.fromMemorySegment(INTS, ALL, row + 4L * j, ORDER)
          .blend(
              MINUS_INFINITY,
              IntVector.fromMemorySegment(INTS, ALL, groups + 4L * j, ORDER)
                  .compare(VectorOperators.EQ, group))
          .intoMemorySegment(ALL, row + 4L * j, ORDER);
    }
    for (int j = whole; j < count; j++) {
      if (HostAllocator.i32(groups, j) == group) {
        HostAllocator.i32(row, j, MINUS_INFINITY);
      }
    }
  }
}
