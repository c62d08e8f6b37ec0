package org.mirror4j.device.host;

import org.mirror4j.device.operation.Memory;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.Tensor;

/** Filling, copying and adding. */
final class HostMemory extends Memory {
  private final HostElementwise elementwise;

  HostMemory(OperandCheck check, HostElementwise elementwise) {
    super(check);
    this.elementwise = elementwise;
  }

  @Override
  protected void computeFill(Tensor x, float value) {
    elementwise.fill(x, value);
  }

  @Override
  protected void computeCopy(Tensor y, Tensor x) {
    elementwise.copy(y, x);
  }

  @Override
  protected void computeConvert(Tensor y, Tensor x) {
    elementwise.convert(y, x);
  }

  @Override
  protected void computeAdd(Tensor y, Tensor x) {
    elementwise.add(y, x);
  }
}
