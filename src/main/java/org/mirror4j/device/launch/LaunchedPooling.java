package org.mirror4j.device.launch;

import org.mirror4j.device.Pooling;
import org.mirror4j.tensor.Tensor;

/** Pooling and selection of rows, and the gradients. */
final class LaunchedPooling {
  private final KernelLauncher.Variants forward;
  private final KernelLauncher.Variants backward;
  private final KernelLauncher.Variants gather;
  private final KernelLauncher.Variants scatter;
  private final LaunchedElementwise elementwise;

  LaunchedPooling(KernelLauncher launcher, LaunchedElementwise elementwise) {
    forward = launcher.kernel("pool_forward");
    backward = launcher.kernel("pool_backward");
    gather = launcher.kernel("gather_rows");
    scatter = launcher.kernel("scatter_rows");
    this.elementwise = elementwise;
  }

  /** {@link org.mirror4j.device.Kernels#pool}. */
  void pool(Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    launch(forward, pooled, x, x, pooled, cuSeqlens, keyLengths, pooling);
  }

  /** {@link org.mirror4j.device.Kernels#poolBackward}. */
  void poolBackward(
      Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling) {
    launch(backward, dX, dPooled, dX, dPooled, cuSeqlens, keyLengths, pooling);
  }

  /** A launch of either kernel; {@code tokens} and {@code pooled} are its two matrices again. */
  private static void launch(
      KernelLauncher.Variants kernel,
      Tensor output,
      Tensor input,
      Tensor tokens,
      Tensor pooled,
      Tensor cuSeqlens,
      Tensor keyLengths,
      Pooling pooling) {
    kernel
        .on(tokens.dtype())
        .with(output)
        .with(input)
        .with(cuSeqlens)
        .with(keyLengths)
        .with(pooled.rows())
        .with(tokens.rows())
        .with(tokens.columns())
        .with(number(pooling))
        .launch();
  }

  /** As the kernels know it. */
  private static int number(Pooling pooling) {
    return switch (pooling) {
      case CLS -> 0;
      case MEAN -> 1;
      case MEAN_PADDED -> 2;
    };
  }

  /** {@link org.mirror4j.device.Kernels#gatherRows}. */
  void gatherRows(Tensor y, Tensor x, Tensor rows) {
    gather
        .on(x.dtype())
        .with(y)
        .with(x)
        .with(rows)
        .with(y.rows())
        .with(x.rows())
        .with(x.columns())
        .launch();
  }

  /** {@link org.mirror4j.device.Kernels#scatterRows}. */
  void scatterRows(Tensor dX, Tensor dY, Tensor rows) {
    elementwise.fill(dX, 0);
    scatter
        .on(dX.dtype())
        .with(dX)
        .with(dY)
        .with(rows)
        .with(dY.rows())
        .with(dX.rows())
        .with(dX.columns())
        .launch();
  }
}
