package org.mirror4j.device.host;

import java.util.Set;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.mirror4j.tensor.DType;

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
  public Set<DType> packedTypes() {
    return Set.of();
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
    public void multiply(MatrixProduct p) {
      openblas_nolapack.cblas_sgemm(
          ROW_MAJOR,
          p.transposeA ? TRANSPOSE : NO_TRANSPOSE,
          p.transposeB ? TRANSPOSE : NO_TRANSPOSE,
          p.m,
          p.n,
          p.k,
          p.alpha,
          argumentA.at(p.a),
          p.strideA,
          argumentB.at(p.b),
          p.strideB,
          p.beta,
          argumentC.at(p.c),
          p.strideC);
    }

    @Override
    public void multiplyBfloat16(MatrixProduct product) {
      throw f32Only();
    }

    @Override
    public void multiplyRows(MatrixProduct product) {
      throw f32Only();
    }

    @Override
    public long packedBytes(DType type, int n, int k) {
      throw f32Only();
    }

    @Override
    public void pack(DType type, long to, long from, int n, int k) {
      throw f32Only();
    }

    @Override
    public void multiplyPacked(DType type, long c, long a, long b, int m, int n, int k) {
      throw f32Only();
    }

    private static UnsupportedOperationException f32Only() {
      return new UnsupportedOperationException("OpenBLAS multiplies f32 only");
    }
  }
}
