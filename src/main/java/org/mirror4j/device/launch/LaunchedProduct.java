package org.mirror4j.device.launch;

import org.mirror4j.device.operation.Factors;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.Product;
import org.mirror4j.tensor.Tensor;

/** Products of matrices by the driver's library. */
final class LaunchedProduct extends Product {
  private final MatrixProducts products;
  private final Factors factors;

  LaunchedProduct(OperandCheck check, MatrixProducts products, Factors factors) {
    super(check);
    this.products = products;
    this.factors = factors;
  }

  @Override
  protected void computeGemm(GemmSpec spec, Tensor c, Tensor a, Tensor b) {
    computeGemmStridedBatched(spec, 1, c, a, b);
  }

  @Override
  protected void computeGemmStridedBatched(GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b) {
    if (c.size() > 0) {
      products.multiply(spec, factors, batch, c, a, b);
    }
  }
}
