package org.mirror4j.objective;

import org.mirror4j.bert.BatchShape;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertEncoder;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The computation of one batch of pretraining: encoder and objectives, forward and backward. On a
 * device that asks for batches of a few sizes, a step of a size that came before is replayed.
 */
public final class PretrainingStep {
  private final Device device;
  private final Ownership memory;
  private final boolean repeats;
  private final BatchTensors batch;
  private final BertEncoder encoder;
  private final PretrainingObjective objective;
  private final Runnable launches = this::launch;
  private PretrainingTargets targets;
  private PerObjective scales = PerObjective.ZERO;

  /** Of the last step that could be replayed; null before it. */
  private Key key;

  private Dropout dropout;

  /** What the launches of a step depend on: the buffers and the shape of a padded batch. */
  private record Key(PretrainingStep buffers, BatchShape shape, PretrainingTargets.Sizes targets) {
    static Key of(PretrainingStep buffers) {
      return new Key(
          buffers, BatchShape.of(buffers.batch), PretrainingTargets.Sizes.of(buffers.targets));
    }

    /** Whether it is the key of what was uploaded last; takes no memory, as most often it is. */
    boolean fits() {
      return shape.fits(buffers.batch) && targets.fit(buffers.targets);
    }
  }

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param heads that the model has
   * @param gradients null for a step that only measures
   * @param replay whether steps may be replayed
   * @param limits the most that a batch has
   */
  public PretrainingStep(
      Device device,
      Workspace workspace,
      BertModel model,
      PretrainingHeads heads,
      Tensor gradients,
      boolean replay,
      BatchSize size,
      PretrainingObjective.Limits limits) {
    this.device = device;
    memory = workspace.ownership();
    repeats = replay && device.tokenMultiple() > 1;
    batch = new BatchTensors(device, workspace, size);
    encoder =
        new BertEncoder(
            device,
            workspace,
            model,
            gradients,
            batch,
            size,
            BertEncoder.Rows.ALL,
            BertEncoder.WordGradient.ADDED_TO);
    objective = new PretrainingObjective(device, workspace, model, heads, gradients, limits);
  }

  /**
   * Takes a batch. The operations of the batch before have been waited for.
   *
   * @param masked padded where the device asks for it
   * @param scales see {@link PretrainingObjective#scale}
   */
  public void upload(MaskedBatch masked, PerObjective scales) {
    targets = masked.targets();
    this.scales = scales;
    batch.upload(masked.packed());
    objective.upload(targets);
  }

  /**
   * Writes the gradients of the sums of the losses times their scales.
   *
   * @param lossScale what all of them are multiplied by on top of that
   */
  public void gradient(Dropout dropout, float lossScale) {
    this.dropout = dropout;
    objective.scale(scales, lossScale);
    if (!repeats) {
      launches.run();
      return;
    }
    if (key == null || !key.fits()) {
      key = Key.of(this);
    }
    device.repeat(memory, key, launches);
  }

  private void launch() {
    objective.forward(encoder.forward(dropout));
    objective.backward(encoder.hiddenGradient());
    encoder.backward();
  }

  /** Computes the losses alone, without dropout. */
  public void measure() {
    objective.scale(scales, 1);
    objective.forward(encoder.forward(Dropout.NONE));
  }

  /** The sums of the last losses, which are waited for. */
  public PerObjective losses() {
    return objective.losses();
  }
}
