package org.mirror4j.task;

/**
 * A task as a fine-tuned model sees it: the head that it has, and texts of which it is asked.
 *
 * @param <T> what is to be predicted of a batch
 */
public interface PredictedTask<T> extends TaskHead<T> {
  /** What is predicted; nobody asks for targets. */
  Examples<T> examples();

  /** Begins to collect predictions. */
  Predictions begin();
}
