package org.mirror4j.device.host;

import org.bytedeco.openblas.global.openblas_nolapack;

/** {@code cblas_sgemm} of OpenBLAS, told to use one thread. */
final class OpenBlas implements MatrixLibrary {
  private static final int ROW_MAJOR = 101;
  private static final int NO_TRANSPOSE = 111;
  private static final int TRANSPOSE = 112;

  private final String name;

  /**
   * Loads the library.
   *
   * @throws UnsatisfiedLinkError if it does not load
   */
  OpenBlas() {
    openblas_nolapack.blas_set_num_threads(1);
    name = openblas_nolapack.OPENBLAS_VERSION.strip();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean multipliesBfloat16() {
    return false;
  }

  @Override
  public Multiplier multiplier(HostScratch scratch) {
    return new Sgemm();
  }

  private static final class Sgemm implements Multiplier {
    private final NativeAddress argumentA = new NativeAddress();
    private final NativeAddress argumentB = new NativeAddress();
    private final NativeAddress argumentC = new NativeAddress();

    @Override
    public void multiply(
        boolean transposeA,
        boolean transposeB,
        long m,
        long n,
        long k,
        float alpha,
        long a,
        long lda,
        long b,
        long ldb,
        float beta,
        long c,
        long ldc) {
      openblas_nolapack.cblas_sgemm(
          ROW_MAJOR,
          transposeA ? TRANSPOSE : NO_TRANSPOSE,
          transposeB ? TRANSPOSE : NO_TRANSPOSE,
          (int) m,
          (int) n,
          (int) k,
          alpha,
          argumentA.at(a),
          (int) lda,
          argumentB.at(b),
          (int) ldb,
          beta,
          argumentC.at(c),
          (int) ldc);
    }

    @Override
    public void multiplyBfloat16(
        boolean transposeA,
        boolean transposeB,
        long m,
        long n,
        long k,
        long a,
        long lda,
        long b,
        long ldb,
        float beta,
        long c,
        long ldc) {
      throw new UnsupportedOperationException("OpenBLAS multiplies f32 only");
    }

    @Override
    public void multiplyRows(
        boolean transposeB,
        int m,
        int n,
        int k,
        long a,
        long b,
        int ldb,
        boolean accumulate,
        long c) {
      throw new UnsupportedOperationException("OpenBLAS multiplies f32 only");
    }
  }
}
