package org.mirror4j.eval;

import java.util.Locale;
import java.util.Optional;

/**
 * A name that tasks are asked for by: {@code sts12}, or {@code KIND:ARGUMENT}.
 *
 * @param asked as it was written
 */
record TaskName(String asked) {
  /** For comparison: case does not matter, and {@code _} is {@code -}. */
  static String key(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  String key() {
    return key(asked);
  }

  boolean is(String name) {
    return key().equals(key(name));
  }

  private int colon() {
    int colon = asked.indexOf(':');
    return colon == asked.length() - 1 ? -1 : colon;
  }

  /** Without its argument, if it has one. */
  String kind() {
    return hasArgument() ? asked.substring(0, colon()) : asked;
  }

  boolean hasArgument() {
    return colon() > 0;
  }

  /** The argument as it was written, if the name is one of that kind. */
  Optional<String> argument(String kind) {
    return hasArgument() && key().startsWith(kind + ":")
        ? Optional.of(asked.substring(colon() + 1))
        : Optional.empty();
  }
}
