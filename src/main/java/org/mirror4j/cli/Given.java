package org.mirror4j.cli;

import java.lang.reflect.Field;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** What was given of a method's settings, to be laid over those of a recipe. */
final class Given {
  private Given() {}

  /**
   * Refuses an option that was given and changes nothing.
   *
   * @param value null where it was not given
   * @param why what leaves it without effect: {@code with --max-steps 5}
   * @throws IllegalArgumentException naming both
   */
  static void requireEffect(String option, Object value, boolean hasEffect, String why) {
    if (value != null && !hasEffect) {
      throw new IllegalArgumentException("%s has no effect %s".formatted(option, why));
    }
  }

  /**
   * The values of options that were given, by the names of their fields: those that are not null.
   *
   * @param options an object whose options are fields of its own
   */
  static Map<String, Object> of(Object options) {
    Map<String, Object> given = new LinkedHashMap<>();
    for (Field field : options.getClass().getDeclaredFields()) {
      if (field.isAnnotationPresent(Option.class)) {
        try {
          field.setAccessible(true);
          Object value = field.get(options);
          if (value != null) {
            given.put(field.getName(), value);
          }
        } catch (IllegalAccessException e) {
          throw new IllegalStateException(field + " cannot be read", e);
        }
      }
    }
    return given;
  }

  /**
   * The names of options, as they are written on the command line, by those of their fields.
   *
   * @param options a class whose options are fields of its own
   */
  static Map<String, String> names(Class<?> options) {
    Map<String, String> names = new LinkedHashMap<>();
    for (Field field : options.getDeclaredFields()) {
      Option option = field.getAnnotation(Option.class);
      if (option != null) {
        names.put(field.getName(), option.names()[0]);
      }
    }
    return names;
  }
}
