package org.mirror4j.method.mirror;

import java.util.OptionalInt;
import org.mirror4j.bert.BatchShape;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.PooledEncoder;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.objective.ContrastiveObjective;
import org.mirror4j.optim.AdamW;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.train.Trainable;

/**
 * The computation of one contrastive step: encoder and objective, forward and backward. On a device
 * that asks for batches of a few sizes, a step of a size that came before is replayed.
 */
public final class MirrorStep {
  private final Device device;
  private final Ownership memory;
  private final boolean repeats;
  private final BatchTensors batch;
  private final PooledEncoder encoder;
  private final ContrastiveObjective objective;
  private final AdamW optimizer;
  private final Runnable launches = this::launch;
  private Key key = new Key(this, new BatchShape(0, 0, 0, 0), 0);
  private Dropout dropout;
  private float lossScale;

  /** The words of the batch that was uploaded. */
  private int[] tokenIds;

  /**
   * What the launches of a step depend on: the buffers, the shape of a rounded batch, and the one
   * number that is given to a kernel by value.
   */
  private record Key(MirrorStep buffers, BatchShape shape, float lossScale) {
    boolean fits(BatchTensors batch, float lossScale) {
      return shape.fits(batch) && this.lossScale == lossScale;
    }
  }

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param trainable the model's
   * @param replay whether steps may be replayed
   * @param maskId whose vector stands for a text with {@link Pooling#MASK}
   * @param size the largest batch; every batch has its number of sequences
   */
  public MirrorStep(
      Device device,
      Workspace workspace,
      BertModel model,
      Trainable trainable,
      MirrorSettings settings,
      boolean replay,
      int maskId,
      BatchSize size) {
    this.device = device;
    memory = workspace.ownership();
    repeats = replay && device.tokenMultiple() > 1;
    batch =
        new BatchTensors(
            device,
            workspace,
            size,
            settings.pooling().takesMask() ? OptionalInt.of(maskId) : OptionalInt.empty());
    encoder =
        new PooledEncoder(
            device, workspace, model, trainable.gradients(), batch, size, settings.pooling());
    optimizer = trainable.optimizer();
    objective =
        new ContrastiveObjective(
            device,
            workspace,
            model.config().hiddenSize(),
            size.sequences(),
            (float) settings.temperature());
  }

  /**
   * Takes a batch. The operations of the batch before have been waited for, by its loss.
   *
   * @param packed rounded where the device asks for it
   */
  public void upload(PackedBatch packed, int[] groups) {
    batch.upload(packed);
    tokenIds = packed.tokenIds();
    objective.groups(groups);
  }

  /**
   * The loss of the batch that was uploaded, after the update before it.
   *
   * @param lossScale what the gradients that are added are multiplied by
   */
  public double lossAndGradient(Dropout dropout, float lossScale) {
    this.dropout = dropout;
    this.lossScale = lossScale;
    optimizer.touch(tokenIds);
    if (repeats) {
      if (!key.fits(batch, lossScale)) {
        key = new Key(this, BatchShape.of(batch), lossScale);
      }
      device.repeat(memory, key, launches);
    } else {
      launches.run();
    }
    return objective.loss();
  }

  private void launch() {
    Tensor vectors = encoder.forward(dropout);
    objective.gradient(encoder.gradient(), vectors, lossScale);
    encoder.backward();
  }
}
