package org.mirror4j.method.mirror;

import java.util.Optional;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.train.Trainable;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingTask;

/**
 * Mirror-BERT as steps. Buffers are planned for the largest batch of the first block with some
 * room, and again between blocks only if a later one has a larger batch.
 */
final class MirrorTask implements TrainingTask {
  /** Room for a block whose largest batch is larger than the first one's. */
  private static final double MARGIN = 1.05;

  private final Device device;
  private final BertModel model;
  private final Trainable trainable;
  private final MirrorSettings settings;
  private final boolean replay;
  private final MirrorBlocks blocks;
  private final int steps;
  private final Optional<MirrorScoring> scoring;
  private final TrainingListener listener;
  private final Dropout dropout;
  private BatchSize size;
  private Workspace workspace;
  private MirrorStep compute;
  private int batchesWithoutNegatives;

  /**
   * A task.
   *
   * @param trainable the model's, with the gradients that each step writes
   * @param replay whether the device may replay steps
   * @param scoring of steps, where they are scored
   * @param listener hears of batches that teach nothing
   */
  MirrorTask(
      Device device,
      BertModel model,
      Trainable trainable,
      MirrorSettings settings,
      boolean replay,
      MirrorBlocks blocks,
      int steps,
      Optional<MirrorScoring> scoring,
      TrainingListener listener) {
    this.device = device;
    this.model = model;
    this.trainable = trainable;
    this.settings = settings;
    this.replay = replay;
    this.blocks = blocks;
    this.steps = steps;
    this.scoring = scoring;
    this.listener = listener;
    dropout = new Dropout(settings.dropoutRate(), settings.dropheadRate(), settings.seed());
    plan(plannedFor(blocks.get(1).block()));
  }

  /** What is planned for a block. */
  static BatchSize plannedFor(MirrorBlock block) {
    BatchSize largest = block.largest();
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
        new MirrorStep(
            device, workspace, model, trainable, settings, replay, blocks.maskId(), size);
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public Batch batch(int step) {
    MirrorBlocks.Place place = blocks.get(step);
    MirrorBlock block = place.block();
    return new Prepared(step, block, block.batch(place.step()), block.groups(place.step()));
  }

  @Override
  public Optional<HeldOut> heldOut(int step) {
    return scoring
        .filter(scores -> scores.isDue(step, steps))
        .map(
            scores -> {
              trainable.optimizer().settle();
              return scores.of(device, model);
            });
  }

  @Override
  public boolean keepsBest() {
    return scoring.isPresent();
  }

  private final class Prepared implements Batch {
    private final int step;
    private final MirrorBlock block;
    private final PackedBatch packed;
    private final int[] groups;

    Prepared(int step, MirrorBlock block, PackedBatch packed, int[] groups) {
      this.step = step;
      this.block = block;
      this.packed = packed;
      this.groups = groups;
    }

    @Override
    public int epoch() {
      return blocks.epoch(step);
    }

    @Override
    public int size() {
      return packed.realTokens();
    }

    @Override
    public void upload() {
      if (!size.covers(block.largest())) {
        plan(plannedFor(block));
      }
      compute.upload(packed, groups);
    }

    @Override
    public Loss lossAndGradient(float lossScale) {
      if (TextGroups.isOne(groups)) {
        withoutNegatives(step);
      }
      dropout.step(step);
      return Loss.of(compute.lossAndGradient(dropout, lossScale));
    }
  }

  /** The loss of such a batch is 0, and so is its gradient. */
  private void withoutNegatives(int step) {
    if (batchesWithoutNegatives == 0) {
      listener.warning(
          "step %,d: the texts of the batch are all the same, or shared from item to item: without"
                  .formatted(step)
              + " negatives it teaches nothing");
    }
    batchesWithoutNegatives++;
  }

  @Override
  public void finished() {
    if (batchesWithoutNegatives > 0) {
      listener.warning(
          "%,d batches had no negatives and taught nothing".formatted(batchesWithoutNegatives));
    }
  }

  @Override
  public void close() {
    workspace.close();
  }
}
