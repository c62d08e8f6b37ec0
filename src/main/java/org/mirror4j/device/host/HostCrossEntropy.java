package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostMemory.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.mirror4j.tensor.Tensor;

/**
 * Softmax cross entropy and its gradient: {@link org.mirror4j.device.Kernels#softmaxCrossEntropy}.
 * A piece of work is a row, three passes over it: bias and maximum, exponentials and sum, scaling.
 * The passes are called through an interface so that the compiler keeps them apart (see {@link
 * VectorMath}).
 */
final class HostCrossEntropy implements HostThreads.Task {
  private interface Pass {
    /**
     * Works on a row.
     *
     * @param values scratch: maximum and sum, then two vectors
     */
    void run(long row, int index, long values);
  }

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final Pass[] passes = {this::addBias, this::exponentials, this::finish};
  private long loss;
  private long logits;
  private long bias;
  private long labels;
  private int vocabulary;
  private float gradientScale;

  HostCrossEntropy(HostThreads threads, HostScratch[] scratch) {
    this.threads = threads;
    this.scratch = scratch;
  }

  void softmaxCrossEntropy(
      Tensor loss, Tensor logits, Tensor bias, Tensor labels, float gradientScale) {
    this.loss = loss.address();
    this.logits = logits.address();
    this.bias = bias.address();
    this.labels = labels.address();
    this.gradientScale = gradientScale;
    vocabulary = logits.columns();
    threads.run(logits.rows(), this);
  }

  @Override
  public void run(int index, int worker) {
    long values = scratch[worker].floats(3L * LANES);
    for (Pass pass : passes) {
      pass.run(logits + 4L * index * vocabulary, index, values);
    }
  }

  private void addBias(long row, int index, long values) {
    HostMemory.f32(values, 0, addBias(row, bias, vocabulary));
  }

  private void exponentials(long row, int index, long values) {
    float max = HostMemory.f32(values, 0);
    double label = HostMemory.f32(row, HostMemory.i32(labels, index));
    float sum = exponentials(row, vocabulary, max, values + 4L * LANES);
    HostMemory.f32(values, 1, sum);
    HostMemory.f32(loss, index, (float) (StrictMath.log(sum) - (label - max)));
  }

  private void finish(long row, int index, long values) {
    multiply(row, vocabulary, gradientScale / HostMemory.f32(values, 1));
    int label = HostMemory.i32(labels, index);
    HostMemory.f32(row, label, HostMemory.f32(row, label) - gradientScale);
  }

  /** {@code x += bias}; the largest element. */
  private static float addBias(long x, long bias, int count) {
    int whole = SPECIES.loopBound(count);
    float max = addWholeBias(x, bias, whole);
    for (int c = whole; c < count; c++) {
      float sum = HostMemory.f32(x, c) + HostMemory.f32(bias, c);
      HostMemory.f32(x, c, sum);
      max = Math.max(max, sum);
    }
    return max;
  }

  private static float addWholeBias(long x, long bias, int count) {
    FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    for (int c = 0; c < count; c += LANES) {
      FloatVector sum =
          fromMemorySegment(SPECIES, ALL, x + 4L * c, ORDER)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * c, ORDER));
      sum.intoMemorySegment(ALL, x + 4L * c, ORDER);
      max = max.max(sum);
    }
    return max.reduceLanes(VectorOperators.MAX);
  }

  /**
   * {@code x = exp(x - max)}; the sum. What does not fill a vector goes through scratch memory.
   *
   * @param rest scratch of two vectors
   */
  private static float exponentials(long x, int count, float max, long rest) {
    int whole = SPECIES.loopBound(count);
    for (int c = 0; c < LANES; c++) {
      boolean used = whole + c < count;
      HostMemory.f32(rest, c, used ? HostMemory.f32(x, whole + c) : Float.NEGATIVE_INFINITY);
    }
    exponentials(x, whole, rest, max);
    for (int c = whole; c < count; c++) {
      HostMemory.f32(x, c, HostMemory.f32(rest, c - whole));
    }
    return VectorMath.sumAt(rest + 4L * LANES);
  }

  /** The same for whole vectors of x, then one at rest; sums by lane into the vector after it. */
  private static void exponentials(long x, int whole, long rest, float max) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int c = 0; c <= whole; c += LANES) {
      long at = c < whole ? x + 4L * c : rest;
      FloatVector shifted = fromMemorySegment(SPECIES, ALL, at, ORDER).sub(max);
      SPECIES.loopBound(0); // see VectorMath
      FloatVector e = VectorMath.exp(shifted);
      e.intoMemorySegment(ALL, at, ORDER);
      sum = sum.add(e);
    }
    sum.intoMemorySegment(ALL, rest + 4L * LANES, ORDER);
  }

  private static void multiply(long x, int count, float factor) {
    int whole = SPECIES.loopBound(count);
    for (int c = 0; c < whole; c += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * c, ORDER)
          .mul(factor)
          .intoMemorySegment(ALL, x + 4L * c, ORDER);
    }
    for (int c = whole; c < count; c++) {
      HostMemory.f32(x, c, HostMemory.f32(x, c) * factor);
    }
  }
}
