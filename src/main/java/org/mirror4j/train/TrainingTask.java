package org.mirror4j.train;

import java.util.Collections;
import java.util.Optional;
import java.util.SequencedMap;

/** What a {@code Trainer} trains: batches by number of the step. */
public interface TrainingTask extends AutoCloseable {
  /** Number of steps of the whole run. */
  int steps();

  /**
   * Leaves out the batches of steps that are done, for a run that goes on; called by the thread
   * that computes, before any batch is asked for. What takes long says so, and ends early where the
   * listener asks to stop: no batch is asked for then.
   *
   * @param done the last step that is left out
   */
  default void skip(int done, TrainingListener listener) {}

  /**
   * Prepares the batch of a step: everything that happens before the device computes, and nothing
   * that uses the device. Always called by one thread, which is not the one that computes.
   *
   * @param step counts from 1; asked for in order, the first after those that were left out
   */
  Batch batch(int step);

  /**
   * A loss on held-out data after the given step, where one is due.
   *
   * @param step 0 before the first
   */
  default Optional<Loss> heldOutLoss(int step) {
    return Optional.empty();
  }

  /** Whether the parameters after the step with the lowest held-out loss are the result. */
  default boolean keepsBest() {
    return false;
  }

  /**
   * A loss.
   *
   * @param total what is minimised
   * @param parts mean loss of each objective by its name; empty where there is but one
   */
  record Loss(double total, SequencedMap<String, Double> parts) {
    /** Of one objective. */
    public static Loss of(double total) {
      return new Loss(total, Collections.emptySortedMap());
    }
  }

  /** All steps are done: says what was found in them. */
  default void finished() {}

  /** Frees the buffers of the steps, where there are any. */
  @Override
  default void close() {}

  /** A prepared step. */
  interface Batch {
    /** Counts from 1. */
    int epoch();

    /** Real tokens, without padding. */
    int tokens();

    /**
     * Brings the batch to the device, unless it is there. The update of the step before may still
     * run; its loss has been computed.
     */
    void upload();

    /**
     * Mean loss before the update, and all gradients.
     *
     * @param lossScale what the gradients are multiplied by
     */
    Loss lossAndGradient(float lossScale);
  }
}
