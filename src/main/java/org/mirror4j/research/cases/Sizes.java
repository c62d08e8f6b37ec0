package org.mirror4j.research.cases;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.mirror4j.text.Spelling;

/** The sizes of a problem by name: {@code hidden=768,tokens=1800}. */
public final class Sizes {
  private final SortedMap<String, Integer> values;

  private Sizes(SortedMap<String, Integer> values) {
    this.values = Collections.unmodifiableSortedMap(values);
  }

  /**
   * Reads sizes.
   *
   * @throws IllegalArgumentException if the text is not {@code name=number,...}
   */
  public static Sizes of(String text) {
    SortedMap<String, Integer> values = new TreeMap<>();
    for (String part : text.isBlank() ? new String[0] : text.split(",")) {
      String[] sides = part.strip().split("=");
      if (sides.length != 2 || !sides[1].matches("\\d{1,9}")) {
        throw new IllegalArgumentException(
            "sizes have '%s', expected name=number as in tokens=1800,hidden=768".formatted(part));
      }
      values.put(sides[0], Integer.parseInt(sides[1]));
    }
    return new Sizes(values);
  }

  /**
   * These sizes, some replaced.
   *
   * @throws IllegalArgumentException if one is replaced that is not there
   */
  public Sizes with(Sizes others) {
    SortedMap<String, Integer> all = new TreeMap<>(values);
    for (String name : others.values.keySet()) {
      if (!values.containsKey(name)) {
        throw new IllegalArgumentException(
            "no size is called %s, there are %s%s"
                .formatted(name, values.keySet(), Spelling.hint(name, values.keySet())));
      }
    }
    all.putAll(others.values);
    return new Sizes(all);
  }

  /** Those of these sizes that are named by {@code names}, with values from there. */
  public Sizes from(Sizes names) {
    SortedMap<String, Integer> kept = new TreeMap<>(values);
    names.values.forEach((name, value) -> kept.computeIfPresent(name, (n, old) -> value));
    return new Sizes(kept);
  }

  /**
   * One size.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public int get(String name) {
    Integer value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no size is called " + name + ", there are " + values);
    }
    return value;
  }

  /** All sizes by name. */
  public SortedMap<String, Integer> values() {
    return values;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Sizes that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** As {@link #of} reads them, in the order of their names. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    values.forEach(
        (name, value) ->
            text.append(text.isEmpty() ? "" : ",").append(name).append('=').append(value));
    return text.toString();
  }
}
