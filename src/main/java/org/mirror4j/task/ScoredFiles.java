package org.mirror4j.task;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What a scorer compares.
 *
 * @param gold annotations
 * @param predictions what a system said
 * @param noAnswer how sure it was that there is nothing to say, for tasks that take it
 */
public record ScoredFiles(Path gold, Path predictions, Optional<NoAnswer> noAnswer) {
  /**
   * How sure a system was of each question that it has no answer.
   *
   * @param scores a file of a number by id, larger for no answer
   * @param threshold an answer whose number is above it counts as none
   */
  public record NoAnswer(Path scores, double threshold) {}

  /** Files of a task that takes no more. */
  public ScoredFiles(Path gold, Path predictions) {
    this(gold, predictions, Optional.empty());
  }
}
