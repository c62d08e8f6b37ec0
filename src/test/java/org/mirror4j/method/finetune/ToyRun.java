package org.mirror4j.method.finetune;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mirror4j.device.Device;
import org.mirror4j.task.ToyHead;
import org.mirror4j.task.ToyTask;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;

/**
 * Runs of fine-tuning that take a second: 14 texts of three to eleven tokens, in batches of four.
 *
 * @param model directory to start from
 * @param head of the task
 * @param trained texts
 * @param scored texts, others than these unless the seeds are equal; 0 for none
 * @param scoredSeed of these
 */
record ToyRun(Path model, ToyHead head, int trained, int scored, long scoredSeed) {
  static final int CLASSES = 3;
  static final int BATCH_SIZE = 4;
  static final long SEED = 8;

  /** Fourteen texts, and as many others that are scored. */
  ToyRun(Path model, ToyHead head) {
    this(model, head, 14, 14, 9);
  }

  /** Two epochs; all that is random is on. */
  static FineTuningSettings settings() {
    return new FineTuningSettings(
        2, 0, BATCH_SIZE, 1000, 1e-3, 0.1, 0.01, TinyRun.MAX_LENGTH, 0.1, 1, 2, 0, 42);
  }

  FineTuning method(FineTuningSettings settings) {
    return new FineTuning(
        model,
        model.toString(),
        head.name(),
        TinyRun.write(model.resolveSibling("toy.txt"), TinyRun.texts(trained, SEED)),
        Optional.empty(),
        (tokenizer, maxLength, notices) ->
            new ToyTask(
                head,
                CLASSES,
                data(trained, SEED, tokenizer, maxLength),
                scored == 0
                    ? Optional.empty()
                    : Optional.of(data(scored, scoredSeed, tokenizer, maxLength))),
        "test",
        settings);
  }

  private ToyTask.Data data(int texts, long seed, Tokenizer tokenizer, int maxLength) {
    return ToyTask.Data.of(head, CLASSES, TinyRun.texts(texts, seed), tokenizer, maxLength, seed);
  }

  /** In f32. */
  TinyRun.Recorder run(Device device, FineTuningSettings settings, Path output) {
    TinyRun.Recorder heard = new TinyRun.Recorder();
    RunOptions options = new RunOptions(1000, false, false);
    run(device, settings, output, ComputeOptions.DEFAULT, options, heard);
    return heard;
  }

  void run(
      Device device,
      FineTuningSettings settings,
      Path output,
      ComputeOptions compute,
      RunOptions options,
      TinyRun.Recorder heard) {
    TinyRun.run(device, method(settings), output, compute, options, heard);
  }

  /** The first step that did best on held-out data, of all that were asked. */
  static StepRecord best(List<StepRecord> steps) {
    StepRecord best = null;
    for (StepRecord step : steps) {
      if (step.heldOut().isPresent() && (best == null || quality(step) > quality(best))) {
        best = step;
      }
    }
    return best;
  }

  static double quality(StepRecord step) {
    return step.heldOut().orElseThrow().quality();
  }
}
