package org.mirror4j.device.host;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.mirror4j.tensor.Tensor;

/**
 * Softmax cross entropy and its gradient: {@link org.mirror4j.device.Kernels#softmaxCrossEntropy}.
 * A piece of work is a row, three passes over it: bias and maximum, exponentials and sum, scaling.
 */
final class HostCrossEntropy implements HostThreads.Task {
  private static final int LANES = VectorMath.LANES;

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
    FloatVector m = FloatVector.broadcast(VectorMath.SPECIES, Float.NEGATIVE_INFINITY);
    int whole = VectorMath.bound(count);
    for (int c = 0; c < whole; c += LANES) {
      FloatVector sum = VectorMath.load(x, c).add(VectorMath.load(bias, c));
      VectorMath.store(sum, x, c);
      m = m.max(sum);
    }
    if (whole < count) {
      VectorMask<Float> tail = VectorMath.tail(whole, count);
      FloatVector sum = VectorMath.load(x, whole, tail).add(VectorMath.load(bias, whole, tail));
      VectorMath.store(sum, x, whole, tail);
      m = m.lanewise(VectorOperators.MAX, sum, tail);
    }
    return m.reduceLanes(VectorOperators.MAX);
  }

  /** {@code x = exp(x - max)}; the sum. */
  private static float exponentials(long x, int count, float max) {
    FloatVector sum = FloatVector.zero(VectorMath.SPECIES);
    int whole = VectorMath.bound(count);
    for (int c = 0; c < whole; c += LANES) {
      FloatVector e = VectorMath.exp(VectorMath.load(x, c).sub(max));
      VectorMath.store(e, x, c);
      sum = sum.add(e);
    }
    return VectorMath.sum(whole < count ? lastExponentials(x, whole, count, max, sum) : sum);
  }

  private static FloatVector lastExponentials(
      long x, int index, int count, float max, FloatVector sum) {
    VectorMask<Float> tail = VectorMath.tail(index, count);
    FloatVector e = VectorMath.exp(VectorMath.load(x, index, tail).sub(max));
    VectorMath.store(e, x, index, tail);
    return sum.add(e, tail);
  }

  private static void multiply(long x, int count, float factor) {
    int whole = VectorMath.bound(count);
    for (int c = 0; c < whole; c += LANES) {
      VectorMath.store(VectorMath.load(x, c).mul(factor), x, c);
    }
    if (whole < count) {
      VectorMask<Float> tail = VectorMath.tail(whole, count);
      VectorMath.store(VectorMath.load(x, whole, tail).mul(factor), x, whole, tail);
    }
  }
}
