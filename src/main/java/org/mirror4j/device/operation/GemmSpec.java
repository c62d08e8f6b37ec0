package org.mirror4j.device.operation;

/**
 * Orientation of a matrix product {@code C = op(A) op(B)}, row-major.
 *
 * @param transposeA op(A) is the transpose of A
 * @param transposeB op(B) is the transpose of B
 * @param accumulate the product is added to C instead of overwriting it
 */
public record GemmSpec(boolean transposeA, boolean transposeB, boolean accumulate) {
  /** {@code C = A B^T}: a linear layer forwards, weight [outFeatures, inFeatures]. */
  public static final GemmSpec NT = new GemmSpec(false, true, false);

  /** {@code C = A B}: the gradient of a linear layer's input. */
  public static final GemmSpec NN = new GemmSpec(false, false, false);

  /** {@code C += A B}. */
  public static final GemmSpec NN_ADD = new GemmSpec(false, false, true);

  /** {@code C = A^T B}: the gradient of a linear layer's weight. */
  public static final GemmSpec TN = new GemmSpec(true, false, false);

  /** {@code C += A^T B}. */
  public static final GemmSpec TN_ADD = new GemmSpec(true, false, true);
}
