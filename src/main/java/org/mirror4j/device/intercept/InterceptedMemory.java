package org.mirror4j.device.intercept;

import org.mirror4j.device.intercept.InterceptedKernels.Listener;
import org.mirror4j.device.operation.Memory;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.Tensor;

/** Checks the operands of filling, copying and adding and leaves the rest to the listener. */
final class InterceptedMemory extends Memory {
  /** Null for nobody. */
  private final Listener listener;

  InterceptedMemory(OperandCheck check, Listener listener) {
    super(check);
    this.listener = listener;
  }

  @Override
  protected void computeFill(Tensor x, float value) {
    if (listener != null) {
      listener.call("fill", x, value);
    }
  }

  @Override
  protected void computeCopy(Tensor y, Tensor x) {
    if (listener != null) {
      listener.call("copy", y, x);
    }
  }

  @Override
  protected void computeConvert(Tensor y, Tensor x) {
    if (listener != null) {
      listener.call("convert", y, x);
    }
  }

  @Override
  protected void computeAdd(Tensor y, Tensor x) {
    if (listener != null) {
      listener.call("add", y, x);
    }
  }
}
