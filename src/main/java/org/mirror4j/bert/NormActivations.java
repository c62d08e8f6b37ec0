package org.mirror4j.bert;

import org.mirror4j.device.operation.Norm.LayerNorm;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * What a LayerNorm's forward pass leaves for its backward pass, in the storage type but for the
 * statistics, which are f32.
 *
 * @param y [rows, hidden], output
 * @param z [rows, hidden], input
 * @param mean [rows]
 * @param rstd [rows]
 */
record NormActivations(Tensor y, Tensor z, Tensor mean, Tensor rstd) {
  static NormActivations plan(
      Workspace workspace, BertConfig config, DType storage, String name, int rows) {
    Shape shape = Shape.of(rows, config.hiddenSize());
    return plan(workspace, name, workspace.tensor(name + ".y", storage, shape));
  }

  /** Those of a LayerNorm of as many rows or fewer that shares the memory of its output. */
  static NormActivations sharing(
      Workspace workspace, String name, NormActivations other, int rows) {
    Shape shape = Shape.of(rows, other.y.columns());
    return plan(workspace, name, other.y.view(name + ".y", 0, shape));
  }

  private static NormActivations plan(Workspace workspace, String name, Tensor y) {
    int rows = y.capacity();
    return new NormActivations(
        y,
        workspace.tensor(name + ".z", y.dtype(), Shape.of(rows, y.columns())),
        workspace.f32(name + ".mean", rows),
        workspace.f32(name + ".rstd", rows));
  }

  /** The LayerNorm that leaves them. */
  LayerNorm norm(Tensor gamma, Tensor beta, float epsilon) {
    return new LayerNorm(y, z, mean, rstd, gamma, beta, epsilon);
  }

  void rows(int rows) {
    y.rows(rows);
    z.rows(rows);
    mean.rows(rows);
    rstd.rows(rows);
  }
}
