package org.mirror4j.method.pretrain;

import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.objective.HeldOutText;
import org.mirror4j.objective.PerObjective;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.objective.PretrainingStep;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.train.Fidelity;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingTask;

/** Pretraining as steps. */
final class PretrainingTask implements TrainingTask {
  private static final int STEPS_BETWEEN_PROGRESS = 1000;

  private final Device device;
  private final PretrainingSettings settings;
  private final PretrainingHeads heads;
  private final PretrainingBatches batches;
  private final HeldOutText heldOut;
  private final Tensor gradients;
  private final int steps;
  private final Dropout dropout;
  private final Workspace workspace;
  private final PretrainingStep compute;
  private final PretrainingStep measure;

  /** Of the gradients of the parts of a step; null where each step is one part. */
  private final Tensor sum;

  /**
   * A task.
   *
   * @param gradients flat, written by each step
   * @param replay whether steps may be replayed
   * @param batches rounded as the device asks for; closed with this
   * @param heldOut null for none
   */
  PretrainingTask(
      Device device,
      BertModel model,
      Tensor gradients,
      PretrainingSettings settings,
      boolean replay,
      PretrainingBatches batches,
      HeldOutText heldOut,
      int steps) {
    this.device = device;
    this.settings = settings;
    this.batches = batches;
    this.heldOut = heldOut;
    this.gradients = gradients;
    this.steps = steps;
    heads = settings.heads();
    dropout = new Dropout(settings.dropoutRate(), 0, settings.seed());
    workspace = new Workspace(device);
    compute = plan(device, workspace, model, gradients, settings, replay);
    sum = sum(workspace, gradients, settings);
    measure = heldOut == null ? null : plan(device, workspace, model, null, settings, false);
  }

  /**
   * Plans the buffers of a part of a step.
   *
   * @param workspace may only count
   * @param gradients flat, written by each part; null for one that only measures
   * @param replay whether parts may be replayed
   */
  static PretrainingStep plan(
      Device device,
      Workspace workspace,
      BertModel model,
      Tensor gradients,
      PretrainingSettings settings,
      boolean replay) {
    PartSizes sizes = new PartSizes(settings, device.tokenMultiple());
    BatchSize largest = sizes.largest();
    return new PretrainingStep(
        device,
        workspace,
        model,
        settings.heads(),
        gradients,
        replay,
        largest,
        sizes.limits(largest));
  }

  /** Plans what several parts of a step are added up in. */
  static Tensor sum(Workspace workspace, Tensor gradients, PretrainingSettings settings) {
    return new PartSizes(settings, 1).severalParts()
        ? workspace.f32("gradientSum", gradients.rows())
        : null;
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public void skip(int done, TrainingListener listener) {
    listener.notice("the blocks of the %,d steps that are done are read again".formatted(done));
    long start = System.nanoTime();
    for (int step = 1; step <= done && !listener.stopRequested(); step++) {
      batches.skip();
      if (step % STEPS_BETWEEN_PROGRESS == 0) {
        listener.progress("steps", step, done, (System.nanoTime() - start) * 1e-9);
      }
    }
  }

  @Override
  public Batch batch(int step) {
    return new Prepared(step, batches.next());
  }

  private final class Prepared implements Batch {
    private final int step;
    private final PretrainingBatches.Batch batch;
    private final PerObjective scales;

    Prepared(int step, PretrainingBatches.Batch batch) {
      this.step = step;
      this.batch = batch;
      scales = scales(batch.counts());
    }

    @Override
    public int epoch() {
      return batch.epoch() + 1;
    }

    @Override
    public int size() {
      return batch.tokens();
    }

    @Override
    public void upload() {
      compute.upload(batch.parts().getFirst(), scales);
    }

    @Override
    public Loss lossAndGradient(float lossScale) {
      PerObjective losses = PerObjective.ZERO;
      int parts = batch.parts().size();
      for (int part = 0; part < parts; part++) {
        if (part > 0) {
          device.synchronize();
          compute.upload(batch.parts().get(part), scales);
        }
        dropout.step(step, part);
        compute.gradient(dropout, lossScale);
        if (part + 1 < parts) {
          addUp(part);
        }
        losses = losses.plus(compute.losses());
      }
      if (parts > 1) {
        device.kernels().memory().add(gradients, sum);
      }
      return loss(losses, batch.counts());
    }

    private void addUp(int part) {
      if (part == 0) {
        device.kernels().memory().copy(sum, gradients);
      } else {
        device.kernels().memory().add(sum, gradients);
      }
    }
  }

  /**
   * What the gradient of the sum of each objective's losses is multiplied by. The released code
   * divides the losses of the span boundary objective by one more than there are.
   */
  private PerObjective scales(PerObjective counts) {
    boolean oneMore = settings.fidelity() == Fidelity.RELEASED && counts.spanBoundary() > 0;
    return counts
        .plus(new PerObjective(0, oneMore ? 1 : 0, 0))
        .inverse()
        .times(new PerObjective(1, settings.boundaryWeight(), 1));
  }

  /** The loss that is minimised, and the means of its parts. */
  private Loss loss(PerObjective losses, PerObjective counts) {
    double total = losses.times(scales(counts)).sum();
    if (heads.equals(PretrainingHeads.MASKED)) {
      return Loss.of(total);
    }
    PerObjective means = losses.times(counts.inverse());
    SequencedMap<String, Double> parts = new LinkedHashMap<>();
    parts.put("masked", means.masked());
    if (heads.spanBoundary().isPresent()) {
      parts.put("spanBoundary", means.spanBoundary());
    }
    if (heads.nextSentence()) {
      parts.put("nextSentence", means.nextSentence());
    }
    return new Loss(total, parts);
  }

  /** Means over all that is to be predicted of the held-out text; masks are always the same. */
  @Override
  public Optional<HeldOut> heldOut(int step) {
    if (measure == null || step % settings.heldOutSteps() != 0 && step != steps) {
      return Optional.empty();
    }
    HeldOutText.Measured measured = heldOut.measure(measure, _ -> {});
    Loss loss = loss(measured.losses(), measured.counts());
    if (!Double.isFinite(loss.total())) {
      throw new ArithmeticException(
          "step %d: the held-out loss is %s; lower the learning rate"
              .formatted(step, loss.total()));
    }
    return Optional.of(loss);
  }

  @Override
  public boolean keepsBest() {
    return measure != null;
  }

  @Override
  public void close() {
    workspace.close();
    batches.close();
  }
}
