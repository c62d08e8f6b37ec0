package org.mirror4j.bench.contest;

import java.util.List;
import java.util.Optional;

/**
 * Sides that do the same work, measured in turn.
 *
 * @param group what kind of work, as in {@code training-step}
 * @param name which one of that kind, as in {@code base, word}
 * @param skipped why it cannot be measured here
 */
public record Contest(
    String group,
    String name,
    Protocol protocol,
    List<Contender> contenders,
    Optional<String> skipped) {
  /** A contest that this machine can hold. */
  public Contest(String group, String name, Protocol protocol, List<Contender> contenders) {
    this(group, name, protocol, contenders, Optional.empty());
  }

  /** Group and name. */
  public String fullName() {
    return group + ": " + name;
  }
}
