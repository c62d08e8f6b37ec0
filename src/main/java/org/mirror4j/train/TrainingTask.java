package org.mirror4j.train;

import java.util.OptionalDouble;

/** What a {@link Trainer} trains: losses and gradients by number of the step. */
interface TrainingTask {
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
   * Computes loss and gradients of a step; gradients are added to.
   *
   * @param step counts from 1
   */
  Result lossAndGradient(int step);

  /** A loss on held-out data after the given step, where one is due. */
  default OptionalDouble heldOutLoss(int step) {
    return OptionalDouble.empty();
  }

  /**
   * Outcome of a step.
   *
   * @param tokens real tokens, without padding
   */
  record Result(double loss, int tokens) {}
}
