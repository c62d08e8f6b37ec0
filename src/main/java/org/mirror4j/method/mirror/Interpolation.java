package org.mirror4j.method.mirror;

import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * A model on the line between the weights before and after tuning, in f32:
 *
 * <pre>  theta = where theta_1 + (1 - where) theta_0  </pre>
 *
 * @param source of the weights before
 * @param where see {@link MirrorSettings#interpolation}
 */
record Interpolation(ModelDirectory source, BertConfig config, double where) {
  /**
   * The model there.
   *
   * @param workspace has its parameters, and as many values more
   * @param tuned stays as it is
   */
  BertModel of(Device device, Workspace workspace, BertModel tuned) {
    BertModel model = before(device, workspace);
    Tensor after = after(workspace, tuned);
    device.kernels().memory().copy(after, tuned.parameters());
    mix(device, model.parameters(), after);
    return model;
  }

  private BertModel before(Device device, Workspace workspace) {
    try (SafeTensors weights = source.weights()) {
      return BertModel.load(device, workspace, config, weights);
    }
  }

  /** Adds to what was before, times its share, what is after, which is scaled. */
  private void mix(Device device, Tensor before, Tensor after) {
    Kernels kernels = device.kernels();
    kernels.optimizer().scale(after, (float) where);
    kernels.optimizer().scale(before, (float) (1 - where));
    kernels.memory().add(before, after);
  }

  /**
   * Plans the same.
   *
   * @param counting only counts
   */
  BertModel plan(Workspace counting) {
    BertModel model = BertModel.plan(counting, config);
    after(counting, model);
    return model;
  }

  private static Tensor after(Workspace workspace, BertModel tuned) {
    return workspace.f32("after", tuned.table().size());
  }

  /** Moves a model there; what it stores of its parameters in another type stays as it is. */
  void apply(Device device, BertModel tuned) {
    try (Workspace workspace = new Workspace(device)) {
      Tensor there = before(device, workspace).parameters();
      mix(device, there, tuned.parameters());
      device.kernels().memory().copy(tuned.parameters(), there);
      device.synchronize();
    }
  }
}
