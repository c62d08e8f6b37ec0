package org.mirror4j.method.mirror;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.Packing;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.optim.Optimization;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.Trainable;

/**
 * The steps of a Mirror-BERT run with a fresh model on batches of token ids: everything that the
 * device does in a run, without files and text. For measurements; the weights are a function of the
 * settings' seed alone, so two devices start from the same.
 */
public final class MirrorRehearsal implements AutoCloseable {
  /** The batches are of words: a pooling that takes the vector of a mask token finds none. */
  private static final int NO_MASK = -1;

  private final Device device;
  private final MirrorSettings settings;
  private final Dropout dropout;
  private final Workspace workspace;
  private final Optimization optimization;
  private final MirrorStep compute;
  private final List<PackedBatch> batches = new ArrayList<>();
  private final int[] groups;
  private int step;

  /**
   * Plans all buffers and makes the weights.
   *
   * @param batches token ids of the views of each batch: first views of all items, then second
   *     views; all batches have as many views
   * @throws IllegalArgumentException if the device does not compute in the precision
   */
  public MirrorRehearsal(
      Device opened,
      BertConfig config,
      MirrorSettings settings,
      ComputeOptions options,
      List<int[][]> batches) {
    device = opened.computing(options.precision());
    this.settings = settings;
    dropout = new Dropout(settings.dropoutRate(), settings.dropheadRate(), settings.seed());
    int multiple = device.tokenMultiple();
    int longest =
        MirrorBlock.longest(
            batches.stream().flatMap(Arrays::stream).mapToInt(ids -> ids.length).max().orElse(0),
            settings.maxLength());
    int tokens = 0;
    int padding = 0;
    for (int[][] views : batches) {
      PackedBatch packed =
          Packing.of(views, config, settings.pooling(), settings.maxLength(), config.padTokenId());
      PackedBatch batch =
          multiple > 1 ? packed.rounded(multiple, longest, config.padTokenId()) : packed;
      tokens = Math.max(tokens, batch.totalTokens());
      padding = Math.max(padding, batch.paddingSequences());
      this.batches.add(batch);
    }
    int views = this.batches.getFirst().sequences();
    groups = TextGroups.distinct(views / 2);
    workspace = new Workspace(device);
    try {
      BertModel model =
          BertModel.fresh(device, workspace, config, settings.seed())
              .storedAs(device, workspace, options.precision().storage());
      Trainable trainable = MirrorTraining.trainable(device, workspace, model, settings);
      optimization = trainable.optimization(device, workspace, MirrorTraining.clipping(settings));
      compute =
          new MirrorStep(
              device,
              workspace,
              model,
              trainable,
              settings,
              options.replay(),
              NO_MASK,
              new BatchSize(tokens, views, padding));
    } catch (RuntimeException | Error failure) {
      workspace.close();
      throw failure;
    }
  }

  /** Number of batches; {@link #step} takes them in turn. */
  public int batches() {
    return batches.size();
  }

  /** Tokens of all batches that are text. */
  public long realTokens() {
    return batches.stream().mapToLong(PackedBatch::realTokens).sum();
  }

  /** Rows of all batches that are computed. */
  public long rows() {
    return batches.stream().mapToLong(PackedBatch::totalTokens).sum();
  }

  /** Bytes of all buffers. */
  public long bytes() {
    return workspace.bytes();
  }

  /** Steps that made no update because the loss scale was too large. */
  public int skippedSteps() {
    return optimization.lossScaler().skippedSteps();
  }

  /**
   * Computes the next step, update included, and waits for it.
   *
   * @return the loss before the update
   */
  public double step() {
    if (step == 0) {
      upload();
    }
    step++;
    dropout.step(step);
    double loss = compute.lossAndGradient(dropout, optimization.lossScaler().scale());
    optimization.step(step);
    // As a run does: while the update runs, the next batch is copied.
    upload();
    device.synchronize();
    return loss;
  }

  private void upload() {
    PackedBatch batch = batches.get(step % batches.size());
    compute.upload(batch, groups);
  }

  @Override
  public void close() {
    workspace.close();
  }
}
