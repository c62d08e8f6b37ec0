package org.mirror4j.serve;

import java.util.Arrays;
import java.util.OptionalInt;

/**
 * What a request wants of a vector beyond what the model gives.
 *
 * @param dimensions elements that are kept, from the first on; empty for all
 * @param normalize whether what is kept is divided by its length, x / max(||x||, 1e-12)
 */
record VectorForm(OptionalInt dimensions, boolean normalize) {
  /** The least length that a vector is divided by, as where the model itself divides. */
  private static final double LEAST_LENGTH = 1e-12;

  /**
   * The vector in this form.
   *
   * @param vector not changed; the result itself where nothing is wanted
   */
  float[] of(float[] vector) {
    float[] kept = dimensions.isPresent() ? Arrays.copyOf(vector, dimensions.getAsInt()) : vector;
    if (!normalize) {
      return kept;
    }
    double squares = 0;
    for (float value : kept) {
      squares += (double) value * value;
    }
    double length = Math.max(Math.sqrt(squares), LEAST_LENGTH);
    float[] divided = new float[kept.length];
    for (int i = 0; i < kept.length; i++) {
      divided[i] = (float) (kept[i] / length);
    }
    return divided;
  }
}
