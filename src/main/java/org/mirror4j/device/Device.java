package org.mirror4j.device;

import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.PackedProduct;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Tensor;

/**
 * A machine that executes {@link Kernels} on memory of its own, in the order of the calls.
 *
 * <p>A device belongs to the thread that opened it: from another thread every operation, copy,
 * allocation and {@link #close} is a {@link WrongThreadException}, before anything is touched.
 * After {@link #close} they are an {@link IllegalStateException}, and so is a tensor whose
 * workspace is closed; a tensor of another device is an {@link IllegalArgumentException}. Name,
 * description and storage types may be asked for by any thread at any time.
 */
public interface Device extends Allocator, AutoCloseable {
  /** Short name as in the option {@code --device}: {@code cpu}, {@code cuda}, {@code ptx}. */
  String name();

  /** One line for people: processor or card, instruction set, threads, matrix library. */
  String description();

  /**
   * Kernels of the build that others are executed in place of, each with the digest of the other
   * one's text: results depend on them.
   */
  default SortedMap<String, String> replacedKernels() {
    return Collections.emptySortedMap();
  }

  /** The operations, with their arguments checked. */
  Kernels kernels();

  /** What models are computed in, forward and backward: f32, and maybe others. */
  Set<Precision> precisions();

  /** Types that the operations take for activations and weights: f32, and maybe f16 and bf16. */
  default Set<DType> storageTypes() {
    return precisions().stream()
        .map(Precision::storage)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(DType.class)));
  }

  /**
   * This device with matrix products as a precision has them: the same memory, in the same order of
   * work, closed with it. What one of the two computed before does not matter: {@code
   * computing(F32)} of any is the device as it was opened.
   *
   * @throws IllegalArgumentException naming what it computes in, if that is not among it
   */
  default Device computing(Precision precision) {
    require(precision, precisions());
    return this;
  }

  /**
   * The same for a model that only goes forward, for which weights may be packed: in more
   * precisions, where the device has {@link #packed} products.
   *
   * @throws IllegalArgumentException as {@link #computing}
   */
  default Device computingForward(Precision precision) {
    Set<Precision> forward = EnumSet.copyOf(precisions());
    for (Precision other : Precision.values()) {
      if (other.needsPacking() && packed(other.packing()).isPresent()) {
        forward.add(other);
      }
    }
    require(precision, forward);
    return computing(precision.needsPacking() ? Precision.F32 : precision);
  }

  private void require(Precision precision, Set<Precision> known) {
    if (!known.contains(precision)) {
      throw new IllegalArgumentException(
          "--precision %s: the device %s computes in %s"
              .formatted(
                  precision.label(),
                  name(),
                  known.stream()
                      .sorted()
                      .map(Precision::label)
                      .collect(Collectors.joining(" or "))));
    }
  }

  /**
   * Gives back what memory under a tensor the device can do without until the tensor is written
   * again: nobody reads it before. Its content is unspecified from now on.
   */
  default void discard(Tensor tensor) {}

  /** Products with packed weights of a type, where the device has them. */
  default Optional<PackedProduct> packed(DType type) {
    return Optional.empty();
  }

  /**
   * Executes operations that differ from call to call by the contents of tensors and the step of
   * {@link org.mirror4j.device.operation.Dropout} alone. A device may record them at the first call
   * and replay them afterwards, until the memory that they work in is closed.
   *
   * @param memory of the workspace that is closed first of those that hold the tensors
   * @param key of one memory, equal keys promise equal operations on equal tensors of equal sizes
   * @param operations launches only: no upload, download or allocation
   */
  void repeat(Ownership memory, Object key, Runnable operations);

  /**
   * What the rows of a batch are best a multiple of, so that the sizes of steps, and with them the
   * keys of {@link #repeat}, come again: 1 where that gains nothing.
   */
  int tokenMultiple();

  /**
   * Whether a backward pass is to compute again, from what is kept, whatever takes no matrix
   * product: the same bits in half the memory for activations. False where products take too little
   * time for that to cost little beside them.
   *
   * @param storage type of activations and of weights in matrix products
   */
  boolean recomputes(DType storage);

  /** The thread that opened this device and whether it is still open. */
  @Override
  Ownership ownership();

  /** Bytes that {@link #allocate} can still hand out, as far as is known. */
  long availableBytes();

  /**
   * Copies host memory to a tensor. The source may be reused on return.
   *
   * @param from at least {@code to.bytes()} bytes
   */
  void upload(Tensor to, MemorySegment from);

  /** Copies the rows in use of a tensor to host memory, waiting until they are computed. */
  void download(MemorySegment to, Tensor from);

  /** Copies the first {@code to.size()} of {@code values} to an i32 tensor. */
  void upload(Tensor to, int[] values);

  /** Copies the first {@code to.size()} of {@code values} to an f32 tensor. */
  void upload(Tensor to, float[] values);

  /**
   * Like {@link #upload(Tensor, int[])}, while earlier operations still run: none of these that is
   * not waited for yet may use the tensor. Later operations see the values.
   */
  void prefetch(Tensor to, int[] values);

  /** The same of f32. */
  void prefetch(Tensor to, float[] values);

  /** Copies an f32 tensor to the start of {@code values}, waiting until it is computed. */
  void download(float[] values, Tensor from);

  /** Waits for all operations so far. */
  void synchronize();

  /** Frees everything the device holds; the second time does nothing. */
  @Override
  void close();
}
