package org.mirror4j.bench.product;

import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_MT_FDRM;

/** A product by EJML on its own threads. */
final class EjmlMultiplication implements Multiplication {
  private final ProductShape product;
  private final FMatrixRMaj a;
  private final FMatrixRMaj b;
  private final FMatrixRMaj c;

  EjmlMultiplication(ProductShape product, float[] a, float[] b) {
    this.product = product;
    this.a = FMatrixRMaj.wrap(product.rowsOfA(), product.columnsOfA(), a);
    this.b = FMatrixRMaj.wrap(product.rowsOfB(), product.columnsOfB(), b);
    c = new FMatrixRMaj(product.m(), product.n());
  }

  @Override
  public void run() {
    if (product.spec().transposeA()) {
      CommonOps_MT_FDRM.multTransA(a, b, c);
    } else if (product.spec().transposeB()) {
      CommonOps_MT_FDRM.multTransB(a, b, c);
    } else {
      CommonOps_MT_FDRM.mult(a, b, c);
    }
  }

  @Override
  public float[] result() {
    return c.data;
  }
}
