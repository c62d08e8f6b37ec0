package org.mirror4j.device.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static jcuda.jcublas.JCublas2.cublasCreate;
import static jcuda.jcublas.JCublas2.cublasDestroy;
import static jcuda.jcublas.JCublas2.cublasGemmEx_new;
import static jcuda.jcublas.JCublas2.cublasGemmStridedBatchedEx_new;
import static jcuda.jcublas.JCublas2.cublasSetMathMode;
import static jcuda.jcublas.JCublas2.cublasSetStream;
import static jcuda.jcublas.JCublas2.cublasSetWorkspace;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.driver.CUstream;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.MatrixProducts;
import org.mirror4j.device.operation.Factors;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.ShapeException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * Matrix products by cuBLAS, in the stream of the card's driver.
 *
 * <p>cuBLAS is column-major: what is [rows, columns] here is the transpose there, so {@code c =
 * op(a) op(b)} is computed as {@code c^T = op(b)^T op(a)^T} with the operands swapped and every
 * leading dimension the number of columns. Products of f32 are true f32 unless TF32 is asked for,
 * partial sums of all products stay f32. One stream with one workspace of its own gives the same
 * bits every time, and lets products be recorded.
 */
final class CublasProducts implements MatrixProducts {
  /** What NVIDIA recommends from compute capability 9.0 on, and for the cards before. */
  private static final long LARGE_WORKSPACE_BYTES = 32L << 20;

  private static final long WORKSPACE_BYTES = 8L << 20;

  private final CublasLibrary library;
  private final cublasHandle handle = new cublasHandle();
  private final MemorySegment factors = Arena.ofAuto().allocateFrom(JAVA_FLOAT, 0f, 1f);
  private final Pointer zero = new RawPointer(factors.address());
  private final Pointer one = new RawPointer(factors.address() + Float.BYTES);
  private boolean closed;

  /**
   * Starts cuBLAS in the current context.
   *
   * @param driver lends the workspace, which is freed with it
   */
  CublasProducts(Driver driver, CUstream stream, CublasLibrary library, CudaCard card) {
    this.library = library;
    long bytes = card.capability() >= 90 ? LARGE_WORKSPACE_BYTES : WORKSPACE_BYTES;
    require(cublasCreate(handle), "cublasCreate", library.description());
    try {
      long workspace = driver.allocate(bytes);
      // Setting the stream takes the workspace away again, so it goes first.
      require(cublasSetStream(handle, new cudaStream_t(stream)), "cublasSetStream", "");
      require(
          cublasSetWorkspace(handle, DevicePointer.to(workspace), bytes), "cublasSetWorkspace", "");
      require(
          cublasSetMathMode(
              handle,
              cublasMath.CUBLAS_DEFAULT_MATH
                  | cublasMath.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION),
          "cublasSetMathMode",
          "");
    } catch (RuntimeException | Error failure) {
      close();
      throw failure;
    }
  }

  @Override
  public String description() {
    return library.description();
  }

  @Override
  public void multiply(GemmSpec spec, Factors factors, int batch, Tensor c, Tensor a, Tensor b) {
    int m = rows(c, batch);
    int n = c.columns();
    int k = spec.transposeA() ? rows(a, batch) : a.columns();
    check(spec, batch, m, n, k, c, a, b);
    if (batch == 0 || m == 0 || n == 0) {
      return;
    }
    int first = operation(spec.transposeB());
    int second = operation(spec.transposeA());
    Pointer left = DevicePointer.to(b.address());
    Pointer right = DevicePointer.to(a.address());
    Pointer result = DevicePointer.to(c.address());
    Pointer beta = spec.accumulate() ? one : zero;
    int type = type(a.dtype());
    int resultType = type(c.dtype());
    int computeType =
        factors == Factors.TF32 && a.dtype() == DType.F32
            ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32
            : cublasComputeType.CUBLAS_COMPUTE_32F;
    int status;
    if (batch == 1) {
      status =
          cublasGemmEx_new(
              handle,
              first,
              second,
              n,
              m,
              k,
              one,
              left,
              type,
              b.columns(),
              right,
              type,
              a.columns(),
              beta,
              result,
              resultType,
              n,
              computeType,
              cublasGemmAlgo.CUBLAS_GEMM_DEFAULT);
    } else {
      status =
          cublasGemmStridedBatchedEx_new(
              handle,
              first,
              second,
              n,
              m,
              k,
              one,
              left,
              type,
              b.columns(),
              (long) rows(b, batch) * b.columns(),
              right,
              type,
              a.columns(),
              (long) rows(a, batch) * a.columns(),
              beta,
              result,
              resultType,
              n,
              (long) m * n,
              batch,
              computeType,
              cublasGemmAlgo.CUBLAS_GEMM_DEFAULT);
    }
    if (status != 0) {
      require(
          status,
          batch == 1 ? "cublasGemmEx" : "cublasGemmStridedBatchedEx",
          "%s of %s and %s, %s, batch %d".formatted(c, a, b, spec, batch));
    }
  }

  private static void check(
      GemmSpec spec, int batch, int m, int n, int k, Tensor c, Tensor a, Tensor b) {
    int aRows = spec.transposeA() ? k : m;
    int aColumns = spec.transposeA() ? m : k;
    int bRows = spec.transposeB() ? n : k;
    int bColumns = spec.transposeB() ? k : n;
    requireShape(a, batch, aRows, aColumns);
    requireShape(b, batch, bRows, bColumns);
    requireShape(c, batch, m, n);
    if (a.dtype() != b.dtype() || (c.dtype() != a.dtype() && c.dtype() != DType.F32)) {
      throw new ShapeException(
          "multiply: %s of %s and %s; a and b must have one type, c that type or f32"
              .formatted(c, a, b));
    }
  }

  private static void requireShape(Tensor tensor, int batch, int rows, int columns) {
    if (tensor.rows() != batch * (long) rows || tensor.columns() != columns) {
      throw new ShapeException(
          "multiply: %s, expected [%d * %d,%d]".formatted(tensor, batch, rows, columns));
    }
  }

  private static int rows(Tensor tensor, int batch) {
    return batch == 0 ? 0 : tensor.rows() / batch;
  }

  private static int operation(boolean transpose) {
    return transpose ? cublasOperation.CUBLAS_OP_T : cublasOperation.CUBLAS_OP_N;
  }

  private static int type(DType dtype) {
    return switch (dtype) {
      case F32 -> cudaDataType.CUDA_R_32F;
      case F16 -> cudaDataType.CUDA_R_16F;
      case BF16 -> cudaDataType.CUDA_R_16BF;
      default ->
          throw new ShapeException(
              "multiply: %s, expected f32, f16 or bf16".formatted(dtype.label()));
    };
  }

  private static void require(int status, String call, String about) {
    if (status != 0) {
      throw CudaException.ofLibrary(call, about, cublasStatus.stringFor(status), status);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      cublasDestroy(handle);
    }
  }
}
