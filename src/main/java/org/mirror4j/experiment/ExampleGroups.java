package org.mirror4j.experiment;

import static org.mirror4j.file.FileException.quote;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;

/**
 * Which examples stay together where a file is parted, since who has learned from one of them knows
 * of the others. It is said in one of three ways.
 *
 * @param sharing columns of rows: who has in one of them what another has in any of them is in its
 *     group, and so is who is linked to it by others
 * @param partsOf a column of texts: each text that is no part of another, a part being a run of its
 *     words, is a group with all its parts, and a part may be of several groups
 * @param between first word of what parts groups of lines, as articles are, and is no example
 */
record ExampleGroups(
    Optional<List<String>> sharing, Optional<String> partsOf, Optional<String> between) {
  /**
   * A row of a file.
   *
   * @param place file and line
   */
  record Row(String place, String line) {
    /**
     * A field.
     *
     * @throws FileException if the row has not so many
     */
    private String field(int column) {
      String[] fields = line.split("\t", -1);
      if (column >= fields.length) {
        throw new FileException(
            "%s: %d fields parted by tabs, expected at least %d"
                .formatted(place, fields.length, column + 1));
      }
      return fields[column];
    }
  }

  /**
   * Where an example stands.
   *
   * @param groups numbers from 0, in the order in which groups begin; several of a part alone
   * @param whole whether it is no part of an example
   */
  record Membership(List<Integer> groups, boolean whole) {}

  /**
   * Checks that it is said in one way.
   *
   * @throws IllegalArgumentException if it is not
   */
  ExampleGroups {
    if (Stream.of(sharing, partsOf, between).filter(Optional::isPresent).count() != 1
        || sharing.filter(List::isEmpty).isPresent()) {
      throw new IllegalArgumentException(
          "groups of examples: expected one of 'sharing', 'partsOf' and 'between'");
    }
  }

  /** Where examples stand that are a group each. */
  static List<Membership> alone(int examples) {
    return IntStream.range(0, examples)
        .mapToObj(example -> new Membership(List.of(example), true))
        .toList();
  }

  /** As a part of a file's name. */
  String selection() {
    return sharing.map(columns -> ".linked-by-" + String.join("-", columns)).orElse("")
        + partsOf.map(column -> ".parts-of-" + column).orElse("")
        + between.map(word -> ".between-" + word).orElse("");
  }

  /**
   * Where rows stand.
   *
   * @param header of all of them
   * @throws FileException if a column is not there, or a row has not so many
   */
  List<Membership> of(Row header, List<Row> rows) {
    return partsOf
        .map(column -> byParts(column(header, column, rows)))
        .orElseGet(
            () ->
                linked(
                    sharing.orElseThrow().stream().map(name -> column(header, name, rows)).toList(),
                    rows.size()));
  }

  private static List<String> column(Row header, String name, List<Row> rows) {
    int column = Arrays.asList(header.line.split("\t", -1)).indexOf(name);
    if (column < 0) {
      throw new FileException(
          "%s: the header is %s, expected a column %s"
              .formatted(header.place, quote(header.line), name));
    }
    return rows.stream().map(row -> row.field(column)).toList();
  }

  /**
   * Each row is joined to the first that has the same, in whichever column; a group is known by its
   * first row.
   */
  private static List<Membership> linked(List<List<String>> columns, int rows) {
    int[] first = IntStream.range(0, rows).toArray();
    Map<String, Integer> seen = new HashMap<>();
    for (List<String> column : columns) {
      for (int row = 0; row < rows; row++) {
        int one = first(first, row);
        int other = first(first, seen.computeIfAbsent(column.get(row), _ -> one));
        first[Math.max(one, other)] = Math.min(one, other);
      }
    }
    Map<Integer, Integer> numbers = new HashMap<>();
    return IntStream.range(0, rows)
        .map(row -> first(first, row))
        .mapToObj(row -> numbers.computeIfAbsent(row, _ -> numbers.size()))
        .map(group -> new Membership(List.of(group), true))
        .toList();
  }

  private static int first(int[] first, int row) {
    int at = row;
    while (first[at] != at) {
      first[at] = first[first[at]];
      at = first[at];
    }
    return at;
  }

  private static List<Membership> byParts(List<String> column) {
    List<String> texts =
        column.stream().map(text -> String.join(" ", text.strip().split("\\s+"))).toList();
    Set<String> all = new HashSet<>(texts);
    Set<String> parts = new HashSet<>();
    all.forEach(text -> eachPart(text, all, parts::add));
    Map<String, Set<Integer>> groups = new HashMap<>();
    int number = 0;
    for (String text : texts) {
      if (!parts.contains(text) && !groups.containsKey(text)) {
        Integer group = number++;
        groups.put(text, Set.of(group));
        eachPart(text, all, part -> groups.computeIfAbsent(part, _ -> new TreeSet<>()).add(group));
      }
    }
    return texts.stream()
        .map(text -> new Membership(List.copyOf(groups.get(text)), !parts.contains(text)))
        .toList();
  }

  /** Those of the texts that are runs of the words of one, and not the whole of it. */
  private static void eachPart(String text, Set<String> texts, Consumer<String> parts) {
    for (int from = 0; from >= 0; from = next(text, from)) {
      for (int word = from; word >= 0; word = next(text, word)) {
        String part = text.substring(from, end(text, word));
        if (part.length() < text.length() && texts.contains(part)) {
          parts.accept(part);
        }
      }
    }
  }

  /** Where a word ends. */
  private static int end(String text, int word) {
    int blank = text.indexOf(' ', word);
    return blank < 0 ? text.length() : blank;
  }

  /** Where the next word begins; -1 where there is none. */
  private static int next(String text, int word) {
    int end = end(text, word);
    return end == text.length() ? -1 : end + 1;
  }
}
