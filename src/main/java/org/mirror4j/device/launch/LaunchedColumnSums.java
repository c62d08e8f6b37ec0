package org.mirror4j.device.launch;

import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * Sums over the rows of a matrix in a fixed order: blocks of the first launch sum a run of rows
 * each into a row of partial sums, the second launch adds these.
 */
final class LaunchedColumnSums {
  /** Rows that a block of column_sums.ptx sums. */
  private static final int ROWS = 64;

  private final LaunchScratch scratch;
  private final KernelLauncher.Variants columnSums;
  private final KernelLauncher.Variants partialSums;
  private final KernelLauncher.Variants partialSumsOfThree;

  LaunchedColumnSums(KernelLauncher launcher, LaunchScratch scratch) {
    this.scratch = scratch;
    columnSums = launcher.kernel("column_sums");
    partialSums = launcher.kernel("partial_sums");
    partialSumsOfThree = launcher.kernel("partial_sums_of_three");
  }

  /** {@code dBias[c] += sum_r dY[r, c]}. */
  void add(Tensor dBias, Tensor dY) {
    int rows = dY.rows();
    int columns = dY.columns();
    if (rows == 0) {
      return;
    }
    int parts = Math.ceilDiv(rows, ROWS);
    Tensor partials = scratch.vector("partial column sums", DType.F32, parts * columns);
    columnSums.on(dY.dtype()).with(partials).with(dY).with(rows).with(columns).launch();
    add(dBias, partials, parts, columns);
  }

  /**
   * {@code sums[c] += sum_p partials[p, c]}.
   *
   * @param partials f32[parts * columns], at least one part
   */
  void add(Tensor sums, Tensor partials, int parts, int columns) {
    partialSums.on(DType.F32).with(sums).with(partials).with(parts).with(columns).launch();
  }

  /** {@link #add} for three vectors in one launch. */
  void addThree(
      Tensor sums0,
      Tensor sums1,
      Tensor sums2,
      Tensor partials0,
      Tensor partials1,
      Tensor partials2,
      int parts,
      int columns) {
    partialSumsOfThree
        .on(DType.F32)
        .with(sums0)
        .with(sums1)
        .with(sums2)
        .with(partials0)
        .with(partials1)
        .with(partials2)
        .with(parts)
        .with(columns)
        .launch();
  }
}
