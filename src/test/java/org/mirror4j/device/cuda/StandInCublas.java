package org.mirror4j.device.cuda;

import java.lang.foreign.ValueLayout;

/** cuBLAS as far as the engine calls it: column-major products, summed in double, in a stream. */
final class StandInCublas extends StandIn {
  static final int NOT_INITIALIZED = 1;
  static final int INVALID_VALUE = 7;
  static final int EXECUTION_FAILED = 13;
  static final int INTERNAL_ERROR = 14;

  /** Element types as cuBLAS numbers them. */
  private static final int F32 = 0;

  private static final int F16 = 2;
  private static final int BF16 = 14;
  private static final int COMPUTE_32F = 68;
  private static final int COMPUTE_32F_FAST_TF32 = 77;
  private static final int NO_REDUCED_PRECISION = 16;

  private final StandInDriver driver;
  private final int[] version;
  private long handle;
  private long stream;
  private long workspaceBytes;
  private int mathMode;

  /**
   * @param driver whose streams take the products; null if there are to be none
   * @param version major, minor, patch
   */
  StandInCublas(StandInDriver driver, int... version) {
    super(INTERNAL_ERROR);
    this.driver = driver;
    this.version = version;
  }

  boolean created() {
    return handle != 0;
  }

  long stream() {
    return stream;
  }

  long workspaceBytes() {
    return workspaceBytes;
  }

  boolean sumsInF32() {
    return mathMode == NO_REDUCED_PRECISION;
  }

  int cublasGetProperty(int part, long to) {
    setInt(to, version[part]);
    return 0;
  }

  int cublasCreate_v2(long to) {
    handle = 0xB1A5;
    setLong(to, handle);
    return 0;
  }

  int cublasDestroy_v2(long destroyed) {
    if (handle == 0 || destroyed != handle) {
      return NOT_INITIALIZED;
    }
    handle = 0;
    return 0;
  }

  /** As the real one does, gives the library's own workspace back to the handle. */
  int cublasSetStream_v2(long on, long stream) {
    this.stream = stream;
    workspaceBytes = 0;
    return 0;
  }

  int cublasSetWorkspace_v2(long on, long workspace, long bytes) {
    workspaceBytes = workspace == 0 ? 0 : bytes;
    return 0;
  }

  int cublasSetMathMode(long on, int mode) {
    mathMode = mode;
    return 0;
  }

  int cublasGemmEx(
      long on,
      int transposeA,
      int transposeB,
      int m,
      int n,
      int k,
      long alpha,
      long a,
      int aType,
      int lda,
      long b,
      int bType,
      int ldb,
      long beta,
      long c,
      int cType,
      int ldc,
      int computeType,
      int algorithm) {
    return cublasGemmStridedBatchedEx(
        on,
        transposeA,
        transposeB,
        m,
        n,
        k,
        alpha,
        a,
        aType,
        lda,
        0,
        b,
        bType,
        ldb,
        0,
        beta,
        c,
        cType,
        ldc,
        0,
        1,
        computeType,
        algorithm);
  }

  int cublasGemmStridedBatchedEx(
      long on,
      int transposeA,
      int transposeB,
      int m,
      int n,
      int k,
      long alpha,
      long a,
      int aType,
      int lda,
      long strideA,
      long b,
      int bType,
      int ldb,
      long strideB,
      long beta,
      long c,
      int cType,
      int ldc,
      long strideC,
      int batch,
      int computeType,
      int algorithm) {
    boolean leads =
        lda >= (transposeA == 0 ? m : k) && ldb >= (transposeB == 0 ? k : n) && ldc >= m;
    boolean tf32 = computeType == COMPUTE_32F_FAST_TF32 && aType == F32;
    boolean computes = computeType == COMPUTE_32F || tf32;
    if (on != handle || !computes || aType != bType || !leads) {
      return INVALID_VALUE;
    }
    double scale = get(alpha, F32);
    double keep = get(beta, F32);
    driver.put(
        stream,
        () -> {
          for (int i = 0; i < batch; i++) {
            long aStart = a + i * strideA * bytes(aType);
            long bStart = b + i * strideB * bytes(bType);
            long cStart = c + i * strideC * bytes(cType);
            for (int column = 0; column < n; column++) {
              for (int row = 0; row < m; row++) {
                double sum = 0;
                for (int t = 0; t < k; t++) {
                  long left = transposeA == 0 ? row + (long) t * lda : t + (long) row * lda;
                  long right = transposeB == 0 ? t + (long) column * ldb : column + (long) t * ldb;
                  double x = get(aStart + left * bytes(aType), aType);
                  double y = get(bStart + right * bytes(bType), bType);
                  sum += tf32 ? tf32(x) * tf32(y) : x * y;
                }
                long to = cStart + (row + (long) column * ldc) * bytes(cType);
                // As in BLAS, what is there is not read unless it is kept: it may be a NaN.
                set(to, cType, scale * sum + (keep == 0 ? 0 : keep * get(to, cType)));
              }
              driver.written(cStart + (long) column * ldc * bytes(cType), (long) m * bytes(cType));
            }
          }
        });
    return 0;
  }

  /** The upper 19 bits of an f32. */
  private static double tf32(double value) {
    return Float.intBitsToFloat(Float.floatToRawIntBits((float) value) & -1 << 13);
  }

  private static int bytes(int type) {
    return type == F32 ? 4 : 2;
  }

  private static double get(long address, int type) {
    return switch (type) {
      case F32 -> ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
      case F16 -> Float.float16ToFloat(ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address));
      case BF16 ->
          Float.intBitsToFloat(ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address) << Short.SIZE);
      default -> throw new IllegalArgumentException("element type " + type);
    };
  }

  private static void set(long address, int type, double value) {
    float rounded = (float) value;
    switch (type) {
      case F32 -> ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, rounded);
      case F16 -> ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, Float.floatToFloat16(rounded));
      case BF16 -> {
        int bits = Float.floatToRawIntBits(rounded);
        ALL.set(
            ValueLayout.JAVA_SHORT_UNALIGNED,
            address,
            (short) (bits + 0x7FFF + (bits >>> Short.SIZE & 1) >> Short.SIZE));
      }
      default -> throw new IllegalArgumentException("element type " + type);
    }
  }
}
