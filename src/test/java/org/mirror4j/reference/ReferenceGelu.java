package org.mirror4j.reference;

import org.ejml.data.DMatrixRMaj;
import org.mirror4j.device.operation.GeluForm;

/** Gaussian error linear unit (Hendrycks and Gimpel 2016), both forms. */
public final class ReferenceGelu {
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  private ReferenceGelu() {}

  /** {@code gelu(x)}, element by element. */
  public static Variable gelu(Tape tape, Variable x, GeluForm form) {
    DMatrixRMaj y = new DMatrixRMaj(x.rows(), x.columns());
    for (int i = 0; i < y.data.length; i++) {
      y.data[i] = value(x.value().data[i], form);
    }
    return tape.operation(
        y,
        dY -> {
          for (int i = 0; i < dY.data.length; i++) {
            x.gradient().data[i] += dY.data[i] * derivative(x.value().data[i], form);
          }
        });
  }

  /** {@code gelu(x)}. */
  public static double value(double x, GeluForm form) {
    return switch (form) {
      case ERF -> x * normalDistribution(x);
      case TANH -> x / 2 * (1 + Math.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x)));
    };
  }

  /** The derivative of {@link #value}. */
  public static double derivative(double x, GeluForm form) {
    return switch (form) {
      case ERF -> normalDistribution(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      case TANH -> {
        double t = Math.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x));
        double slope = SQRT_2_OVER_PI * (1 + 3 * CUBIC * x * x);
        yield (1 + t) / 2 + x / 2 * (1 - t * t) * slope;
      }
    };
  }

  /** {@code (1 + erf(x / sqrt 2)) / 2}, without the cancellation for negative x. */
  private static double normalDistribution(double x) {
    return ErrorFunction.erfc(-x / Math.sqrt(2)) / 2;
  }
}
