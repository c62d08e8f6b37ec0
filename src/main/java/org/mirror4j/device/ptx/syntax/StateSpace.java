package org.mirror4j.device.ptx.syntax;

import java.util.Locale;

/** Where a variable lives or a memory instruction points (ISA 5.1). */
public enum StateSpace {
  GLOBAL,
  SHARED,
  PARAM,
  CONST,
  LOCAL;

  /**
   * The space of a name without its dot.
   *
   * @return null if there is no such space
   */
  public static StateSpace named(String name) {
    return switch (name) {
      case "global" -> GLOBAL;
      case "shared" -> SHARED;
      case "param" -> PARAM;
      case "const" -> CONST;
      case "local" -> LOCAL;
      default -> null;
    };
  }

  @Override
  public String toString() {
    return "." + name().toLowerCase(Locale.ROOT);
  }
}
