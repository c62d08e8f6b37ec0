package org.mirror4j.device.intercept;

import org.mirror4j.device.intercept.InterceptedKernels.Listener;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.Product;
import org.mirror4j.tensor.Tensor;

/** Checks the operands of matrix products and leaves the rest to the listener. */
final class InterceptedProduct extends Product {
  /** Null for nobody. */
  private final Listener listener;

  InterceptedProduct(OperandCheck check, Listener listener) {
    super(check);
    this.listener = listener;
  }

  @Override
  protected void computeGemm(GemmSpec spec, Tensor c, Tensor a, Tensor b) {
    if (listener != null) {
      listener.call("gemm", spec, c, a, b);
    }
  }

  @Override
  protected void computeGemmStridedBatched(GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b) {
    if (listener != null) {
      listener.call("gemmStridedBatched", spec, batch, c, a, b);
    }
  }
}
