package org.mirror4j.method.flow;

import org.mirror4j.calibrate.flow.FlowGradient;
import org.mirror4j.calibrate.flow.NormalizingFlow;
import org.mirror4j.device.Device;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.train.TrainingTask;

/** The training of a flow as steps. */
final class FlowTask implements TrainingTask {
  private final FlowBatches batches;
  private final Workspace workspace;
  private final FlowGradient gradient;
  private final boolean repeats;

  /**
   * A task.
   *
   * @param gradients flat, written by each step
   * @param repeats whether the device may record a step and replay it
   */
  FlowTask(
      Device device, NormalizingFlow flow, Tensor gradients, FlowBatches batches, boolean repeats) {
    this.batches = batches;
    this.repeats = repeats;
    workspace = new Workspace(device);
    gradient =
        new FlowGradient(
            device,
            workspace,
            flow,
            gradients,
            batches.rows(),
            batches.rows() / batches.batchSize());
  }

  @Override
  public int steps() {
    return batches.steps();
  }

  /** A vector stands for a text, whose tokens are not known here. */
  @Override
  public String unit() {
    return "vectors";
  }

  @Override
  public Batch batch(int step) {
    float[] vectors = batches.vectors(step);
    return new Batch() {
      @Override
      public int epoch() {
        return batches.epoch(step);
      }

      @Override
      public int size() {
        return batches.rows();
      }

      @Override
      public void upload() {
        gradient.upload(vectors);
      }

      @Override
      public Loss lossAndGradient(float lossScale) {
        return Loss.of(gradient.lossAndGradient(repeats));
      }
    };
  }

  @Override
  public void close() {
    workspace.close();
  }
}
