package org.mirror4j.device.intercept;

import org.mirror4j.device.intercept.InterceptedKernels.Listener;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.Row;
import org.mirror4j.device.operation.RowPooling;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/** Checks the operands of operations on rows and leaves the rest to the listener. */
final class InterceptedRow extends Row {
  /** Null for nobody. */
  private final Listener listener;

  InterceptedRow(OperandCheck check, Listener listener) {
    super(check);
    this.listener = listener;
  }

  @Override
  protected void computePool(
      Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling) {
    if (listener != null) {
      listener.call("pool", pooled, x, cuSeqlens, keyLengths, pooling);
    }
  }

  @Override
  protected void computePoolBackward(
      Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, RowPooling pooling) {
    if (listener != null) {
      listener.call("poolBackward", dX, dPooled, cuSeqlens, keyLengths, pooling);
    }
  }

  @Override
  protected void computeGatherRows(Tensor y, Tensor x, Tensor rows) {
    if (listener != null) {
      listener.call("gatherRows", y, x, rows);
    }
  }

  @Override
  protected void computeScatterRows(Tensor dX, Tensor dY, Tensor rows) {
    if (listener != null) {
      listener.call("scatterRows", dX, dY, rows);
    }
  }

  @Override
  protected void computeAddRows(Tensor table, Tensor x, RowSegments segments) {
    if (listener != null) {
      listener.call("addRows", table, x, segments);
    }
  }

  @Override
  protected void computeMultiplyRows(Tensor y, Tensor x, Tensor first, Tensor second) {
    if (listener != null) {
      listener.call("multiplyRows", y, x, first, second);
    }
  }

  @Override
  protected void computeAddRowProducts(
      Tensor table, Tensor x, Tensor factors, Tensor partners, RowSegments segments) {
    if (listener != null) {
      listener.call("addRowProducts", table, x, factors, partners, segments);
    }
  }

  @Override
  protected void computeWeightedSpanSum(WeightedSpans operands) {
    if (listener != null) {
      listener.call("weightedSpanSum", operands);
    }
  }

  @Override
  protected void computeWeightedSpanSumBackward(WeightedSpansBackward operands) {
    if (listener != null) {
      listener.call("weightedSpanSumBackward", operands);
    }
  }

  @Override
  protected void computeCopyColumns(Tensor y, int to, Tensor x, int from, int columns) {
    if (listener != null) {
      listener.call("copyColumns", y, to, x, from, columns);
    }
  }

  @Override
  protected void computeNormalizeRows(Tensor u, Tensor norm, Tensor h) {
    if (listener != null) {
      listener.call("normalizeRows", u, norm, h);
    }
  }

  @Override
  protected void computeNormalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm) {
    if (listener != null) {
      listener.call("normalizeRowsBackward", dH, dU, u, norm);
    }
  }
}
