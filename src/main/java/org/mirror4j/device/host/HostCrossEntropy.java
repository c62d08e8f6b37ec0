package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import org.mirror4j.tensor.Tensor;

/**
 * Softmax cross entropy and its gradient: {@link
 * org.mirror4j.device.operation.Loss#softmaxCrossEntropy}. A piece of work is a row, three passes
 * over it: bias and maximum, exponentials and sum, scaling. The passes are called through an
 * interface so that the compiler keeps them apart (see {@link VectorMath}).
 */
final class HostCrossEntropy implements HostThreads.Task {
  private interface Pass {
    /**
     * Works on a row.
     *
     * @param values scratch: maximum and sum, a vector further a vector and a chunk
     */
    void run(long row, int index, long values);
  }

  /** Elements that are worked on at a time: they stay in the first-level cache. */
  private static final int CHUNK = 1024;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final Pass[] passes = {this::addBias, this::exponentials, this::finish};
  private long loss;
  private Tensor logits;
  private long bias;
  private long labels;
  private int vocabulary;
  private float gradientScale;

  HostCrossEntropy(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  void softmaxCrossEntropy(
      Tensor loss, Tensor logits, Tensor bias, Tensor labels, Tensor gradientScale) {
    this.loss = loss.address();
    this.logits = logits;
    this.bias = bias.address();
    this.labels = labels.address();
    this.gradientScale = HostAllocator.f32(gradientScale.address(), 0);
    vocabulary = logits.columns();
    threads.run(logits.rows(), this);
  }

  @Override
  public void run(int index, int worker) {
    long values = scratch[worker].floats(CHUNK + 2L * LANES + vocabulary);
    long first = (long) index * vocabulary;
    if (HostAllocator.i32(labels, index) < 0) {
      HostAllocator.f32(loss, index, 0);
      StoredRow.zero(logits, first, vocabulary, values);
      return;
    }
    long row = StoredRow.load(logits, first, vocabulary, values + 4L * (CHUNK + 2 * LANES));
    for (Pass pass : passes) {
      pass.run(row, index, values);
    }
    StoredRow.store(logits, first, vocabulary, row);
  }

  private void addBias(long row, int index, long values) {
    HostAllocator.f32(values, 0, addBias(row, bias, vocabulary, values + 4L * LANES));
  }

  private void exponentials(long row, int index, long values) {
    float max = HostAllocator.f32(values, 0);
    double label = HostAllocator.f32(row, HostAllocator.i32(labels, index));
    float sum = exponentials(row, vocabulary, max, values + 4L * LANES);
    HostAllocator.f32(values, 1, sum);
    HostAllocator.f32(loss, index, (float) (StrictMath.log(sum) - (label - max)));
  }

  private void finish(long row, int index, long values) {
    RowLoops.scale(row, row, gradientScale / HostAllocator.f32(values, 1), vocabulary);
    int label = HostAllocator.i32(labels, index);
    HostAllocator.f32(row, label, HostAllocator.f32(row, label) - gradientScale);
  }

  /** {@code x += bias}; the largest element. Scratch has room for a vector. */
  private static float addBias(long x, long bias, int count, long scratch) {
    int whole = SPECIES.loopBound(count);
    addWholeBias(x, bias, whole, scratch);
    float max = VectorMath.maxAt(scratch);
    for (int c = whole; c < count; c++) {
      float sum = HostAllocator.f32(x, c) + HostAllocator.f32(bias, c);
      HostAllocator.f32(x, c, sum);
      max = Math.max(max, sum);
    }
    return max;
  }

  /** The same for whole vectors; the largest elements of each lane go to {@code lanes}. */
  private static void addWholeBias(long x, long bias, int count, long lanes) {
    FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    for (int c = 0; c < count; c += LANES) {
      FloatVector sum =
          fromMemorySegment(SPECIES, ALL, x + 4L * c, ORDER)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * c, ORDER));
      sum.intoMemorySegment(ALL, x + 4L * c, ORDER);
      max = sum.max(max);
    }
    max.intoMemorySegment(ALL, lanes, ORDER);
  }

  /** Floats of scratch memory that {@link #exponentials(long, int, float, long)} overwrites. */
  static int floats() {
    return CHUNK + LANES;
  }

  /**
   * {@code x = exp(x - max)}; the sum.
   *
   * @param lanes scratch of a vector and a chunk
   */
  static float exponentials(long x, int count, float max, long lanes) {
    long chunk = lanes + 4L * LANES;
    double sum = 0;
    for (int c = 0; c < count; c += CHUNK) {
      int size = Math.min(CHUNK, count - c);
      RowLoops.shift(chunk, x + 4L * c, max, 1, size);
      VectorMath.exp(chunk, size);
      sum += RowLoops.total(chunk, size, lanes);
      RowLoops.copy(x + 4L * c, chunk, size);
    }
    return (float) sum;
  }
}
