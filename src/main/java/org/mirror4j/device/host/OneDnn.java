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
import java.util.EnumSet;
import java.util.Set;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.mirror4j.tensor.DType;

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
    if (!has(dnnl.dnnl_cpu_isa_avx512_core_bf16)) {
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

  /** Of int8 where instructions multiply bytes without saturating; those before do in 16 bits. */
  @Override
  public Set<DType> packedTypes() {
    Set<DType> types = EnumSet.noneOf(DType.class);
    if (has(dnnl.dnnl_cpu_isa_avx512_core)) {
      types.add(DType.F32);
    }
    if (has(dnnl.dnnl_cpu_isa_avx512_core_bf16)) {
      types.add(DType.BF16);
    }
    if (has(dnnl.dnnl_cpu_isa_avx512_core_vnni) || has(dnnl.dnnl_cpu_isa_avx2_vnni)) {
      types.add(DType.INT8);
    }
    return types;
  }

  private static boolean has(int instructions) {
    return (dnnl.dnnl_get_effective_cpu_isa() & instructions) == instructions;
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
    private OneDnnEngine engine;
    private MatmulPrimitives primitives;
    private PackedPrimitives packed;
    private Thread prepared;

    Products(HostScratch scratch) {
      this.scratch = scratch;
    }

    @Override
    public void close() {
      if (primitives != null) {
        primitives.close();
      }
      if (packed != null) {
        packed.close();
      }
      if (engine != null) {
        engine.close();
      }
    }

    @Override
    public void multiply(MatrixProduct p) {
      prepare();
      int status =
          dnnl.dnnl_sgemm(
              form(p.transposeA),
              form(p.transposeB),
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
      check("dnnl_sgemm", p, status);
    }

    @Override
    public void multiplyBfloat16(MatrixProduct p) {
      prepare();
      int status;
      try {
        status =
            (int)
                bfloat16Product.invokeExact(
                    form(p.transposeA),
                    form(p.transposeB),
                    (long) p.m,
                    (long) p.n,
                    (long) p.k,
                    1f,
                    p.a,
                    (long) p.strideA,
                    p.b,
                    (long) p.strideB,
                    p.beta,
                    p.c,
                    (long) p.strideC);
      } catch (Throwable thrown) {
        throw new IllegalStateException("dnnl_gemm_bf16bf16f32 failed", thrown);
      }
      check("dnnl_gemm_bf16bf16f32", p, status);
    }

    @Override
    public void multiplyRows(MatrixProduct product) {
      prepare();
      if (primitives == null) {
        primitives = new MatmulPrimitives(engine());
      }
      primitives.multiply(product);
    }

    @Override
    public long packedBytes(DType type, int n, int k) {
      return packed().bytes(type, n, k);
    }

    @Override
    public void pack(DType type, long to, long from, int n, int k) {
      packed().pack(type, to, from, n, k);
    }

    @Override
    public void multiplyPacked(DType type, long c, long a, long b, int m, int n, int k) {
      packed().multiply(type, c, a, b, m, n, k);
    }

    private PackedPrimitives packed() {
      prepare();
      if (packed == null) {
        packed = new PackedPrimitives(engine());
      }
      return packed;
    }

    private OneDnnEngine engine() {
      if (engine == null) {
        engine = new OneDnnEngine(scratch);
      }
      return engine;
    }

    private static byte form(boolean transpose) {
      return (byte) (transpose ? 'T' : 'N');
    }

    private void prepare() {
      if (prepared != Thread.currentThread()) {
        setThreads(1);
        prepared = Thread.currentThread();
      }
    }

    private static void check(String function, MatrixProduct product, int status) {
      if (status != 0) {
        throw new IllegalStateException(
            "%s of %s failed with status %d".formatted(function, product, status));
      }
    }
  }
}
