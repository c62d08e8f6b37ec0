package org.mirror4j.serve;

import java.util.Arrays;
import java.util.OptionalInt;
import org.mirror4j.calibrate.UnitLength;

/**
 * What a request wants of a vector beyond what the model gives.
 *
 * @param dimensions elements that are kept, from the first on; empty for all
 * @param normalize whether what is kept is divided by its length, see {@link UnitLength}
 */
record VectorForm(OptionalInt dimensions, boolean normalize) {
  /**
   * The vector in this form.
   *
   * @param vector not changed; the result itself where nothing is wanted
   */
  float[] of(float[] vector) {
    if (dimensions.isEmpty() && !normalize) {
      return vector;
    }
    float[] kept = Arrays.copyOf(vector, dimensions.orElse(vector.length));
    if (normalize) {
      UnitLength.divide(kept, 0, kept.length);
    }
    return kept;
  }
}
