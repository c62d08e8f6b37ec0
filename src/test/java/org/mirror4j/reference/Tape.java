package org.mirror4j.reference;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Reverse-mode differentiation over matrices of double. Each operation computes its result at once
 * and notes how the gradient of the result adds to the gradients of its operands; {@link #backward}
 * plays the notes in reverse. An operand may occur any number of times.
 */
public final class Tape {
  private final Deque<Runnable> derivatives = new ArrayDeque<>();

  /**
   * The result of an operation.
   *
   * @param derivative given the gradient of the result, adds to the gradients of the operands
   */
  public Variable operation(DMatrixRMaj value, Consumer<DMatrixRMaj> derivative) {
    Variable result = Variable.of(value);
    derivatives.push(() -> derivative.accept(result.gradient()));
    return result;
  }

  /** Adds the derivative of the 1 x 1 {@code loss} to every gradient. A tape is played once. */
  public void backward(Variable loss) {
    if (loss.value().getNumElements() != 1) {
      throw new IllegalArgumentException(
          "loss is " + loss.rows() + " x " + loss.columns() + ", expected 1 x 1");
    }
    backward(loss, new DMatrixRMaj(new double[][] {{1}}));
  }

  /** Adds the derivative of {@code sum(weights * result)} to every gradient. */
  public void backward(Variable result, DMatrixRMaj weights) {
    CommonOps_DDRM.addEquals(result.gradient(), weights);
    while (!derivatives.isEmpty()) {
      derivatives.pop().run();
    }
  }

  /** {@code a b}. */
  public Variable multiply(Variable a, Variable b) {
    DMatrixRMaj c = new DMatrixRMaj(a.rows(), b.columns());
    CommonOps_DDRM.mult(a.value(), b.value(), c);
    return operation(
        c,
        dC -> {
          CommonOps_DDRM.multAddTransB(dC, b.value(), a.gradient());
          CommonOps_DDRM.multAddTransA(a.value(), dC, b.gradient());
        });
  }

  /** {@code a b^T}. */
  public Variable multiplyTransposed(Variable a, Variable b) {
    DMatrixRMaj c = new DMatrixRMaj(a.rows(), b.rows());
    CommonOps_DDRM.multTransB(a.value(), b.value(), c);
    return operation(
        c,
        dC -> {
          CommonOps_DDRM.multAdd(dC, b.value(), a.gradient());
          CommonOps_DDRM.multAddTransA(dC, a.value(), b.gradient());
        });
  }

  /** {@code a + b}, equal shapes. */
  public Variable add(Variable a, Variable b) {
    DMatrixRMaj c = new DMatrixRMaj(a.rows(), a.columns());
    CommonOps_DDRM.add(a.value(), b.value(), c);
    return operation(
        c,
        dC -> {
          CommonOps_DDRM.addEquals(a.gradient(), dC);
          CommonOps_DDRM.addEquals(b.gradient(), dC);
        });
  }

  /** {@code a[r] + row} for every row r. */
  public Variable addRow(Variable a, Variable row) {
    DMatrixRMaj c = a.value().copy();
    for (int r = 0; r < c.numRows; r++) {
      for (int i = 0; i < c.numCols; i++) {
        c.add(r, i, row.value().get(0, i));
      }
    }
    return operation(
        c,
        dC -> {
          CommonOps_DDRM.addEquals(a.gradient(), dC);
          for (int r = 0; r < dC.numRows; r++) {
            for (int i = 0; i < dC.numCols; i++) {
              row.gradient().add(0, i, dC.get(r, i));
            }
          }
        });
  }

  /** A linear layer, {@code x weight^T + bias}, weight [outFeatures, inFeatures]. */
  public Variable linear(Variable x, Variable weight, Variable bias) {
    return addRow(multiplyTransposed(x, weight), bias);
  }

  /** {@code factor a}. */
  public Variable scale(Variable a, double factor) {
    DMatrixRMaj c = a.value().copy();
    CommonOps_DDRM.scale(factor, c);
    return operation(c, dC -> CommonOps_DDRM.addEquals(a.gradient(), factor, dC));
  }

  /** {@code a[r, c] factors[r, c]} with constant factors. */
  public Variable scaleElements(Variable a, DMatrixRMaj factors) {
    DMatrixRMaj c = new DMatrixRMaj(a.rows(), a.columns());
    CommonOps_DDRM.elementMult(a.value(), factors, c);
    return operation(
        c,
        dC -> {
          DMatrixRMaj dA = new DMatrixRMaj(dC.numRows, dC.numCols);
          CommonOps_DDRM.elementMult(dC, factors, dA);
          CommonOps_DDRM.addEquals(a.gradient(), dA);
        });
  }

  /** Rows {@code from .. to - 1}. */
  public Variable rows(Variable a, int from, int to) {
    return block(a, from, to, 0, a.columns());
  }

  /** Columns {@code from .. to - 1}. */
  public Variable columns(Variable a, int from, int to) {
    return block(a, 0, a.rows(), from, to);
  }

  private Variable block(Variable a, int firstRow, int rowEnd, int firstColumn, int columnEnd) {
    DMatrixRMaj c = CommonOps_DDRM.extract(a.value(), firstRow, rowEnd, firstColumn, columnEnd);
    return operation(c, dC -> addBlock(a.gradient(), firstRow, firstColumn, dC));
  }

  private static void addBlock(DMatrixRMaj a, int firstRow, int firstColumn, DMatrixRMaj block) {
    for (int r = 0; r < block.numRows; r++) {
      for (int c = 0; c < block.numCols; c++) {
        a.add(firstRow + r, firstColumn + c, block.get(r, c));
      }
    }
  }

  /** {@code a^T}. */
  public Variable transpose(Variable a) {
    DMatrixRMaj c = CommonOps_DDRM.transpose(a.value(), null);
    return operation(
        c, dC -> CommonOps_DDRM.addEquals(a.gradient(), CommonOps_DDRM.transpose(dC, null)));
  }

  /** The parts on top of each other. */
  public Variable stackRows(List<Variable> parts) {
    DMatrixRMaj[] values = parts.stream().map(Variable::value).toArray(DMatrixRMaj[]::new);
    return operation(
        CommonOps_DDRM.concatRowsMulti(values),
        dC -> {
          int row = 0;
          for (Variable part : parts) {
            int end = row + part.rows();
            CommonOps_DDRM.addEquals(
                part.gradient(), CommonOps_DDRM.extract(dC, row, end, 0, dC.numCols));
            row = end;
          }
        });
  }

  /** The parts side by side. */
  public Variable stackColumns(List<Variable> parts) {
    DMatrixRMaj[] values = parts.stream().map(Variable::value).toArray(DMatrixRMaj[]::new);
    return operation(
        CommonOps_DDRM.concatColumnsMulti(values),
        dC -> {
          int column = 0;
          for (Variable part : parts) {
            int end = column + part.columns();
            CommonOps_DDRM.addEquals(
                part.gradient(), CommonOps_DDRM.extract(dC, 0, dC.numRows, column, end));
            column = end;
          }
        });
  }

  /** {@code c[r] = table[indices[r]]}; indices may repeat. */
  public Variable gather(Variable table, int[] indices) {
    int columns = table.columns();
    DMatrixRMaj c = new DMatrixRMaj(indices.length, columns);
    for (int r = 0; r < indices.length; r++) {
      CommonOps_DDRM.extract(table.value(), indices[r], indices[r] + 1, 0, columns, c, r, 0);
    }
    return operation(
        c,
        dC -> {
          for (int r = 0; r < indices.length; r++) {
            for (int i = 0; i < columns; i++) {
              table.gradient().add(indices[r], i, dC.get(r, i));
            }
          }
        });
  }

  /** The mean of the rows, [1, columns]. */
  public Variable meanOfRows(Variable a) {
    DMatrixRMaj c = new DMatrixRMaj(1, a.columns());
    CommonOps_DDRM.sumCols(a.value(), c);
    CommonOps_DDRM.divide(c, a.rows());
    return operation(
        c,
        dC -> {
          for (int r = 0; r < a.rows(); r++) {
            for (int i = 0; i < dC.numCols; i++) {
              a.gradient().add(r, i, dC.get(0, i) / a.rows());
            }
          }
        });
  }
}
