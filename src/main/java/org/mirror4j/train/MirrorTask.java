package org.mirror4j.train;

import org.mirror4j.bert.BatchSize;
import org.mirror4j.device.Device;
import org.mirror4j.device.Dropout;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/**
 * Mirror-BERT as steps. Buffers are planned for the largest batch of the first epoch with some
 * room, and again between epochs only if a later one has a larger batch.
 */
final class MirrorTask implements TrainingTask, AutoCloseable {
  /** Room for an epoch whose largest batch is larger than the first one's. */
  private static final double MARGIN = 1.05;

  private final Device device;
  private final TrainableModel model;
  private final MirrorSettings settings;
  private final boolean replay;
  private final MirrorEpochs epochs;
  private final int steps;
  private final int stepsPerEpoch;
  private final Dropout dropout;
  private BatchSize size;
  private Workspace workspace;
  private MirrorStep compute;

  /**
   * A task.
   *
   * @param replay whether the device may replay steps
   */
  MirrorTask(
      Device device,
      TrainableModel model,
      MirrorSettings settings,
      boolean replay,
      MirrorEpochs epochs,
      int steps) {
    this.device = device;
    this.model = model;
    this.settings = settings;
    this.replay = replay;
    this.epochs = epochs;
    this.steps = steps;
    stepsPerEpoch = epochs.get(0).steps();
    dropout = new Dropout(settings.dropoutRate(), settings.dropheadRate(), settings.seed());
    plan(plannedFor(epochs.get(0)));
  }

  /** What is planned for an epoch. */
  static BatchSize plannedFor(MirrorEpoch epoch) {
    BatchSize largest = epoch.largest();
    return new BatchSize(
        (int) Math.ceil(largest.tokens() * MARGIN),
        largest.sequences(),
        largest.paddingSequences());
  }

  private void plan(BatchSize size) {
    if (workspace != null) {
      workspace.close();
    }
    this.size = size;
    workspace = new Workspace(device);
    compute =
        new MirrorStep(device, workspace, model.model(), model.gradients(), settings, replay, size);
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public int epoch(int step) {
    return (step - 1) / stepsPerEpoch + 1;
  }

  @Override
  public Batch batch(int step) {
    MirrorEpoch epoch = epochs.get(epoch(step) - 1);
    int index = (step - 1) % stepsPerEpoch;
    return new Prepared(step, epoch, epoch.batch(index), epoch.groups(index));
  }

  private final class Prepared implements Batch {
    private final int step;
    private final MirrorEpoch epoch;
    private final PackedBatch packed;
    private final int[] groups;
    private boolean uploaded;

    Prepared(int step, MirrorEpoch epoch, PackedBatch packed, int[] groups) {
      this.step = step;
      this.epoch = epoch;
      this.packed = packed;
      this.groups = groups;
    }

    @Override
    public int tokens() {
      return packed.realTokens();
    }

    @Override
    public void upload() {
      if (!uploaded) {
        if (!size.covers(epoch.largest())) {
          plan(plannedFor(epoch));
        }
        compute.upload(packed, groups);
        uploaded = true;
      }
    }

    @Override
    public double lossAndGradient() {
      dropout.step(step);
      return compute.lossAndGradient(dropout, model.lossScaler().scale());
    }
  }

  @Override
  public void close() {
    workspace.close();
  }
}
