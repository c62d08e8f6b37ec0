package org.mirror4j.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** How settings are checked and written down. */
public final class Settings {
  private Settings() {}

  static ObjectNode json() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** The name of a constant in options and files: lower case, words parted by hyphens. */
  public static String label(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static void atLeast(String option, int value, int least) {
    require(value >= least, option, value, "at least " + least);
  }

  static void require(boolean holds, String option, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(option + " is " + value + ", expected " + expected);
    }
  }
}
