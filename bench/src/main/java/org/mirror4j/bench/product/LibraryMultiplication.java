package org.mirror4j.bench.product;

import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.mkl.global.mkl_rt;
import org.bytedeco.openblas.global.openblas;

/** A product by one call of a native library, which brings its own threads. */
final class LibraryMultiplication implements Multiplication {
  private static final int ROW_MAJOR = 101;
  private static final int NO_TRANSPOSE = 111;
  private static final int TRANSPOSE = 112;

  private interface Call {
    void multiply(ProductShape product, FloatPointer a, FloatPointer b, FloatPointer c);
  }

  private final ProductShape product;
  private final FloatPointer a;
  private final FloatPointer b;
  private final FloatPointer c;
  private final Call call;

  private LibraryMultiplication(ProductShape product, float[] a, float[] b, Call call) {
    this.product = product;
    this.a = new FloatPointer(a);
    this.b = new FloatPointer(b);
    c = new FloatPointer((long) product.m() * product.n());
    this.call = call;
  }

  /** {@code dnnl_sgemm}; its threads are OpenMP's, so the environment's. */
  static LibraryMultiplication oneDnn(ProductShape product, float[] a, float[] b) {
    return new LibraryMultiplication(
        product,
        a,
        b,
        (p, left, right, result) -> {
          int status =
              dnnl.dnnl_sgemm(
                  (byte) (p.spec().transposeA() ? 'T' : 'N'),
                  (byte) (p.spec().transposeB() ? 'T' : 'N'),
                  p.m(),
                  p.n(),
                  p.k(),
                  1,
                  left,
                  p.columnsOfA(),
                  right,
                  p.columnsOfB(),
                  0,
                  result,
                  p.n());
          if (status != 0) {
            throw new IllegalStateException("dnnl_sgemm failed with status " + status);
          }
        });
  }

  /** {@code cblas_sgemm} of OpenBLAS. */
  static LibraryMultiplication openBlas(ProductShape product, float[] a, float[] b, int threads) {
    openblas.blas_set_num_threads(threads);
    return cblas(product, a, b, openblas::cblas_sgemm);
  }

  /** {@code cblas_sgemm} of MKL. */
  static LibraryMultiplication mkl(ProductShape product, float[] a, float[] b, int threads) {
    mkl_rt.MKL_Set_Num_Threads(threads);
    return cblas(product, a, b, mkl_rt::cblas_sgemm);
  }

  /** The interface that both have. */
  private interface Sgemm {
    void multiply(
        int order,
        int transposeA,
        int transposeB,
        int m,
        int n,
        int k,
        float alpha,
        FloatPointer a,
        int lda,
        FloatPointer b,
        int ldb,
        float beta,
        FloatPointer c,
        int ldc);
  }

  private static LibraryMultiplication cblas(
      ProductShape product, float[] a, float[] b, Sgemm sgemm) {
    return new LibraryMultiplication(
        product,
        a,
        b,
        (p, left, right, result) ->
            sgemm.multiply(
                ROW_MAJOR,
                p.spec().transposeA() ? TRANSPOSE : NO_TRANSPOSE,
                p.spec().transposeB() ? TRANSPOSE : NO_TRANSPOSE,
                p.m(),
                p.n(),
                p.k(),
                1,
                left,
                p.columnsOfA(),
                right,
                p.columnsOfB(),
                0,
                result,
                p.n()));
  }

  @Override
  public void run() {
    call.multiply(product, a, b, c);
  }

  @Override
  public float[] result() {
    float[] values = new float[product.m() * product.n()];
    c.get(values);
    return values;
  }

  @Override
  public void close() {
    a.deallocate();
    b.deallocate();
    c.deallocate();
  }
}
