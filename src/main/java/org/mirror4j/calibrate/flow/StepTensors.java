package org.mirror4j.calibrate.flow;

import java.util.List;
import org.mirror4j.device.operation.Flow.Columns;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * What a step computes, in either direction.
 *
 * @param normalized two halves [rows, half], after activation normalisation and permutation
 * @param hidden1 [rows, width], of the coupling's network
 * @param relu1 [rows, width]
 * @param hidden2 [rows, width]
 * @param relu2 [rows, width]
 * @param net [rows, half or twice], what the network gives
 * @param coupled [rows, half], the second half after the coupling
 */
record StepTensors(
    Columns normalized,
    Tensor hidden1,
    Tensor relu1,
    Tensor hidden2,
    Tensor relu2,
    Tensor net,
    Tensor coupled) {
  /** Plans the buffers of a step whose first half and result are given. */
  static StepTensors plan(
      Workspace workspace,
      FlowArchitecture architecture,
      int half,
      int rows,
      Tensor first,
      Tensor coupled) {
    int width = architecture.width();
    return new StepTensors(
        new Columns(first, workspace.f32("second", rows, half)),
        workspace.f32("hidden1", rows, width),
        workspace.f32("relu1", rows, width),
        workspace.f32("hidden2", rows, width),
        workspace.f32("relu2", rows, width),
        workspace.f32("net", rows, half * architecture.coupling().outputs()),
        coupled);
  }

  /** What the next step takes: the first half as it was, and the other. */
  Columns output() {
    return new Columns(normalized.left(), coupled);
  }

  /** All of them. */
  List<Tensor> all() {
    return List.of(
        normalized.left(), normalized.right(), hidden1, relu1, hidden2, relu2, net, coupled);
  }
}
