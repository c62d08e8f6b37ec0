package org.mirror4j.device.launch;

import java.util.Arrays;
import org.mirror4j.device.launch.source.KernelContract;
import org.mirror4j.device.launch.source.KernelContract.ScalarType;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * The arguments of one launch in the order of the entry's parameters: buffers, then scalars. One
 * object serves all launches of a kernel; filling it allocates nothing.
 */
public final class KernelArguments {
  private final KernelContract contract;
  private final DType storage;
  private final Tensor[] tensors;
  private final long[] bits;
  private final long[] values;
  private int count;

  /** Room for the arguments of the variant of a kernel for a storage type. */
  public KernelArguments(KernelContract contract, DType storage) {
    this.contract = contract;
    this.storage = storage;
    tensors = new Tensor[contract.buffers().size()];
    bits = new long[tensors.length + contract.scalars().size()];
    values = contract.values(storage);
  }

  /**
   * The same arguments, which later changes of this object or of its tensors' rows do not reach.
   */
  public KernelArguments copy() {
    KernelArguments copy = new KernelArguments(contract, storage);
    for (int i = 0; i < tensors.length; i++) {
      copy.tensors[i] = tensors[i].copy();
    }
    System.arraycopy(bits, 0, copy.bits, 0, bits.length);
    System.arraycopy(values, 0, copy.values, 0, values.length);
    copy.count = count;
    return copy;
  }

  /** Starts over. */
  public void clear() {
    count = 0;
    Arrays.fill(tensors, null);
  }

  /**
   * The next buffer.
   *
   * @throws IllegalArgumentException if a buffer of another type is expected here, or none
   */
  public void add(Tensor tensor) {
    if (count >= tensors.length) {
      throw new IllegalArgumentException(
          "%s: buffer %s as argument %d, expected %d buffers"
              .formatted(contract.entry(), tensor, count, tensors.length));
    }
    KernelContract.Buffer buffer = contract.buffers().get(count);
    if (tensor.dtype() != buffer.dtype(storage)) {
      throw new IllegalArgumentException(
          "%s: %s is %s, expected %s"
              .formatted(contract.entry(), buffer.name(), tensor, buffer.dtype(storage).label()));
    }
    tensors[count] = tensor;
    bits[count++] = tensor.address();
  }

  /** The next scalar, u32, s32 or u64. */
  public void add(long value) {
    KernelContract.Scalar scalar = scalar("whole number");
    if (scalar.type() == ScalarType.F32) {
      throw new IllegalArgumentException(
          "%s: %s is a whole number, expected f32".formatted(contract.entry(), scalar.name()));
    }
    values[count - tensors.length] = value;
    bits[count++] = value;
  }

  /** The next scalar, f32. */
  public void add(float value) {
    KernelContract.Scalar scalar = scalar("f32");
    if (scalar.type() != ScalarType.F32) {
      throw new IllegalArgumentException(
          "%s: %s is f32, expected a whole number".formatted(contract.entry(), scalar.name()));
    }
    bits[count++] = Float.floatToRawIntBits(value) & 0xFFFFFFFFL;
  }

  private KernelContract.Scalar scalar(String found) {
    int index = count - tensors.length;
    if (index < 0 || index >= contract.scalars().size()) {
      throw new IllegalArgumentException(
          "%s: %s as argument %d, expected %d buffers and %d scalars"
              .formatted(
                  contract.entry(), found, count, tensors.length, contract.scalars().size()));
    }
    return contract.scalars().get(index);
  }

  /**
   * Requires that all arguments are there.
   *
   * @throws IllegalArgumentException if some are missing
   */
  public void requireComplete() {
    if (count != bits.length) {
      throw new IllegalArgumentException(
          "%s: %d arguments, expected %d".formatted(contract.entry(), count, bits.length));
    }
  }

  /** The kernel these are for. */
  public KernelContract contract() {
    return contract;
  }

  /** The storage type of the variant. */
  public DType storage() {
    return storage;
  }

  /** Number of arguments. */
  public int count() {
    return bits.length;
  }

  /** Address of a buffer, or a scalar in the lowest bytes. */
  public long bits(int index) {
    return bits[index];
  }

  /** The buffer at an index below the number of buffers. */
  public Tensor tensor(int index) {
    return tensors[index];
  }

  /** What the contract's formulas are evaluated over. */
  public long[] values() {
    return values;
  }
}
