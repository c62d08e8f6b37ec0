package org.mirror4j.checkpoint;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.mirror4j.file.FileException;

/**
 * Texts that a model wants before its input, {@code "query: "} say.
 *
 * @param byName the texts; an empty one stands for no prompt
 * @param defaultName name of the one that is taken where none is asked for
 * @param pooled whether the vectors of a prompt's tokens are pooled with those of the text
 */
public record Prompts(
    SortedMap<String, String> byName, Optional<String> defaultName, boolean pooled) {
  /** No prompts. */
  public static final Prompts NONE = new Prompts(new TreeMap<>(), Optional.empty(), true);

  /**
   * Checks the default and copies the texts.
   *
   * @throws IllegalArgumentException if there is no prompt of the default's name
   */
  public Prompts {
    byName = Collections.unmodifiableSortedMap(new TreeMap<>(byName));
    if (defaultName.isPresent()) {
      require(byName, defaultName.get());
    }
  }

  /**
   * The prompt of a name.
   *
   * @throws IllegalArgumentException if there is none; the message lists the names
   */
  public String named(String name) {
    return require(byName, name);
  }

  /** The prompt that is taken where none is asked for, empty for none. */
  public String byDefault() {
    return defaultName.map(byName::get).orElse("");
  }

  /** These prompts with a text that is taken where none is asked for, in place of one so named. */
  public Prompts withDefault(String name, String text) {
    SortedMap<String, String> all = new TreeMap<>(byName);
    all.put(name, text);
    return new Prompts(all, Optional.of(name), pooled);
  }

  /** These prompts, none of them taken unless it is asked for. */
  public Prompts withoutDefault() {
    return new Prompts(byName, Optional.empty(), pooled);
  }

  private static String require(SortedMap<String, String> byName, String name) {
    String text = byName.get(name);
    if (text == null) {
      String names =
          byName.isEmpty()
              ? "none, as there are no prompts"
              : "one of " + FileException.clean(String.join(", ", byName.keySet()));
      throw new IllegalArgumentException(
          "prompt name is %s, expected %s".formatted(FileException.quote(name), names));
    }
    return text;
  }
}
