package org.mirror4j.method.mirror;

import java.util.Optional;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Device;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.TrainingTask;

/**
 * Scores of a model in the middle of its tuning: of the output that it would be if this were the
 * end, its texts encoded as that says. Its buffers are there for as long as it takes.
 *
 * @param development what is scored on
 * @param tokenizer of the output
 * @param options of the output's vectors
 * @param interpolation what the output takes of the weights before, if it does
 * @param storage type of activations and of weights in products
 */
record MirrorScoring(
    DevelopmentTask development,
    Tokenizer tokenizer,
    TextEncoder.Options options,
    Optional<Interpolation> interpolation,
    DType storage) {
  /**
   * Whether a step is scored.
   *
   * @param step 0 before the first
   */
  boolean isDue(int step, int steps) {
    return step % development.steps() == 0 || step == steps;
  }

  /**
   * The scores.
   *
   * @param tuned as it is after a step
   */
  TrainingTask.Scores of(Device device, BertModel tuned) {
    try (Workspace workspace = new Workspace(device)) {
      BertModel scored =
          interpolation
              .map(line -> line.of(device, workspace, tuned).storedAs(device, workspace, storage))
              .orElse(tuned);
      try (TextEncoder encoder = new TextEncoder(device, scored, tokenizer, options)) {
        return new TrainingTask.Scores(development.scorer().of(device, encoder));
      }
    }
  }

  /**
   * Plans the buffers.
   *
   * @param counting only counts
   * @param tuned as planned
   */
  void count(Device device, Workspace counting, BertModel tuned) {
    BertModel scored =
        interpolation
            .map(line -> line.plan(counting).storedAs(null, counting, storage))
            .orElse(tuned);
    TextEncoder.count(device, counting, scored, options);
  }
}
