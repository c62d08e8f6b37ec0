package org.mirror4j.bench.card;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static jcuda.jcudnn.JCudnn.cudnnActivationBackward;
import static jcuda.jcudnn.JCudnn.cudnnActivationForward;
import static jcuda.jcudnn.JCudnn.cudnnCreate;
import static jcuda.jcudnn.JCudnn.cudnnCreateActivationDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateDropoutDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnCreateTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroy;
import static jcuda.jcudnn.JCudnn.cudnnDestroyActivationDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyDropoutDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDestroyTensorDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnDropoutBackward;
import static jcuda.jcudnn.JCudnn.cudnnDropoutForward;
import static jcuda.jcudnn.JCudnn.cudnnDropoutGetReserveSpaceSize;
import static jcuda.jcudnn.JCudnn.cudnnDropoutGetStatesSize;
import static jcuda.jcudnn.JCudnn.cudnnSetActivationDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetDropoutDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSetStream;
import static jcuda.jcudnn.JCudnn.cudnnSetTensor4dDescriptor;
import static jcuda.jcudnn.JCudnn.cudnnSoftmaxBackward;
import static jcuda.jcudnn.JCudnn.cudnnSoftmaxForward;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import jcuda.Pointer;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnActivationMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnDropoutDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnNanPropagation;
import jcuda.jcudnn.cudnnSoftmaxAlgorithm;
import jcuda.jcudnn.cudnnSoftmaxMode;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import jcuda.runtime.cudaStream_t;
import org.mirror4j.device.cuda.CudaException;
import org.mirror4j.device.cuda.JCudaDriver;
import org.mirror4j.device.operation.ShapeException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * Softmax, dropout and tanh by cuDNN, in the stream of a card's driver: rivals of the kernels, for
 * measurements alone. All tensors are [rows, columns] of f32 or f16; results are overwritten.
 */
final class CudnnOperations implements AutoCloseable {
  /** Which of cuDNN's two ways of reading [rows, columns] a softmax takes; the result is one. */
  enum SoftmaxMode {
    /** All of a row is one instance. */
    INSTANCE(cudnnSoftmaxMode.CUDNN_SOFTMAX_MODE_INSTANCE),
    /** The columns are channels of one pixel. */
    CHANNEL(cudnnSoftmaxMode.CUDNN_SOFTMAX_MODE_CHANNEL);

    private final int number;

    SoftmaxMode(int number) {
      this.number = number;
    }
  }

  private record Layout(DType dtype, int rows, int columns) {}

  private final CudnnLibrary library;
  private final JCudaDriver driver;
  private final cudnnHandle handle = new cudnnHandle();
  private final cudnnDropoutDescriptor dropout = new cudnnDropoutDescriptor();
  private final cudnnActivationDescriptor tanh = new cudnnActivationDescriptor();
  private final Map<Layout, cudnnTensorDescriptor> descriptors = new HashMap<>();
  private final MemorySegment factors = Arena.ofAuto().allocateFrom(JAVA_FLOAT, 0f, 1f);
  private final Pointer zero = at(factors.address());
  private final Pointer one = at(factors.address() + Float.BYTES);

  /** What gives back what was taken, the last first. */
  private final Deque<Runnable> closing = new ArrayDeque<>();

  private CudnnOperations(CudnnLibrary library, JCudaDriver driver) {
    this.library = library;
    this.driver = driver;
  }

  /**
   * Loads cuDNN and starts it on a card.
   *
   * @param driver whose stream takes the work; closed after this object
   * @param dropoutRate probability that an element is dropped
   * @throws CudaUnavailableException if cuDNN or its binding is not there
   * @throws CudaException if it cannot be started
   */
  static CudnnOperations open(JCudaDriver driver, double dropoutRate, long seed) {
    CudnnOperations operations = new CudnnOperations(CudnnLibrary.load(), driver);
    try {
      operations.start(dropoutRate, seed);
      return operations;
    } catch (RuntimeException | Error failure) {
      operations.close();
      throw failure;
    }
  }

  private void start(double dropoutRate, long seed) {
    cudaStream_t stream = new cudaStream_t(driver.stream());
    require(cudnnCreate(handle), "cudnnCreate", library.description());
    closing.push(() -> cudnnDestroy(handle));
    require(cudnnSetStream(handle, stream), "cudnnSetStream", "");
    require(cudnnCreateActivationDescriptor(tanh), "cudnnCreateActivationDescriptor", "");
    closing.push(() -> cudnnDestroyActivationDescriptor(tanh));
    require(
        cudnnSetActivationDescriptor(
            tanh,
            cudnnActivationMode.CUDNN_ACTIVATION_TANH,
            cudnnNanPropagation.CUDNN_PROPAGATE_NAN,
            0),
        "cudnnSetActivationDescriptor",
        "tanh");
    long[] bytes = new long[1];
    require(cudnnDropoutGetStatesSize(handle, bytes), "cudnnDropoutGetStatesSize", "");
    long states = driver.allocate(bytes[0]);
    closing.push(() -> driver.free(states));
    require(cudnnCreateDropoutDescriptor(dropout), "cudnnCreateDropoutDescriptor", "");
    closing.push(() -> cudnnDestroyDropoutDescriptor(dropout));
    require(
        cudnnSetDropoutDescriptor(dropout, handle, (float) dropoutRate, at(states), bytes[0], seed),
        "cudnnSetDropoutDescriptor",
        "");
  }

  /** Version of cuDNN and where it was found. */
  String description() {
    return library.description();
  }

