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
 * @param standardDeviation of the normal distribution that these are drawn from; 0 for all the same
 * @param decays whether weight decay covers it where an optimiser leaves some out
 */
public record Parameter(
    String name, Shape shape, double mean, double standardDeviation, boolean decays) {
  /** A matrix that decays, drawn from a normal distribution around 0. */
  public static Parameter weight(String name, int rows, int columns, double standardDeviation) {
    return new Parameter(name, Shape.of(rows, columns), 0, standardDeviation, true);
  }

  /** A vector of zeros that does not decay: what is added. */
  public static Parameter bias(String name, int size) {
    return new Parameter(name, Shape.of(size), 0, 0, false);
  }

  /** A vector of ones that does not decay: what a normalised row is multiplied by. */
  public static Parameter gain(String name, int size) {
    return new Parameter(name, Shape.of(size), 1, 0, false);
  }

  /** The same under a name that starts with a module's. */
  Parameter in(String prefix) {
    return new Parameter(prefix + name, shape, mean, standardDeviation, decays);
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
      double drawn = standardDeviation == 0 ? 0 : random.nextGaussian() * standardDeviation;
      values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (mean + drawn));
    }
  }
}
