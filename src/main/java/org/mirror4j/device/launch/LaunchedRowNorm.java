package org.mirror4j.device.launch;

import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/** Rows scaled to length 1, and the gradient. */
final class LaunchedRowNorm {
  private final KernelLauncher.Variants forward;
  private final KernelLauncher.Variants backward;

  LaunchedRowNorm(KernelLauncher launcher) {
    forward = launcher.kernel("normalize_rows_forward");
    backward = launcher.kernel("normalize_rows_backward");
  }

  /** {@link org.mirror4j.device.Kernels#normalizeRows}. */
  void normalizeRows(Tensor u, Tensor norm, Tensor h) {
    forward.on(DType.F32).with(u).with(norm).with(h).with(h.rows()).with(h.columns()).launch();
  }

  /** {@link org.mirror4j.device.Kernels#normalizeRowsBackward}. */
  void normalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm) {
    backward
        .on(DType.F32)
        .with(dH)
        .with(dU)
        .with(u)
        .with(norm)
        .with(u.rows())
        .with(u.columns())
        .launch();
  }
}
