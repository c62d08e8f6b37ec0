package org.mirror4j;

/**
 * Hears how a {@link MirrorTuning} goes. All methods are called by one thread, which is not the
 * caller's and waits for them; what they throw ends the run.
 */
public interface TuningListener {
  /**
   * The first step is about to run.
   *
   * @param firstStep counts from 1; more for a run that resumes
   * @param steps of the whole run
   */
  default void started(int firstStep, int steps) {}

  /**
   * A step is done.
   *
   * @param step counts from 1
   * @param loss of the step's batch, before its update
   */
  default void step(int step, double loss) {}

  /**
   * Something worth knowing: a choice made, a number found in the texts.
   *
   * @param message a line for people
   */
  default void notice(String message) {}

  /**
   * Something that may be worth changing.
   *
   * @param message a line for people
   */
  default void warning(String message) {}
}
