package org.mirror4j.device.operation;

import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/** Products of matrices. See {@link Kernels}. */
public abstract class Product {
  private final OperandCheck check;

  /**
   * @param check of the operands, before anything is computed
   */
  protected Product(OperandCheck check) {
    this.check = check;
  }

  /**
   * {@code c = op(a) op(b)} or {@code c += op(a) op(b)}; a and b are of the storage type, c too or
   * f32.
   *
   * @param c [m, n]
   * @param a [m, k], or [k, m] if transposed
   * @param b [k, n], or [n, k] if transposed
   */
  public final void gemm(GemmSpec spec, Tensor c, Tensor a, Tensor b) {
    product("gemm", spec, 1, c, a, b);
    computeGemm(spec, c, a, b);
  }

  /** What the device does for {@link #gemm}; the operands fit. */
  protected abstract void computeGemm(GemmSpec spec, Tensor c, Tensor a, Tensor b);

  /**
   * {@code batch} products of equal shape; matrix {@code i} of an operand is the {@code i}-th of
   * {@code batch} equal runs of rows.
   *
   * @param c [batch * m, n]
   * @param a [batch * m, k], or [batch * k, m] if transposed
   * @param b [batch * k, n], or [batch * n, k] if transposed
   */
  public final void gemmStridedBatched(GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b) {
    product("gemmStridedBatched", spec, batch, c, a, b);
    computeGemmStridedBatched(spec, batch, c, a, b);
  }

  /** What the device does for {@link #gemmStridedBatched}; the operands fit. */
  protected abstract void computeGemmStridedBatched(
      GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b);

  private void product(String operation, GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b) {
    check
        .of(operation)
        .present("spec", spec)
        .require(batch >= 1, "batch", batch, "at least 1")
        .storedMatrix("a", a, "as its orientation says")
        .storedMatrix("b", b, "as its orientation says")
        .require(c.rows() % batch == 0, "rows of c", c.rows(), "a multiple of batch")
        .require(a.rows() % batch == 0, "rows of a", a.rows(), "a multiple of batch");
    int m = c.rows();
    int n = c.columns();
    int k = spec.transposeA() ? a.rows() / batch : a.columns();
    if (c.dtype() == DType.F32) {
      check.output("c", c, m, n, "[m, n]");
    } else {
      check.storedOutput("c", c, m, n, "[m, n]");
    }
    if (spec.transposeA()) {
      check.storedInput("a", a, a.rows(), m / batch, "[k, m]");
    } else {
      check.storedInput("a", a, m, k, "[m, k]");
    }
    if (spec.transposeB()) {
      check.storedInput("b", b, batch * n, k, "[n, k]");
    } else {
      check.storedInput("b", b, batch * k, n, "[k, n]");
    }
  }
}
