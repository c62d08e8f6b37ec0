package org.mirror4j.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeSet;
import java.util.function.DoubleSupplier;
import org.ejml.data.DMatrixRMaj;

/**
 * Checks a gradient against {@code D = (f(x + h) - f(x - h)) / 2h}, h = 1e-6 max(1, |x|). D is off
 * by
 *
 * <ul>
 *   <li>truncation, {@code h^2 |f'''| / 6}; f''' is itself measured, with a step of 1e-3, and taken
 *       twice because it varies;
 *   <li>cancellation: both values are off by {@code noise}, so D is off by up to {@code noise / h}.
 * </ul>
 *
 * @param noise rounding error of the loss
 */
record FiniteDifferences(DoubleSupplier loss, double noise) {
  private static final double UNIT_ROUNDOFF = 0x1p-53;

  /** Elements checked of each tensor, apart from that of the largest gradient. */
  private static final int SAMPLES = 16;

  /**
   * A loss that is off by a unit roundoff of {@code magnitude} for each of so many roundings in a
   * row: terms of sums and operations. They are as likely up as down, but the worst is allowed.
   */
  static FiniteDifferences of(DoubleSupplier loss, int roundings, double magnitude) {
    return new FiniteDifferences(loss, roundings * UNIT_ROUNDOFF * magnitude);
  }

  /**
   * Checks samples of a gradient. The largest is among them, and must stand out of the error bound
   * by a factor of 100, or the check would show nothing.
   */
  void check(String name, DMatrixRMaj values, DMatrixRMaj gradient) {
    int largest = 0;
    for (int i = 0; i < gradient.data.length; i++) {
      largest = Math.abs(gradient.data[i]) > Math.abs(gradient.data[largest]) ? i : largest;
    }
    double bound = check(name, values, gradient, largest);
    assertThat(Math.abs(gradient.data[largest])).as("size of " + name).isGreaterThan(100 * bound);
    for (int i : samples(values.data.length)) {
      check(name, values, gradient, i);
    }
  }

  private static TreeSet<Integer> samples(int size) {
    TreeSet<Integer> samples = new TreeSet<>();
    Random random = new Random(size);
    for (int i = 0; i < Math.min(size, SAMPLES); i++) {
      samples.add(size <= SAMPLES ? i : random.nextInt(size));
    }
    return samples;
  }

  private double check(String name, DMatrixRMaj values, DMatrixRMaj gradient, int index) {
    double x = values.data[index];
    double h = 1e-6 * Math.max(1, Math.abs(x));
    double difference = (at(values, index, x + h) - at(values, index, x - h)) / ((x + h) - (x - h));

    double wide = 1e-3 * Math.max(1, Math.abs(x));
    double third =
        (at(values, index, x + 2 * wide)
                - 2 * at(values, index, x + wide)
                + 2 * at(values, index, x - wide)
                - at(values, index, x - 2 * wide))
            / (2 * wide * wide * wide);
    double bound = 2 * h * h * Math.abs(third) / 6 + noise / h;
    assertThat(Math.abs(gradient.data[index] - difference))
        .as("%s[%d]: gradient %s, difference %s", name, index, gradient.data[index], difference)
        .isLessThanOrEqualTo(bound);
    return bound;
  }

  private double at(DMatrixRMaj values, int index, double x) {
    double before = values.data[index];
    values.data[index] = x;
    try {
      return loss.getAsDouble();
    } finally {
      values.data[index] = before;
    }
  }
}
