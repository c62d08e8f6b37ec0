package org.mirror4j.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * A parameter as the block that uses it declares it.
 *
 * @param name as transformers saves it, without the family's prefix
 * @param shape weights are [outFeatures, inFeatures]
 * @param mean of its values before training
 * @param standardDeviation of these; 0 for all the same
 * @param distribution that these are drawn from
 * @param decays whether weight decay covers it where an optimiser leaves some out
 */
public record Parameter(
    String name,
    Shape shape,
    double mean,
    double standardDeviation,
    Distribution distribution,
    boolean decays) {
  /** How values are spread around their mean. */
  public enum Distribution {
    /** Gauss's. */
    NORMAL,
    /** All alike between two bounds, sqrt(3) standard deviations from the mean. */
    UNIFORM;

    /** A number with mean 0 and variance 1. */
    private double draw(SplittableRandom random) {
      return this == NORMAL ? random.nextGaussian() : Math.sqrt(3) * (2 * random.nextDouble() - 1);
    }
  }

  /** A matrix that decays, drawn from a normal distribution around 0. */
  public static Parameter weight(String name, int rows, int columns, double standardDeviation) {
    return new Parameter(
        name, Shape.of(rows, columns), 0, standardDeviation, Distribution.NORMAL, true);
  }

  /**
   * A matrix that decays, drawn uniformly between plus and minus sqrt(6 / (rows + columns)) (Glorot
   * and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks",
   * equation 16), a variance of 2 / (rows + columns): what TensorFlow gives a variable of which
   * nothing is said.
   */
  public static Parameter glorot(String name, int rows, int columns) {
    double deviation = Math.sqrt(2.0 / (rows + columns));
    return new Parameter(name, Shape.of(rows, columns), 0, deviation, Distribution.UNIFORM, true);
  }

  /** A vector of zeros that does not decay: what is added. */
  public static Parameter bias(String name, int size) {
    return new Parameter(name, Shape.of(size), 0, 0, Distribution.NORMAL, false);
  }

  /** A vector of ones that does not decay: what a normalised row is multiplied by. */
  public static Parameter gain(String name, int size) {
    return new Parameter(name, Shape.of(size), 1, 0, Distribution.NORMAL, false);
  }

  /** The same under a name that starts with a module's. */
  Parameter in(String prefix) {
    return new Parameter(prefix + name, shape, mean, standardDeviation, distribution, decays);
  }

  /**
   * Writes the values before training. Each parameter has a generator of its own, so that no other
   * one changes them.
   *
   * @param values f32, one an element
   */
  public void initialize(MemorySegment values, long seed) {
    SplittableRandom random = new SplittableRandom(seed ^ name.hashCode());
    for (long i = 0; i < shape.size(); i++) {
      double drawn = standardDeviation == 0 ? 0 : distribution.draw(random) * standardDeviation;
      values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (mean + drawn));
    }
  }
}
