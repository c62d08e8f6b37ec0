package org.mirror4j.device.host;

import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.SPECIES;
import static org.mirror4j.device.host.VectorMath.bound;
import static org.mirror4j.device.host.VectorMath.load;
import static org.mirror4j.device.host.VectorMath.store;
import static org.mirror4j.device.host.VectorMath.tail;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.mirror4j.device.Kernels;
import org.mirror4j.tensor.Tensor;

/**
 * {@link Kernels#adamW}, one pass over the four buffers. What does not depend on the element is
 * computed once in f64 from the f32 settings and then rounded.
 */
final class HostAdamW {
  /** Elements of a piece: the four runs fit the second-level cache of one core. */
  private static final int PIECE = 1 << 14;

  private final HostThreads threads;
  private final HostThreads.Task update = this::update;
  private Tensor parameters;
  private Tensor gradients;
  private Tensor firstMoment;
  private Tensor secondMoment;
  private float gradientScale;
  private float beta1;
  private float beta2;
  private float oneMinusBeta1;
  private float oneMinusBeta2;
  private float decay;
  private float stepSize;
  private float inverseRootCorrection;
  private float epsilon;

  HostAdamW(HostThreads threads) {
    this.threads = threads;
  }

  /** {@link Kernels#adamW}. */
  void run(
      Tensor parameters,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      float learningRate,
      float beta1,
      float beta2,
      float epsilon,
      float weightDecay,
      int step,
      float gradientScale) {
    this.parameters = parameters;
    this.gradients = gradients;
    this.firstMoment = firstMoment;
    this.secondMoment = secondMoment;
    this.gradientScale = gradientScale;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    oneMinusBeta1 = (float) (1 - (double) beta1);
    oneMinusBeta2 = (float) (1 - (double) beta2);
    decay = (float) (1 - (double) learningRate * weightDecay);
    stepSize = (float) (learningRate / (1 - StrictMath.pow(beta1, step)));
    inverseRootCorrection = (float) (1 / Math.sqrt(1 - StrictMath.pow(beta2, step)));
    threads.run((int) ((parameters.size() + PIECE - 1) / PIECE), update);
  }

  private void update(int index, int worker) {
    long first = (long) index * PIECE;
    int count = (int) Math.min(PIECE, parameters.size() - first);
    long p = parameters.address() + 4 * first;
    long g = gradients.address() + 4 * first;
    long m = firstMoment.address() + 4 * first;
    long v = secondMoment.address() + 4 * first;
    int i = updateFull(p, g, m, v, count);
    if (i < count) {
      updateTail(p, g, m, v, i, count);
    }
  }

  private int updateFull(long p, long g, long m, long v, int count) {
    int i = 0;
    for (; i < bound(count); i += LANES) {
      FloatVector gradient = load(g, i).mul(gradientScale);
      FloatVector first = first(load(m, i), gradient);
      FloatVector second = second(load(v, i), gradient);
      store(first, m, i);
      store(second, v, i);
      store(parameter(load(p, i), first, second), p, i);
    }
    return i;
  }

  private void updateTail(long p, long g, long m, long v, int i, int count) {
    VectorMask<Float> mask = tail(i, count);
    FloatVector gradient = load(g, i, mask).mul(gradientScale);
    FloatVector first = first(load(m, i, mask), gradient);
    FloatVector second = second(load(v, i, mask), gradient);
    store(first, m, i, mask);
    store(second, v, i, mask);
    store(parameter(load(p, i, mask), first, second), p, i, mask);
  }

  private FloatVector first(FloatVector m, FloatVector gradient) {
    return m.mul(beta1).add(gradient.mul(oneMinusBeta1));
  }

  private FloatVector second(FloatVector v, FloatVector gradient) {
    return v.mul(beta2).add(gradient.mul(gradient).mul(oneMinusBeta2));
  }

  private FloatVector parameter(FloatVector p, FloatVector m, FloatVector v) {
    FloatVector denominator =
        v.sqrt()
            .fma(
                FloatVector.broadcast(SPECIES, inverseRootCorrection),
                FloatVector.broadcast(SPECIES, epsilon));
    return p.mul(decay).sub(m.mul(stepSize).div(denominator));
  }
}
