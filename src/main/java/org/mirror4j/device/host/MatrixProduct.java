package org.mirror4j.device.host;

/**
 * {@code C = alpha op(A) op(B) + beta C}: row-major matrices at absolute addresses. Each worker
 * keeps one and sets it anew for each call of a {@link MatrixLibrary}, so that none is made in a
 * step.
 */
final class MatrixProduct {
  /** Whether op transposes. */
  boolean transposeA, transposeB;

  /**
   * Rows of op(A) and C, columns of op(B) and C, columns of op(A) and rows of op(B); all at least
   * 1.
   */
  int m, n, k;

  /** Addresses. */
  long a, b, c;

  /** Elements from one row of a matrix as stored to the next. */
  int strideA, strideB, strideC;

  /** Factors of the product and of what C held before, which is not read where beta is 0. */
  float alpha, beta;

  /** Sets form and sizes; alpha becomes 1 and beta 0. */
  MatrixProduct of(boolean transposeA, boolean transposeB, int m, int n, int k) {
    this.transposeA = transposeA;
    this.transposeB = transposeB;
    this.m = m;
    this.n = n;
    this.k = k;
    alpha = 1;
    beta = 0;
    return this;
  }

  MatrixProduct a(long address, int stride) {
    a = address;
    strideA = stride;
    return this;
  }

  MatrixProduct b(long address, int stride) {
    b = address;
    strideB = stride;
    return this;
  }

  MatrixProduct c(long address, int stride) {
    c = address;
    strideC = stride;
    return this;
  }

  MatrixProduct factors(float alpha, float beta) {
    this.alpha = alpha;
    this.beta = beta;
    return this;
  }

  @Override
  public String toString() {
    return "%d x %d x %d".formatted(m, n, k);
  }
}
