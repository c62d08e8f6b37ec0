package org.mirror4j.device.host;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;

/**
 * {@code dnnl_sgemm} and {@code dnnl_gemm_bf16bf16f32} of oneDNN. The latter is exported, but in no
 * header. The library runs on OpenMP, whose number of threads is a property of the calling thread:
 * it is set to one for each thread that multiplies, whatever the environment says.
 */
final class OneDnn implements MatrixLibrary {
  private final String name;
  private final MethodHandle setThreads;
  private final MethodHandle bfloat16Product;

  /**
   * Loads the library.
   *
   * @throws IllegalStateException if OpenMP cannot be told to use one thread
   * @throws UnsatisfiedLinkError if the library does not load
   */
  OneDnn() {
    dnnl_version_t version = dnnl.dnnl_version();
    name = "oneDNN " + version.major() + "." + version.minor() + "." + version.patch();
    setThreads = findSetThreads();
    bfloat16Product = findBfloat16Product();
  }

  /** Null where the processor has no instructions for it. */
  private static MethodHandle findBfloat16Product() {
    int needed = dnnl.dnnl_cpu_isa_avx512_core_bf16;
    if ((dnnl.dnnl_get_effective_cpu_isa() & needed) != needed) {
      return null;
    }
    FunctionDescriptor descriptor =
        FunctionDescriptor.of(
            JAVA_INT,
            JAVA_BYTE, // transposition of A and of B
            JAVA_BYTE,
            JAVA_LONG, // m, n, k
            JAVA_LONG,
            JAVA_LONG,
            JAVA_FLOAT, // alpha
            JAVA_LONG, // a, lda
            JAVA_LONG,
            JAVA_LONG, // b, ldb
            JAVA_LONG,
            JAVA_FLOAT, // beta
            JAVA_LONG, // c, ldc
            JAVA_LONG);
    return SymbolLookup.libraryLookup("libdnnl.so.3", Arena.global())
        .find("dnnl_gemm_bf16bf16f32")
        .map(function -> Linker.nativeLinker().downcallHandle(function, descriptor))
        .orElse(null);
  }

  private static MethodHandle findSetThreads() {
    try {
      // The name finds the copy of OpenMP that oneDNN was linked to and has loaded already.
      return SymbolLookup.libraryLookup("libgomp.so.1", Arena.global())
          .find("omp_set_num_threads")
          .map(
              function ->
                  Linker.nativeLinker()
                      .downcallHandle(function, FunctionDescriptor.ofVoid(JAVA_INT)))
          .orElseThrow(() -> new IllegalStateException("OpenMP lacks omp_set_num_threads"));
    } catch (IllegalArgumentException problem) {
      throw new IllegalStateException("OpenMP not found: " + problem.getMessage(), problem);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean multipliesBfloat16() {
    return bfloat16Product != null;
  }

  @Override
  public Multiplier multiplier(HostScratch scratch) {
    return new Products(scratch);
  }

  private void setThreads(int threads) {
    try {
      setThreads.invokeExact(threads);
    } catch (Throwable thrown) {
      throw new IllegalStateException("omp_set_num_threads failed", thrown);
    }
  }

  private final class Products implements Multiplier {
    private final NativeAddress argumentA = new NativeAddress();
    private final NativeAddress argumentB = new NativeAddress();
    private final NativeAddress argumentC = new NativeAddress();
    private final HostScratch scratch;
    private MatmulPrimitives primitives;
    private Thread prepared;

    Products(HostScratch scratch) {
      this.scratch = scratch;
    }

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
      prepare();
      int status =
          dnnl.dnnl_sgemm(
              (byte) (transposeA ? 'T' : 'N'),
              (byte) (transposeB ? 'T' : 'N'),
              m,
              n,
              k,
              alpha,
              argumentA.at(a),
              lda,
              argumentB.at(b),
              ldb,
              beta,
              argumentC.at(c),
              ldc);
      check("dnnl_sgemm", m, n, k, status);
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
      prepare();
      byte formA = (byte) (transposeA ? 'T' : 'N');
      byte formB = (byte) (transposeB ? 'T' : 'N');
      int status;
      try {
        status =
            (int)
                bfloat16Product.invokeExact(
                    formA, formB, m, n, k, 1f, a, lda, b, ldb, beta, c, ldc);
      } catch (Throwable thrown) {
        throw new IllegalStateException("dnnl_gemm_bf16bf16f32 failed", thrown);
      }
      check("dnnl_gemm_bf16bf16f32", m, n, k, status);
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
      prepare();
      if (primitives == null) {
        primitives = new MatmulPrimitives(scratch);
      }
      primitives.multiply(transposeB, m, n, k, a, b, ldb, accumulate, c);
    }

    private void prepare() {
      if (prepared != Thread.currentThread()) {
        setThreads(1);
        prepared = Thread.currentThread();
      }
    }

    private static void check(String function, long m, long n, long k, int status) {
      if (status != 0) {
        throw new IllegalStateException(
            "%s of %d x %d x %d failed with status %d".formatted(function, m, n, k, status));
      }
    }
  }
}