  /** {@code y[r,:] = softmax(x[r,:])}. */
  void softmax(Tensor y, Tensor x, SoftmaxMode mode) {
    require(
        cudnnSoftmaxForward(
            handle,
            cudnnSoftmaxAlgorithm.CUDNN_SOFTMAX_ACCURATE,
            mode.number,
            one,
            descriptor(x),
            pointer(x),
            zero,
            descriptor(y),
            pointer(y)),
        "cudnnSoftmaxForward",
        x.toString());
  }

  /** {@code dX[r,:] = y * (dY - sum(y * dY))} with {@code y} of {@link #softmax}. */
  void softmaxBackward(Tensor dX, Tensor y, Tensor dY, SoftmaxMode mode) {
    require(
        cudnnSoftmaxBackward(
            handle,
            cudnnSoftmaxAlgorithm.CUDNN_SOFTMAX_ACCURATE,
            mode.number,
            one,
            descriptor(y),
            pointer(y),
            descriptor(dY),
            pointer(dY),
            zero,
            descriptor(dX),
            pointer(dX)),
        "cudnnSoftmaxBackward",
        y.toString());
  }

  /** {@code y = tanh(x)}. */
  void tanh(Tensor y, Tensor x) {
    require(
        cudnnActivationForward(
            handle, tanh, one, descriptor(x), pointer(x), zero, descriptor(y), pointer(y)),
        "cudnnActivationForward",
        x.toString());
  }

  /** {@code dX = dY (1 - y^2)} with {@code y} of {@link #tanh}. */
  void tanhBackward(Tensor dX, Tensor y, Tensor dY, Tensor x) {
    require(
        cudnnActivationBackward(
            handle,
            tanh,
            one,
            descriptor(y),
            pointer(y),
            descriptor(dY),
            pointer(dY),
            descriptor(x),
            pointer(x),
            zero,
            descriptor(dX),
            pointer(dX)),
        "cudnnActivationBackward",
        y.toString());
  }

  /** Bytes of the mask that dropout of a tensor like {@code x} keeps for the backward pass. */
  long maskBytes(Tensor x) {
    long[] bytes = new long[1];
    require(
        cudnnDropoutGetReserveSpaceSize(descriptor(x), bytes),
        "cudnnDropoutGetReserveSpaceSize",
        x.toString());
    return bytes[0];
  }

  /**
   * {@code y = x keep / (1 - rate)}, another draw at every call.
   *
   * @param mask of at least {@link #maskBytes}, overwritten
   */
  void dropout(Tensor y, Tensor x, Tensor mask) {
    require(
        cudnnDropoutForward(
            handle,
            dropout,
            descriptor(x),
            pointer(x),
            descriptor(y),
            pointer(y),
            pointer(mask),
            mask.bytes()),
        "cudnnDropoutForward",
        x.toString());
  }

  /** {@code dX = dY keep / (1 - rate)} with the mask of {@link #dropout}. */
  void dropoutBackward(Tensor dX, Tensor dY, Tensor mask) {
    require(
        cudnnDropoutBackward(
            handle,
            dropout,
            descriptor(dY),
            pointer(dY),
            descriptor(dX),
            pointer(dX),
            pointer(mask),
            mask.bytes()),
        "cudnnDropoutBackward",
        dY.toString());
  }

  private static Pointer pointer(Tensor tensor) {
    return at(tensor.address());
  }

  /** A plain address, of the device or of the host. */
  private static Pointer at(long address) {
    return new Pointer().withByteOffset(address);
  }

  /** A row is an image of one pixel, a column one of its channels. */
  private cudnnTensorDescriptor descriptor(Tensor tensor) {
    return descriptors.computeIfAbsent(
        new Layout(tensor.dtype(), tensor.rows(), tensor.columns()),
        layout -> {
          cudnnTensorDescriptor descriptor = new cudnnTensorDescriptor();
          require(
              cudnnCreateTensorDescriptor(descriptor),
              "cudnnCreateTensorDescriptor",
              tensor.toString());
          closing.push(() -> cudnnDestroyTensorDescriptor(descriptor));
          require(
              cudnnSetTensor4dDescriptor(
                  descriptor,
                  cudnnTensorFormat.CUDNN_TENSOR_NCHW,
                  type(layout.dtype()),
                  layout.rows(),
                  layout.columns(),
                  1,
                  1),
              "cudnnSetTensor4dDescriptor",
              tensor.toString());
          return descriptor;
        });
  }

  private static int type(DType dtype) {
    return switch (dtype) {
      case F32 -> cudnnDataType.CUDNN_DATA_FLOAT;
      case F16 -> cudnnDataType.CUDNN_DATA_HALF;
      default ->
          throw new ShapeException("cuDNN: %s, expected f32 or f16".formatted(dtype.label()));
    };
  }

  private static void require(int status, String call, String about) {
    if (status != 0) {
      throw CudaException.ofLibrary(call, about, name(status), status);
    }
  }

  /** By category, as cuDNN 9 numbers them; 9 is what an empty slot of the forwarder returns. */
  private static String name(int status) {
    return switch (status == 9 ? 3 : status / 1000) {
      case 1 -> "CUDNN_STATUS_NOT_INITIALIZED";
      case 2 -> "CUDNN_STATUS_BAD_PARAM";
      case 3 -> "CUDNN_STATUS_NOT_SUPPORTED";
      case 4 -> "CUDNN_STATUS_INTERNAL_ERROR";
      case 5 -> "CUDNN_STATUS_EXECUTION_FAILED";
      default -> "cudnnStatus";
    };
  }

  /** Gives back everything; freeing memory waits for the work. */
  @Override
  public void close() {
    Runnable last;
    while ((last = closing.poll()) != null) {
      last.run();
    }
  }
}
