package org.mirror4j.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** How resolved settings are written down. */
final class Settings {
  private Settings() {}

  static ObjectNode json() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** The name of a constant in options and files. */
  static String label(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
