package org.mirror4j.method.finetune;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.train.TrainingTask;

/**
 * Fine-tuning as steps.
 *
 * @param <T> what is to be predicted of a batch
 */
final class FineTuningTask<T> implements TrainingTask {
  private final Device device;
  private final FineTuningSettings settings;
  private final FineTunedTask<T> task;
  private final TaskBatches batches;
  private final int steps;
  private final Tensor gradients;
  private final Dropout dropout;
  private final Workspace workspace;
  private final TaskStep<T> compute;
  private final TaskStep<T> predict;

  /** Of the gradients of the parts of a step; null where each step is one part. */
  private final Tensor sum;

  /**
   * A task.
   *
   * @param gradients flat, written by each step
   * @param replay whether steps may be replayed
   */
  FineTuningTask(
      Device device,
      BertModel model,
      Tensor gradients,
      FineTuningSettings settings,
      boolean replay,
      FineTunedTask<T> task,
      TaskBatches batches,
      int steps) {
    this.device = device;
    this.settings = settings;
    this.task = task;
    this.batches = batches;
    this.steps = steps;
    this.gradients = gradients;
    dropout = new Dropout(settings.dropoutRate(), 0, settings.seed());
    workspace = new Workspace(device);
    BatchSize largest = batches.largest(task.training());
    compute = new TaskStep<>(device, workspace, model, task, gradients, replay, largest);
    sum = batches.parts(task.training()) ? sum(workspace, gradients) : null;
    predict =
        task.development()
            .map(
                development ->
                    new TaskStep<>(
                        device,
                        workspace,
                        model,
                        task,
                        null,
                        false,
                        batches.largest(development.examples())))
            .orElse(null);
  }

  /** Plans what several parts of a step are added up in. */
  static Tensor sum(Workspace workspace, Tensor gradients) {
    return workspace.f32("gradientSum", gradients.rows());
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public Batch batch(int step) {
    return new Prepared(step, batches.step(task.training(), step));
  }

  private final class Prepared implements Batch {
    private final int step;
    private final TaskBatches.Step batch;
    private final List<T> targets;
    private final int predictions;

    Prepared(int step, TaskBatches.Step batch) {
      this.step = step;
      this.batch = batch;
      Examples<T> examples = task.training().in(settings.seed(), batch.epoch());
      targets =
          batch.parts().stream()
              .map(part -> examples.targets(part.examples(), part.packed()))
              .toList();
      int count =
          batch.parts().stream()
              .flatMapToInt(part -> Arrays.stream(part.examples()))
              .map(examples::predictions)
              .sum();
      predictions = Math.max(1, count);
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
      upload(0);
    }

    private void upload(int part) {
      compute.upload(batch.parts().get(part).packed(), targets.get(part));
    }

    @Override
    public Loss lossAndGradient(float lossScale) {
      double losses = 0;
      int parts = batch.parts().size();
      for (int part = 0; part < parts; part++) {
        if (part > 0) {
          device.synchronize();
          upload(part);
        }
        dropout.step(step, part);
        compute.gradient(dropout, lossScale / predictions);
        if (part == 0 && parts > 1) {
          device.kernels().memory().copy(sum, gradients);
        } else if (part + 1 < parts) {
          device.kernels().memory().add(sum, gradients);
        }
        losses += compute.lossSum();
      }
      if (parts > 1) {
        device.kernels().memory().add(gradients, sum);
      }
      return Loss.of(losses / predictions);
    }
  }

  /** Whether the dev set is scored after a step: spread over each epoch, with its last step. */
  private boolean scores(int step) {
    return step == steps || step > 0 && evaluations(step) > evaluations(step - 1);
  }

  private long evaluations(int step) {
    return (long) step * settings.evaluations() / batches.stepsPerEpoch(task.training().size());
  }

  @Override
  public Optional<HeldOut> heldOut(int step) {
    return scores(step)
        ? task.development()
            .map(development -> new Scores(FineTunedScores.of(development, batches, predict)))
        : Optional.empty();
  }

  @Override
  public int patience() {
    return settings.patience();
  }

  @Override
  public boolean keepsBest() {
    return task.development().isPresent();
  }

  @Override
  public void close() {
    workspace.close();
  }
}
