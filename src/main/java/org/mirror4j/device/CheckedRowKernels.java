package org.mirror4j.device;

import java.util.Set;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Tensor;

/** The part of {@link CheckedKernels} that works on matrices of any origin, row by row. */
abstract class CheckedRowKernels extends CheckedEncoderKernels {
  CheckedRowKernels(Kernels kernels, Ownership ownership, Set<DType> storages) {
    super(kernels, ownership, storages);
  }

  @Override
  public final void gemm(GemmSpec spec, Tensor c, Tensor a, Tensor b) {
    product("gemm", spec, 1, c, a, b);
    kernels.gemm(spec, c, a, b);
  }

  @Override
  public final void gemmStridedBatched(GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b) {
    product("gemmStridedBatched", spec, batch, c, a, b);
    kernels.gemmStridedBatched(spec, batch, c, a, b);
  }

  @Override
  public final void layerNorm(
      Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon) {
    int rows = x.rows();
    int hidden = x.columns();
    check
        .of("layerNorm")
        .storedMatrix("x", x, "[rows, hidden]")
        .storedOutput("y", y, rows, hidden, "[rows, hidden]")
        .output("mean", mean, rows, "[rows]")
        .output("rstd", rstd, rows, "[rows]")
        .storedInput("x", x, rows, hidden, "[rows, hidden]")
        .input("gamma", gamma, hidden, "[hidden]")
        .input("beta", beta, hidden, "[hidden]");
    epsilon(epsilon);
    kernels.layerNorm(y, mean, rstd, x, gamma, beta, epsilon);
  }

  @Override
  public final void layerNormBackward(
      Tensor dX,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dY,
      Tensor x,
      Tensor mean,
      Tensor rstd,
      Tensor gamma) {
    int rows = x.rows();
    int hidden = x.columns();
    check
        .of("layerNormBackward")
        .storedMatrix("x", x, "[rows, hidden]")
        .storedOutput("dX", dX, rows, hidden, "[rows, hidden]")
        .output("dGamma", dGamma, hidden, "[hidden]")
        .output("dBeta", dBeta, hidden, "[hidden]")
        .storedInput("dY", dY, rows, hidden, "[rows, hidden]")
        .storedInput("x", x, rows, hidden, "[rows, hidden]")
        .input("mean", mean, rows, "[rows]")
        .input("rstd", rstd, rows, "[rows]")
        .input("gamma", gamma, hidden, "[hidden]");
    kernels.layerNormBackward(dX, dGamma, dBeta, dY, x, mean, rstd, gamma);
  }

  @Override
  public final void biasGelu(Tensor y, Tensor x, Tensor bias, GeluForm form) {
    int rows = x.rows();
    int columns = x.columns();
    check
        .of("biasGelu")
        .storedMatrix("x", x, "[rows, columns]")
        .storedOutput("y", y, rows, columns, "[rows, columns]")
        .storedInput("x", x, rows, columns, "[rows, columns]")
        .input("bias", bias, columns, "[columns]")
        .present("form", form);
    kernels.biasGelu(y, x, bias, form);
  }

  @Override
  public final void biasGeluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form) {
    int rows = x.rows();
    int columns = x.columns();
    check
        .of("biasGeluBackward")
        .storedMatrix("x", x, "[rows, columns]")
        .storedOutput("dX", dX, rows, columns, "[rows, columns]")
        .output("dBias", dBias, columns, "[columns]")
        .storedInput("x", x, rows, columns, "[rows, columns]")
        .input("bias", bias, columns, "[columns]")
        .present("form", form)
        .of("biasGeluBackward") // dY apart: it may be dX itself
        .output("dBias", dBias, columns, "[columns]")
        .storedInput("dY", dY, rows, columns, "[rows, columns]");
    if (dX.address() != dY.address()) {
      check.operand("dX", dX, true);
    }
    kernels.biasGeluBackward(dX, dBias, dY, x, bias, form);
  }

  @Override
  public final void biasGradient(Tensor dBias, Tensor dY) {
    check
        .of("biasGradient")
        .storedMatrix("dY", dY, "[rows, columns]")
        .output("dBias", dBias, dY.columns(), "[columns]")
        .operand("dY", dY, false);
    kernels.biasGradient(dBias, dY);
  }

  @Override
  public final void pool(
      Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    sequences("pool", x, cuSeqlens, keyLengths, pooling);
    check
        .output("pooled", pooled, keyLengths.rows(), x.columns(), "[sequences, hidden]")
        .operand("x", x, false);
    kernels.pool(pooled, x, cuSeqlens, keyLengths, pooling);
  }

  @Override
  public final void poolBackward(
      Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    sequences("poolBackward", dX, cuSeqlens, keyLengths, pooling);
    check
        .matrix("dPooled", dPooled, "[sequences, hidden]")
        .storedOutput("dX", dX, dX.rows(), dPooled.columns(), "[tokens, hidden]")
        .input("dPooled", dPooled, keyLengths.rows(), dPooled.columns(), "[sequences, hidden]");
    kernels.poolBackward(dX, dPooled, cuSeqlens, keyLengths, pooling);
  }

  @Override
  public final void gatherRows(Tensor y, Tensor x, Tensor rows) {
    check
        .of("gatherRows")
        .storedMatrix("x", x, "[n, columns]")
        .storedOutput("y", y, rows.rows(), x.columns(), "[selected, columns]")
        .operand("x", x, false)
        .indices("rows", rows, rows.rows(), "[selected]");
    kernels.gatherRows(y, x, rows);
  }

  @Override
  public final void scatterRows(Tensor dX, Tensor dY, Tensor rows) {
    check
        .of("scatterRows")
        .storedMatrix("dX", dX, "[n, columns]")
        .operand("dX", dX, true)
        .storedInput("dY", dY, rows.rows(), dX.columns(), "[selected, columns]")
        .indices("rows", rows, rows.rows(), "[selected]");
    kernels.scatterRows(dX, dY, rows);
  }

  @Override
  public final void normalizeRows(Tensor u, Tensor norm, Tensor h) {
    check
        .of("normalizeRows")
        .matrix("h", h, "[rows, columns]")
        .output("u", u, h.rows(), h.columns(), "[rows, columns]")
        .output("norm", norm, h.rows(), "[rows]")
        .operand("h", h, false);
    kernels.normalizeRows(u, norm, h);
  }

  @Override
  public final void normalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm) {
    check
        .of("normalizeRowsBackward")
        .matrix("u", u, "[rows, columns]")
        .output("dH", dH, u.rows(), u.columns(), "[rows, columns]")
        .input("dU", dU, u.rows(), u.columns(), "[rows, columns]")
        .operand("u", u, false)
        .input("norm", norm, u.rows(), "[rows]");
    kernels.normalizeRowsBackward(dH, dU, u, norm);
  }

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

  private void sequences(
      String operation, Tensor x, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    int sequences = keyLengths.rows();
    check
        .of(operation)
        .storedMatrix(operation.equals("pool") ? "x" : "dX", x, "[tokens, hidden]")
        .indices("cuSeqlens", cuSeqlens, sequences + 1, "[sequences + 1]")
        .indices("keyLengths", keyLengths, sequences, "[sequences]")
        .present("pooling", pooling);
  }
}
