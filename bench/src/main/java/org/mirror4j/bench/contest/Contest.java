package org.mirror4j.bench.contest;

import java.util.List;

/**
 * Sides that do the same work, measured in turn.
 *
 * @param group what kind of work, as in {@code training-step}
 * @param name which one of that kind, as in {@code base, word}
 */
public record Contest(String group, String name, Protocol protocol, List<Contender> contenders) {
  /** Group and name. */
  public String fullName() {
    return group + ": " + name;
  }
}
