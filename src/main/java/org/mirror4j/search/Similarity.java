package org.mirror4j.search;

import org.mirror4j.statistics.Cosine;

/** How alike two vectors are, the more the higher. */
public enum Similarity {
  /** {@link Cosine}: a.b / (|a| |b|), 0 where either is all zeros. */
  COSINE {
    @Override
    public double of(float[] a, float[] b) {
      return Cosine.similarity(a, b);
    }
  },
  /** a.b, summed in double. */
  DOT {
    @Override
    public double of(float[] a, float[] b) {
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += (double) a[i] * b[i];
      }
      return sum;
    }
  };

  /** The similarity of two vectors of one length. */
  public abstract double of(float[] a, float[] b);

  /** What a product is multiplied by for each of its two vectors, of length {@code norm}. */
  double weight(double norm) {
    return this == DOT ? 1 : norm == 0 ? 0 : 1 / norm;
  }
}
