package org.mirror4j.device.operation;

/**
 * What {@link org.mirror4j.device.operation.Optimizer#adamW} corrects moments by that began at zero
 * (Kingma and Ba 2015, section 3), computed in f64 from the f32 settings and rounded once. Powers
 * are products, whose bits no library decides and which take nothing from the heap.
 */
public final class BiasCorrection {
  private BiasCorrection() {}

  /** {@code learningRate / (1 - beta1^step)}. */
  public static float stepSize(float learningRate, float beta1, int step) {
    return (float) (learningRate / (1 - power(beta1, step)));
  }

  /** {@code 1 / sqrt(1 - beta2^step)}. */
  public static float inverseRoot(float beta2, int step) {
    return (float) (1 / Math.sqrt(1 - power(beta2, step)));
  }

  /**
   * {@code base^exponent} by squaring. Relative error at most {@code 2 exponent u}, u = 2^-53: each
   * squaring doubles that of before and adds u, and so does each product.
   */
  static double power(double base, int exponent) {
    double result = 1;
    double square = base;
    for (int rest = exponent; rest > 0; rest >>= 1) {
      if ((rest & 1) == 1) {
        result *= square;
      }
      square *= square;
    }
    return result;
  }
}
