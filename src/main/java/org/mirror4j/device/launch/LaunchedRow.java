package org.mirror4j.device.launch;

import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.Row;
import org.mirror4j.device.operation.RowPooling;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/** Pooling, selection, sums and scaling of rows, and the gradients. */
final class LaunchedRow extends Row {
  private final KernelLauncher.Variants pool;
  private final KernelLauncher.Variants poolBackward;
  private final KernelLauncher.Variants gather;
  private final KernelLauncher.Variants scatter;
  private final KernelLauncher.Variants segmentSum;
  private final KernelLauncher.Variants multiply;
  private final KernelLauncher.Variants productSum;
  private final KernelLauncher.Variants spanSum;
  private final KernelLauncher.Variants spanProducts;
  private final KernelLauncher.Variants spanSumBackward;
  private final KernelLauncher.Variants copyColumns;
  private final KernelLauncher.Variants normalize;
  private final KernelLauncher.Variants normalizeBackward;
  private final LaunchScratch scratch;
  private final LaunchedMemory memory;

  LaunchedRow(
      OperandCheck check, KernelLauncher launcher, LaunchScratch scratch, LaunchedMemory memory) {
    super(check);
    pool = launcher.kernel("pool_forward");
    poolBackward = launcher.kernel("pool_backward");
    gather = launcher.kernel("gather_rows");
    scatter = launcher.kernel("scatter_rows");
    segmentSum = launcher.kernel("segment_sum");
    multiply = launcher.kernel("multiply_rows");
    productSum = launcher.kernel("segment_product_sum");
    spanSum = launcher.kernel("weighted_span_sum_forward");
    spanProducts = launcher.kernel("weighted_span_sum_products");
    spanSumBackward = launcher.kernel("weighted_span_sum_backward");
    copyColumns = launcher.kernel("copy_columns");
    normalize = launcher.kernel("normalize_rows_forward");
    normalizeBackward = launcher.kernel("normalize_rows_backward");
    this.scratch = scratch;
    this.memory = memory;
  }

  @Override
  protected void computePool(
      Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling) {
    launch(pool, pooled, x, x, pooled, cuSeqlens, keyLengths, pooling);
  }

  @Override
  protected void computePoolBackward(
      Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling) {
    launch(poolBackward, dX, dPooled, dX, dPooled, cuSeqlens, keyLengths, pooling);
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
      RowPooling pooling) {
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
  private static int number(RowPooling pooling) {
    return switch (pooling) {
      case FIRST -> 0;
      case MEAN -> 1;
      case MEAN_PADDED -> 2;
    };
  }

  @Override
  protected void computeGatherRows(Tensor y, Tensor x, Tensor rows) {
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

  @Override
  protected void computeScatterRows(Tensor dX, Tensor dY, Tensor rows) {
    memory.computeFill(dX, 0);
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

  @Override
  protected void computeAddRows(Tensor table, Tensor x, RowSegments segments) {
    segmentSum
        .on(x.dtype())
        .with(table)
        .with(x)
        .with(segments.order())
        .with(segments.keys())
        .with(segments.starts())
        .with(x.rows())
        .with(x.columns())
        .with(table.rows())
        .with(segments.keys().rows())
        .with(segments.order().rows())
        .launch();
  }

  @Override
  protected void computeMultiplyRows(Tensor y, Tensor x, Tensor first, Tensor second) {
    multiply
        .on(x.dtype())
        .with(y)
        .with(x)
        .with(first)
        .with(second)
        .with(y.rows())
        .with(x.rows())
        .with(x.columns())
        .launch();
  }

  @Override
  protected void computeAddRowProducts(
      Tensor table, Tensor x, Tensor factors, Tensor partners, RowSegments segments) {
    productSum
        .on(x.dtype())
        .with(table)
        .with(x)
        .with(factors)
        .with(partners)
        .with(segments.order())
        .with(segments.keys())
        .with(segments.starts())
        .with(x.rows())
        .with(x.columns())
        .with(factors.rows())
        .with(table.rows())
        .with(segments.keys().rows())
        .with(segments.order().rows())
        .launch();
  }

  @Override
  protected void computeWeightedSpanSum(WeightedSpans operands) {
    spanSum
        .on(operands.x().dtype())
        .with(operands.y())
        .with(operands.logSumExp())
        .with(operands.x())
        .with(operands.scores())
        .with(operands.from())
        .with(operands.to())
        .with(operands.y().rows())
        .with(operands.x().rows())
        .with(operands.x().columns())
        .launch();
  }

  /** Rows have at most 4096 columns. */
  @Override
  protected void computeWeightedSpanSumBackward(WeightedSpansBackward operands) {
    WeightedSpans forward = operands.forward();
    int spans = forward.y().rows();
    int columns = forward.x().columns();
    Tensor products = scratch.vector("span products", DType.F32, spans);
    spanProducts
        .on(forward.x().dtype())
        .with(products)
        .with(operands.dY())
        .with(forward.y())
        .with(spans)
        .with(columns)
        .launch();
    spanSumBackward
        .on(forward.x().dtype())
        .with(operands.dX())
        .with(operands.dScores())
        .with(operands.dY())
        .with(forward.x())
        .with(forward.scores())
        .with(forward.logSumExp())
        .with(products)
        .with(forward.from())
        .with(forward.to())
        .with(forward.x().rows())
        .with(columns)
        .with(spans)
        .with(forward.longest())
        .launch();
  }

  @Override
  protected void computeCopyColumns(Tensor y, int to, Tensor x, int from, int columns) {
    copyColumns
        .on(x.dtype())
        .with(y)
        .with(x)
        .with(y.rows())
        .with(columns)
        .with(y.columns())
        .with(to)
        .with(x.columns())
        .with(from)
        .launch();
  }

  @Override
  protected void computeNormalizeRows(Tensor u, Tensor norm, Tensor h) {
    normalize.on(DType.F32).with(u).with(norm).with(h).with(h.rows()).with(h.columns()).launch();
  }

  @Override
  protected void computeNormalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm) {
    normalizeBackward
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
