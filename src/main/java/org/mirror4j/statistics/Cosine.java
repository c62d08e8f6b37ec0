package org.mirror4j.statistics;

/** Cosine of the angle between two vectors. */
public final class Cosine {
  private Cosine() {}

  /**
   *
   *
   * <pre>  a.b / sqrt(a.a * b.b)  </pre>
   *
   * in [-1, 1], summed in double; 0 where either vector is all zeros. The product stands under one
   * root so that a vector and its copy give exactly 1: pairs of equal texts are then ties, not
   * ranked by rounding.
   *
   * @throws IllegalArgumentException if the lengths differ
   */
  public static double similarity(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "cosine: %d values against %d, expected as many".formatted(a.length, b.length));
    }
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += (double) a[i] * b[i];
      aa += (double) a[i] * a[i];
      bb += (double) b[i] * b[i];
    }
    if (aa == 0 || bb == 0) {
      return 0;
    }
    return Math.clamp(ab / Math.sqrt(aa * bb), -1, 1);
  }
}
