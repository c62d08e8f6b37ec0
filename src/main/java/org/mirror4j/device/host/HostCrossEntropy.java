package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostMemory.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.mirror4j.tensor.Tensor;

/**
 * Softmax cross entropy and its gradient: {@link org.mirror4j.device.Kernels#softmaxCrossEntropy}.
 * A piece of work is a row, three passes over it: bias and maximum, exponentials and sum, scaling.
 */
final class HostCrossEntropy implements HostThreads.Task {
  private final HostThreads threads;
  private long loss;
  private long logits;
  private long bias;
  private long labels;
  private int vocabulary;
  private float gradientScale;

  HostCrossEntropy(HostThreads threads) {
    this.threads = threads;
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
    long row = logits + 4L * index * vocabulary;
    int label = HostMemory.i32(labels, index);
    float max = addBias(row, bias, vocabulary);
    double shift = (double) HostMemory.f32(row, label) - max;
    float sum = exponentials(row, vocabulary, max);
    HostMemory.f32(loss, index, (float) (Math.log(sum) - shift));
    multiply(row, vocabulary, gradientScale / sum);
    HostMemory.f32(row, label, HostMemory.f32(row, label) - gradientScale);
  }

  /** {@code x += bias}; the largest element. */
  private static float addBias(long x, long bias, int count) {
    FloatVector m = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    int whole = SPECIES.loopBound(count);
    for (int c = 0; c < whole; c += LANES) {
      FloatVector sum =
          fromMemorySegment(SPECIES, ALL, x + 4L * c, ORDER)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * c, ORDER));
      sum.intoMemorySegment(ALL, x + 4L * c, ORDER);
      m = m.max(sum);
    }
    if (whole < count) {
      VectorMask<Float> tail = SPECIES.indexInRange(whole, count);
      FloatVector sum =
          fromMemorySegment(SPECIES, ALL, x + 4L * whole, ORDER, tail)
              .add(fromMemorySegment(SPECIES, ALL, bias + 4L * whole, ORDER, tail));
      sum.intoMemorySegment(ALL, x + 4L * whole, ORDER, tail);
      m = m.lanewise(VectorOperators.MAX, sum, tail);
    }
    return m.reduceLanes(VectorOperators.MAX);
  }

  /** {@code x = exp(x - max)}; the sum. */
  private static float exponentials(long x, int count, float max) {
    int whole = SPECIES.loopBound(count);
    float sum = wholeExponentials(x, whole, max);
    return whole < count ? sum + lastExponentials(x, whole, count, max) : sum;
  }

  private static float wholeExponentials(long x, int count, float max) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int c = 0; c < count; c += LANES) {
      FloatVector shifted = fromMemorySegment(SPECIES, ALL, x + 4L * c, ORDER).sub(max);
      SPECIES.loopBound(0); // see VectorMath
      FloatVector e = VectorMath.exp(shifted);
      e.intoMemorySegment(ALL, x + 4L * c, ORDER);
      sum = sum.add(e);
    }
    SPECIES.loopBound(0);
    return VectorMath.sum(sum);
  }

  private static float lastExponentials(long x, int index, int count, float max) {
    VectorMask<Float> tail = SPECIES.indexInRange(index, count);
    FloatVector shifted = fromMemorySegment(SPECIES, ALL, x + 4L * index, ORDER, tail).sub(max);
    SPECIES.loopBound(0);
    FloatVector e = VectorMath.exp(shifted);
    e.intoMemorySegment(ALL, x + 4L * index, ORDER, tail);
    FloatVector used = FloatVector.zero(SPECIES).blend(e, tail);
    SPECIES.loopBound(0);
    return VectorMath.sum(used);
  }

  private static void multiply(long x, int count, float factor) {
    int whole = SPECIES.loopBound(count);
    for (int c = 0; c < whole; c += LANES) {
      fromMemorySegment(SPECIES, ALL, x + 4L * c, ORDER)
          .mul(factor)
          .intoMemorySegment(ALL, x + 4L * c, ORDER);
    }
    if (whole < count) {
      VectorMask<Float> tail = SPECIES.indexInRange(whole, count);
      fromMemorySegment(SPECIES, ALL, x + 4L * whole, ORDER, tail)
          .mul(factor)
          .intoMemorySegment(ALL, x + 4L * whole, ORDER, tail);
    }
  }
}
