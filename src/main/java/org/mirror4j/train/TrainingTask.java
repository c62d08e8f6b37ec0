package org.mirror4j.train;

import java.util.OptionalDouble;

/** What a {@code Trainer} trains: batches by number of the step. */
public interface TrainingTask extends AutoCloseable {
  /** Number of steps of the whole run. */
  int steps();

  /**
   * Epoch of a step.
   *
   * @param step counts from 1
   * @return counts from 1
   */
  int epoch(int step);

  /**
   * Prepares the batch of a step: everything that happens before the device computes, and nothing
   * that uses the device. Always called by one thread, which is not the one that computes.
   *
   * @param step counts from 1; asked for in order
   */
  Batch batch(int step);

  /** A loss on held-out data after the given step, where one is due. */
  default OptionalDouble heldOutLoss(int step) {
    return OptionalDouble.empty();
  }

  /** All steps are done: says what was found in them. */
  default void finished() {}

  /** Frees the buffers of the steps, where there are any. */
  @Override
  default void close() {}

  /** A prepared step. */
  interface Batch {
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
    double lossAndGradient(float lossScale);
  }
}
