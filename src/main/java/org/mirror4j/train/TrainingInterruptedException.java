package org.mirror4j.train;

/** A run was asked to stop and has; the message is one line that says how to go on. */
public final class TrainingInterruptedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TrainingInterruptedException(String message) {
    super(message);
  }
}
