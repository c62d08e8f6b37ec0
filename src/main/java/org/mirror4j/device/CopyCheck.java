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
   * Requires that a tensor may be copied from or to an array.
   *
   * @param operation for messages
   * @param dtype what the array holds
   * @param elements of the array
   */
  public void array(String operation, Tensor tensor, DType dtype, int elements) {
    ownership.require();
    if (tensor.dtype() != dtype) {
      throw new ShapeException(
          operation + ": " + tensor + ", expected type " + dtype.label() + " like the array");
    }
    bytes(operation, tensor, (long) elements * dtype.bytes());
  }

  /**
   * Requires that a tensor of any type may be copied from or to host memory.
   *
   * @param operation for messages
   * @param bytes of the host memory
   */
  public void bytes(String operation, Tensor tensor, long bytes) {
    ownership.require();
    ownership.requireOwn(operation, tensor.name(), tensor);
    if (bytes < tensor.bytes()) {
      throw new ShapeException(
          "%s: %s has %d bytes, the host side only %d"
              .formatted(operation, tensor, tensor.bytes(), bytes));
    }
  }
}
