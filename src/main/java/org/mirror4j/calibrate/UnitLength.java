package org.mirror4j.calibrate;

/**
 * Vectors divided by their length, as PyTorch does it:
 *
 * <pre>  x / max(||x||, 1e-12)  </pre>
 */
public final class UnitLength {
  private static final double LEAST_LENGTH = 1e-12;

  private UnitLength() {}

  /**
   * Divides a vector by its length, which is computed in double.
   *
   * @param values overwritten from one element on, up to another
   */
  public static void divide(float[] values, int from, int to) {
    double squares = 0;
    for (int i = from; i < to; i++) {
      squares += (double) values[i] * values[i];
    }
    double length = Math.max(Math.sqrt(squares), LEAST_LENGTH);
    for (int i = from; i < to; i++) {
      values[i] = (float) (values[i] / length);
    }
  }
}
