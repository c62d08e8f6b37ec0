package org.mirror4j.device.host;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;

/**
 * {@code dnnl_sgemm} of oneDNN. The library runs on OpenMP, whose number of threads is a property
 * of the calling thread: it is set to one for each thread that multiplies, whatever the environment
 * says.
 */
final class OneDnn implements MatrixLibrary {
  private final String name;
  private final MethodHandle setThreads;

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
  }

  private static MethodHandle findSetThreads() {
    try {
      // The name finds the copy of OpenMP that oneDNN was linked to and has loaded already.
      return SymbolLookup.libraryLookup("libgomp.so.1", Arena.global())
          .find("omp_set_num_threads")
          .map(
              function ->
                  Linker.nativeLinker()
                      .downcallHandle(function, FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT)))
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
  public Multiplier multiplier() {
    return new Sgemm();
  }

  private void setThreads(int threads) {
    try {
      setThreads.invokeExact(threads);
    } catch (Throwable thrown) {
      throw new IllegalStateException("omp_set_num_threads failed", thrown);
    }
  }

  private final class Sgemm implements Multiplier {
    private final NativeAddress argumentA = new NativeAddress();
    private final NativeAddress argumentB = new NativeAddress();
    private final NativeAddress argumentC = new NativeAddress();
    private Thread prepared;

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
      if (prepared != Thread.currentThread()) {
        setThreads(1);
        prepared = Thread.currentThread();
      }
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
      if (status != 0) {
        throw new IllegalStateException(
            "dnnl_sgemm of %d x %d x %d failed with status %d".formatted(m, n, k, status));
      }
    }
  }
}
