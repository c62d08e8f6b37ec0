package org.mirror4j.train;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Hears how a run goes. All methods are called by the thread that trains. */
public interface TrainingListener {
  /** Hears nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /** Something that a user should know: a choice made, a number found in the data. */
  default void notice(String message) {}

  /** Something that a user may want to change. */
  default void warning(String message) {}

  /**
   * So much is done of what comes before the first step.
   *
   * @param what is done, in the plural: texts
   * @param seconds since the first
   */
  default void progress(String what, long done, long of, double seconds) {}

  /** The resolved settings, before anything is computed. */
  default void settings(ObjectNode settings) {}

  /** What the run will take. */
  default void estimate(ResourceEstimate estimate) {}

  /** What held-out data gives before the first step, where it is asked. */
  default void untrained(TrainingTask.HeldOut heldOut) {}

  /**
   * A run is about to go on: what its steps had of the data is gone through again, before {@link
   * #started}.
   *
   * @param done steps
   */
  default void resuming(int done) {}

  /**
   * The first step is about to run.
   *
   * @param firstStep counts from 1; more for a run that resumes
   * @param steps of the whole run
   */
  default void started(int firstStep, int steps) {}

  /**
   * Whether the run shall stop: asked before each step, and while a run is {@link #resuming}. It
   * then keeps what is done and ends in a {@link TrainingInterruptedException}.
   */
  default boolean stopRequested() {
    return false;
  }

  /** A step is done. */
  default void step(StepRecord step) {}

  /** The run is over and everything is written. */
  default void finished() {}
}
