package org.mirror4j.device;

import org.mirror4j.device.operation.ShapeException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Tensor;

/**
 * Checks copies between the host and a device: the calling thread, the tensor's memory and type,
 * and that the host side is large enough.
 */
public final class CopyCheck {
  private final Ownership ownership;

  /**
   * @param ownership of the device's memory
   */
  public CopyCheck(Ownership ownership) {
    this.ownership = ownership;
  }

  /**
   * Requires that an array may be copied to a tensor.
   *
   * @param operation for messages
   * @param dtype what the array holds
   * @param elements of the array
   */
  public void to(Tensor tensor, String operation, DType dtype, int elements) {
    array(operation, tensor, dtype, elements, true);
  }

  /** Requires that host memory of so many bytes may be copied to a tensor of any type. */
  public void to(Tensor tensor, String operation, long bytes) {
    bytes(operation, tensor, bytes, true);
  }

  /** Requires that a tensor may be copied to an array. */
  public void from(Tensor tensor, String operation, DType dtype, int elements) {
    array(operation, tensor, dtype, elements, false);
  }

  /** Requires that a tensor of any type may be copied to host memory of so many bytes. */
  public void from(Tensor tensor, String operation, long bytes) {
    bytes(operation, tensor, bytes, false);
  }

  private void array(
      String operation, Tensor tensor, DType dtype, int elements, boolean isWritten) {
    ownership.require();
    if (tensor.dtype() != dtype) {
      throw new ShapeException(
          operation + ": " + tensor + ", expected type " + dtype.label() + " like the array");
    }
    bytes(operation, tensor, (long) elements * dtype.bytes(), isWritten);
  }

  private void bytes(String operation, Tensor tensor, long bytes, boolean isWritten) {
    ownership.require();
    ownership.requireOwn(operation, tensor.name(), tensor, isWritten);
    if (bytes < tensor.bytes()) {
      throw new ShapeException(
          "%s: %s has %d bytes, the host side only %d"
              .formatted(operation, tensor, tensor.bytes(), bytes));
    }
  }
}
