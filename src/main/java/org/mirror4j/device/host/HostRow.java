package org.mirror4j.device.host;

import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.Row;
import org.mirror4j.device.operation.RowPooling;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/** Pooling, selection, sums and scaling of rows. */
final class HostRow extends Row {
  private final HostPooling pooling;
  private final HostRowSelection rowSelection;
  private final HostAddRows addRows;
  private final HostRowProducts rowProducts;
  private final HostSpanSum spanSum;
  private final HostNormalizeRows normalization;

  HostRow(OperandCheck check, HostThreads threads, HostScratch[] scratch, HostAllocator memory) {
    super(check);
    pooling = new HostPooling(threads, scratch);
    rowSelection = new HostRowSelection(threads, scratch);
    addRows = new HostAddRows(threads, scratch);
    rowProducts = new HostRowProducts(threads, scratch);
    spanSum = new HostSpanSum(threads, scratch, memory);
    normalization = new HostNormalizeRows(threads, scratch);
  }

  @Override
  protected void computePool(
      Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling) {
    HostIndices.requireLeadingSequences("pool", cuSeqlens, keyLengths, x.rows());
    this.pooling.forward(pooled, x, cuSeqlens, keyLengths, pooling);
  }

  @Override
  protected void computePoolBackward(
      Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling) {
    HostIndices.requireLeadingSequences("poolBackward", cuSeqlens, keyLengths, dX.rows());
    this.pooling.backward(dX, dPooled, cuSeqlens, keyLengths, pooling);
  }

  @Override
  protected void computeGatherRows(Tensor y, Tensor x, Tensor rows) {
    HostIndices.requireBelowOrNone("gatherRows", rows, x.rows());
    rowSelection.gather(y, x, rows);
  }

  @Override
  protected void computeScatterRows(Tensor dX, Tensor dY, Tensor rows) {
    HostIndices.requireBelowOrNone("scatterRows", rows, dX.rows());
    rowSelection.scatter(dX, dY, rows);
  }

  @Override
  protected void computeAddRows(Tensor table, Tensor x, RowSegments segments) {
    HostIndices.requireSegments("addRows", segments, x.rows(), table.rows());
    addRows.addRows(table, x, segments);
  }

  @Override
  protected void computeMultiplyRows(Tensor y, Tensor x, Tensor first, Tensor second) {
    HostIndices.requireBelow("multiplyRows", first, x.rows());
    HostIndices.requireBelow("multiplyRows", second, x.rows());
    rowProducts.multiply(y, x, first, second);
  }

  @Override
  protected void computeAddRowProducts(
      Tensor table, Tensor x, Tensor factors, Tensor partners, RowSegments segments) {
    HostIndices.requireSegments("addRowProducts", segments, x.rows(), table.rows());
    HostIndices.requireBelow("addRowProducts", partners, factors.rows());
    rowProducts.add(table, x, factors, partners, segments);
  }

  @Override
  protected void computeWeightedSpanSum(WeightedSpans operands) {
    HostIndices.requireSpans("weightedSpanSum", operands);
    spanSum.forward(operands);
  }

  @Override
  protected void computeWeightedSpanSumBackward(WeightedSpansBackward operands) {
    HostIndices.requireSpans("weightedSpanSumBackward", operands.forward());
    spanSum.backward(operands);
  }

  @Override
  protected void computeCopyColumns(Tensor y, int to, Tensor x, int from, int columns) {
    rowSelection.copyColumns(y, to, x, from, columns);
  }

  @Override
  protected void computeNormalizeRows(Tensor u, Tensor norm, Tensor h) {
    normalization.forward(u, norm, h);
  }

  @Override
  protected void computeNormalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm) {
    normalization.backward(dH, dU, u, norm);
  }
}
