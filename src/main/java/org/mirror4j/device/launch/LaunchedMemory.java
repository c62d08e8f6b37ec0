package org.mirror4j.device.launch;

import org.mirror4j.device.operation.Memory;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.ShapeException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/** Filling, copying and adding. */
final class LaunchedMemory extends Memory {
  private final Driver driver;
  private final KernelLauncher.Variants fill;
  private final KernelLauncher.Variants narrow;
  private final KernelLauncher.Variants widen;
  private final KernelLauncher.Variants add;

  LaunchedMemory(OperandCheck check, KernelLauncher launcher) {
    super(check);
    this.driver = launcher.driver();
    fill = launcher.kernel("fill");
    narrow = launcher.kernel("narrow");
    widen = launcher.kernel("widen");
    add = launcher.kernel("add");
  }

  @Override
  protected void computeFill(Tensor x, float value) {
    fill.on(x.dtype()).with(x).with(size("fill", x)).with(value).launch();
  }

  @Override
  protected void computeCopy(Tensor y, Tensor x) {
    if (x.size() > 0) {
      driver.copy(y.address(), x.address(), x.bytes());
    }
  }

  @Override
  protected void computeConvert(Tensor y, Tensor x) {
    if (y.dtype() == x.dtype()) {
      computeCopy(y, x);
    } else if (x.dtype() == DType.F32) {
      narrow.on(y.dtype()).with(y).with(x).with(size("convert", x)).launch();
    } else if (y.dtype() == DType.F32) {
      widen.on(x.dtype()).with(y).with(x).with(size("convert", x)).launch();
    } else {
      throw new ShapeException("convert: y is " + y + ", expected f32 or the type of " + x);
    }
  }

  @Override
  protected void computeAdd(Tensor y, Tensor x) {
    add.on(y.dtype()).with(y).with(x).with(size("add", x)).launch();
  }

  /** The number of elements, which the kernels count in 31 bits. */
  static int size(String operation, Tensor x) {
    if (x.size() > Integer.MAX_VALUE) {
      throw new ShapeException(
          "%s: %s has %d elements, expected at most %d"
              .formatted(operation, x, x.size(), Integer.MAX_VALUE));
    }
    return (int) x.size();
  }
}
