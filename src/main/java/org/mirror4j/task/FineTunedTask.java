package org.mirror4j.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A task as fine-tuning sees it: data that has been read, a head, and how its predictions are
 * scored.
 *
 * @param <T> what is to be predicted of a batch
 */
public interface FineTunedTask<T> extends TaskHead<T> {
  /** What is trained on. */
  Examples<T> training();

  /** What is scored while it trains; empty where there is none. */
  Optional<Evaluation<T>> development();

  /**
   * The learning rate of a head that has an optimiser of its own: Adam without decay, whose rate
   * falls from the first step on, its gradient clipped by itself. Empty for a head that is trained
   * as the encoder is.
   */
  default OptionalDouble headLearningRate() {
    return OptionalDouble.empty();
  }

  /** The options by which a run takes less memory, for messages. */
  default String memoryOptions() {
    return "--device-tokens or --max-length";
  }

  /** Puts into {@code config.json} what that class takes from there, as the names of labels. */
  void configure(ObjectNode config);

  /** What the rows of this task's head stand for, as a {@code config.json} has it. */
  default HeadRows rows(ObjectNode config) {
    return HeadRows.labels(config);
  }
}
