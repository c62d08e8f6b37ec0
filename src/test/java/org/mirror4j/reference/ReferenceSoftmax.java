package org.mirror4j.reference;

import org.ejml.data.DMatrixRMaj;

/** Softmax by rows, and cross entropy with it. */
public final class ReferenceSoftmax {
  /** Which columns take part in a row. */
  @FunctionalInterface
  public interface Candidates {
    /** Every column. */
    Candidates ALL = (row, column) -> true;

    /** Whether {@code column} takes part in {@code row}. */
    boolean contains(int row, int column);
  }

  private ReferenceSoftmax() {}

  /** {@code p[r, c] = exp(x[r, c]) / sum_j exp(x[r, j])}. */
  public static Variable softmax(Tape tape, Variable x) {
    DMatrixRMaj p = probabilities(x.value(), Candidates.ALL);
    return tape.operation(
        p,
        dP -> {
          for (int r = 0; r < p.numRows; r++) {
            double expectation = 0;
            for (int c = 0; c < p.numCols; c++) {
              expectation += p.get(r, c) * dP.get(r, c);
            }
            for (int c = 0; c < p.numCols; c++) {
              x.gradient().add(r, c, p.get(r, c) * (dP.get(r, c) - expectation));
            }
          }
        });
  }

  /**
   * {@code loss[r] = -log softmax(x[r])[labels[r]]}, the softmax being over the candidates of the
   * row, which include its label.
   *
   * @return [rows, 1]
   */
  public static Variable crossEntropy(Tape tape, Variable x, Candidates candidates, int[] labels) {
    DMatrixRMaj p = probabilities(x.value(), candidates);
    DMatrixRMaj loss = new DMatrixRMaj(x.rows(), 1);
    for (int r = 0; r < x.rows(); r++) {
      // Not the logarithm of p, which may have underflowed.
      loss.set(r, 0, logSumExp(x.value(), r, candidates) - x.value().get(r, labels[r]));
    }
    return tape.operation(
        loss,
        dLoss -> {
          for (int r = 0; r < p.numRows; r++) {
            for (int c = 0; c < p.numCols; c++) {
              double difference = p.get(r, c) - (c == labels[r] ? 1 : 0);
              x.gradient().add(r, c, dLoss.get(r, 0) * difference);
            }
          }
        });
  }

  private static DMatrixRMaj probabilities(DMatrixRMaj x, Candidates candidates) {
    DMatrixRMaj p = new DMatrixRMaj(x.numRows, x.numCols);
    for (int r = 0; r < x.numRows; r++) {
      double logSumExp = logSumExp(x, r, candidates);
      for (int c = 0; c < x.numCols; c++) {
        p.set(r, c, candidates.contains(r, c) ? Math.exp(x.get(r, c) - logSumExp) : 0);
      }
    }
    return p;
  }

  private static double logSumExp(DMatrixRMaj x, int row, Candidates candidates) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < x.numCols; c++) {
      if (candidates.contains(row, c)) {
        max = Math.max(max, x.get(row, c));
      }
    }
    double sum = 0;
    for (int c = 0; c < x.numCols; c++) {
      if (candidates.contains(row, c)) {
        sum += Math.exp(x.get(row, c) - max);
      }
    }
    return max + Math.log(sum);
  }
}
