package org.mirror4j.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

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

  /** Puts into {@code config.json} what that class takes from there, as the names of labels. */
  void configure(ObjectNode config);
}
