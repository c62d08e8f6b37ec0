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
 */
final class HostCrossEntropy implements HostThreads.Task {
  private final HostThreads threads;
  private final HostScratch[] scratch;
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
    long row = logits + 4L * index * vocabulary;
    int label = HostMemory.i32(labels, index);
    float max = addBias(row, bias, vocabulary);
    double shift = (double) HostMemory.f32(row, label) - max;
    float sum = exponentials(row, vocabulary, max, scratch[worker].floats(2L * LANES));
    HostMemory.f32(loss, index, (float) (Math.log(sum) - shift));
    multiply(row, vocabulary, gradientScale / sum);
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
   * {@code x = exp(x - max)}; the sum.
   *
   * @param lanes scratch of two vectors
   */
  private static float exponentials(long x, int count, float max, long lanes) {
    int whole = SPECIES.loopBound(count);
    wholeExponentials(x, whole, max, lanes);
    float sum = VectorMath.sumAt(lanes);
    if (whole < count) {
      for (int c = 0; c < LANES; c++) {
        boolean used = whole + c < count;
        HostMemory.f32(lanes, c, used ? HostMemory.f32(x, whole + c) : Float.NEGATIVE_INFINITY);
      }
      wholeExponentials(lanes, LANES, max, lanes + 4L * LANES);
      for (int c = whole; c < count; c++) {
        HostMemory.f32(x, c, HostMemory.f32(lanes, c - whole));
      }
      sum += VectorMath.sumAt(lanes);
    }
    return sum;
  }

  private static void wholeExponentials(long x, int count, float max, long lanes) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int c = 0; c < count; c += LANES) {
      FloatVector shifted = fromMemorySegment(SPECIES, ALL, x + 4L * c, ORDER).sub(max);
      SPECIES.loopBound(0); // see VectorMath
      FloatVector e = VectorMath.exp(shifted);
      e.intoMemorySegment(ALL, x + 4L * c, ORDER);
      sum = sum.add(e);
    }
    sum.intoMemorySegment(ALL, lanes, ORDER);
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
