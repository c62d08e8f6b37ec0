package org.mirror4j.task.coreference;

import java.util.List;

/**
 * Mentions of the same thing.
 *
 * @param number that stands for it in a file
 * @param mentions one at least; files may give one mention several times
 */
public record Chain(int number, List<Mention> mentions) {
  /** Copies the list. */
  public Chain {
    mentions = List.copyOf(mentions);
  }
}
