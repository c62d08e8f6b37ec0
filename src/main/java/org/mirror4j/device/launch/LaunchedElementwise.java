package org.mirror4j.device.launch;

import org.mirror4j.device.ShapeException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/** What works on tensors of any shape, element by element. */
final class LaunchedElementwise {
  /** Elements that a block of a sum or a search takes. */
  private static final int BLOCK = 16384;

  private final Driver driver;
  private final LaunchScratch scratch;
  private final KernelLauncher.Variants fill;
  private final KernelLauncher.Variants narrow;
  private final KernelLauncher.Variants widen;
  private final KernelLauncher.Variants scale;
  private final KernelLauncher.Variants sumOfSquares;
  private final KernelLauncher.Variants sumOfSquaresTotal;
  private final KernelLauncher.Variants anyNonFinite;
  private final KernelLauncher.Variants anyNonFiniteTotal;

  LaunchedElementwise(KernelLauncher launcher, LaunchScratch scratch) {
    this.driver = launcher.driver();
    this.scratch = scratch;
    fill = launcher.kernel("fill");
    narrow = launcher.kernel("narrow");
    widen = launcher.kernel("widen");
    scale = launcher.kernel("scale");
    sumOfSquares = launcher.kernel("sum_of_squares");
    sumOfSquaresTotal = launcher.kernel("sum_of_squares_total");
    anyNonFinite = launcher.kernel("any_non_finite");
    anyNonFiniteTotal = launcher.kernel("any_non_finite_total");
  }

  /** {@link org.mirror4j.device.Kernels#fill}, of any storage type. */
  void fill(Tensor x, float value) {
    fill.on(x.dtype()).with(x).with(size("fill", x)).with(value).launch();
  }

  /** {@link org.mirror4j.device.Kernels#copy}. */
  void copy(Tensor y, Tensor x) {
    if (x.size() > 0) {
      driver.copy(y.address(), x.address(), x.bytes());
    }
  }

  /**
   * {@link org.mirror4j.device.Kernels#convert}.
   *
   * @throws ShapeException if neither is f32 and the types differ
   */
  void convert(Tensor y, Tensor x) {
    if (y.dtype() == x.dtype()) {
      copy(y, x);
    } else if (x.dtype() == DType.F32) {
      narrow.on(y.dtype()).with(y).with(x).with(size("convert", x)).launch();
    } else if (y.dtype() == DType.F32) {
      widen.on(x.dtype()).with(y).with(x).with(size("convert", x)).launch();
    } else {
      throw new ShapeException("convert: y is " + y + ", expected f32 or the type of " + x);
    }
  }

  /** {@link org.mirror4j.device.Kernels#scale}. */
  void scale(Tensor x, float factor) {
    scale.on(DType.F32).with(x).with(size("scale", x)).with(factor).launch();
  }

  /** {@link org.mirror4j.device.Kernels#sumOfSquares}. */
  void sumOfSquares(Tensor result, Tensor x) {
    int size = size("sumOfSquares", x);
    int parts = Math.ceilDiv(size, BLOCK);
    Tensor partials = scratch.vector("sumOfSquares partials", DType.F64, parts);
    sumOfSquares.on(DType.F32).with(partials).with(x).with(size).launch();
    sumOfSquaresTotal.on(DType.F32).with(result).with(partials).with(parts).launch();
  }

  /** {@link org.mirror4j.device.Kernels#anyNonFinite}. */
  void anyNonFinite(Tensor result, Tensor x) {
    int size = size("anyNonFinite", x);
    int parts = Math.ceilDiv(size, BLOCK);
    Tensor flags = scratch.vector("anyNonFinite flags", DType.I32, parts);
    anyNonFinite.on(DType.F32).with(flags).with(x).with(size).launch();
    anyNonFiniteTotal.on(DType.F32).with(result).with(flags).with(parts).launch();
  }

  /** The number of elements, which the kernels count in 31 bits. */
  private static int size(String operation, Tensor x) {
    if (x.size() > Integer.MAX_VALUE) {
      throw new ShapeException(
          "%s: %s has %d elements, expected at most %d"
              .formatted(operation, x, x.size(), Integer.MAX_VALUE));
    }
    return (int) x.size();
  }
}
