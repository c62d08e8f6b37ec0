package org.mirror4j.bench.product;

import java.util.List;
import org.mirror4j.device.operation.GemmSpec;

/**
 * One matrix product {@code C = op(A) op(B)} of a training step, row-major.
 *
 * @param m rows of op(A) and C
 * @param n columns of op(B) and C
 * @param k columns of op(A), rows of op(B)
 */
public record ProductShape(GemmSpec spec, int m, int n, int k) {
  /** What a linear layer multiplies. */
  public enum Pass {
    /** Forward: x [rows, in], weight [out, in]. */
    NT,
    /** Gradient of the input: dY [rows, out], weight [out, in]. */
    NN,
    /** Gradient of the weight: dY [rows, out], x [rows, in]. */
    TN
  }

  /** Outputs and inputs of the linear layers of an encoder layer of BERT-base. */
  static final List<int[]> LAYERS =
      List.of(
          new int[] {2304, 768},
          new int[] {768, 768},
          new int[] {3072, 768},
          new int[] {768, 3072});

  static ProductShape of(Pass pass, int rows, int out, int in) {
    return switch (pass) {
      case NT -> new ProductShape(GemmSpec.NT, rows, out, in);
      case NN -> new ProductShape(GemmSpec.NN, rows, in, out);
      case TN -> new ProductShape(GemmSpec.TN, out, in, rows);
    };
  }

  int rowsOfA() {
    return spec.transposeA() ? k : m;
  }

  int columnsOfA() {
    return spec.transposeA() ? m : k;
  }

  int rowsOfB() {
    return spec.transposeB() ? n : k;
  }

  int columnsOfB() {
    return spec.transposeB() ? k : n;
  }

  double flops() {
    return 2.0 * m * n * k;
  }

  /** One element in double. */
  double element(float[] a, float[] b, int row, int column) {
    double sum = 0;
    for (int i = 0; i < k; i++) {
      double left = spec.transposeA() ? a[i * m + row] : a[row * k + i];
      double right = spec.transposeB() ? b[column * k + i] : b[i * n + column];
      sum += left * right;
    }
    return sum;
  }
}
