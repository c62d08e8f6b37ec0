package org.mirror4j.method.finetune;

import static org.mirror4j.method.finetune.FineTuningOptimizer.BERT;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
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
 * Runs of fine-tuning that take a second: texts of three to eleven tokens, in batches of four.
 *
 * @param model directory to start from
 * @param training file of texts
 * @param development the same, of what is scored
 * @param seed of the targets of the former; the latter's are of another one unless it is that file
 */
record ToyRun(Path model, ToyHead head, Path training, Optional<Path> development, long seed) {
  static final int CLASSES = 3;
  static final int BATCH_SIZE = 4;

  /** Fourteen texts, and as many others that are scored. */
  static ToyRun of(Path folder, Path model, ToyHead head) {
    return new ToyRun(model, head, texts(folder, 14, 8), Optional.of(texts(folder, 14, 9)), 8);
  }

  /** Writes a file of texts. */
  static Path texts(Path folder, int count, long seed) {
    return TinyRun.write(
        folder.resolve("%d texts %d".formatted(count, seed)), TinyRun.texts(count, seed));
  }

  /** Two epochs; all that is random is on. */
  static FineTuningSettings settings() {
    return new FineTuningSettings(
        2, 0, BATCH_SIZE, 1000, 1e-3, 0.1, BERT, 0.01, TinyRun.MAX_LENGTH, 0.1, 1, 2, 0, 42);
  }

  FineTuning method(FineTuningSettings settings) {
    return method(settings, "test");
  }

  FineTuning method(FineTuningSettings settings, String recipe) {
    return new FineTuning(
        model,
        model.toString(),
        "toy",
        Collections.emptyNavigableMap(),
        training,
        development,
        (source, tokenizer, maxLength, notices) ->
            new ToyTask(
                head,
                CLASSES,
                data(training, tokenizer, maxLength),
                development.map(file -> data(file, tokenizer, maxLength))),
        recipe,
        settings);
  }

  private ToyTask.Data data(Path file, Tokenizer tokenizer, int maxLength) {
    try {
      List<String> texts = Files.readAllLines(file);
      long drawn = file.equals(training) ? seed : seed + 1;
      return ToyTask.Data.of(head, CLASSES, texts, tokenizer, maxLength, drawn);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
