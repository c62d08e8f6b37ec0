package org.mirror4j.bench.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.training.GradientCollector;
import ai.djl.training.optimizer.AdamW;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.Map;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.Pooling;
import org.mirror4j.method.mirror.MirrorSettings;

/**
 * The training step of Mirror-BERT in DJL: {@link DjlBert}, the contrastive loss over all 2N views,
 * backward, DJL's AdamW. Equal texts are negatives of each other here; the batches have none.
 */
public final class DjlMirrorTraining implements AutoCloseable {
  private final NDManager manager = NDManager.newBaseManager();
  private final DjlBert bert;
  private final DjlContrastiveLoss contrastive;
  private final MirrorSettings settings;
  private final Optimizer optimizer;

  /**
   * An encoder with given weights and fresh moments.
   *
   * @param views of every batch
   */
  public DjlMirrorTraining(BertConfig config, Weights weights, MirrorSettings settings, int views) {
    this.settings = settings;
    bert = new DjlBert(manager, config, weights, true);
    contrastive = new DjlContrastiveLoss(manager, views, settings.temperature());
    optimizer =
        AdamW.builder()
            .optLearningRateTracker(Tracker.fixed((float) settings.learningRate()))
            .optWeightDecays((float) settings.weightDecay())
            .build();
  }

  /** Parameters by the names of transformers. */
  public Map<String, NDArray> parameters() {
    return bert.parameters();
  }

  /**
   * One step, update included.
   *
   * @param views first views of all items, then second views
   * @param padTo tokens that every view is padded to
   * @return the loss before the update
   */
  public double step(int[][] views, int padTo) {
    double loss = lossAndGradient(views, padTo);
    update();
    return loss;
  }

  /** The update of AdamW, after which the gradients are zero. */
  public void update() {
    bert.parameters()
        .forEach(
            (name, parameter) -> {
              try (NDArray gradient = parameter.getGradient()) {
                optimizer.update(name, parameter, gradient);
              }
            });
  }

  /** The loss; its gradients are added to those of the parameters. */
  public double lossAndGradient(int[][] views, int padTo) {
    try (NDManager step = manager.newSubManager();
        GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      PaddedBatch batch = PaddedBatch.of(step, views, padTo);
      NDArray hidden = bert.forward(batch, (float) settings.dropoutRate());
      NDArray loss = contrastive.forward(pooled(hidden, batch));
      collector.backward(loss);
      return loss.getFloat();
    }
  }

  private NDArray pooled(NDArray hidden, PaddedBatch batch) {
    return settings.pooling() == Pooling.CLS ? hidden.get(new NDIndex(":, 0")) : batch.mean(hidden);
  }

  /** Gradient of a parameter after {@link #lossAndGradient}. */
  public float[] gradient(String name) {
    try (NDArray gradient = bert.parameters().get(name).getGradient()) {
      return gradient.toFloatArray();
    }
  }

  /** Frees all arrays. */
  @Override
  public void close() {
    manager.close();
  }
}
