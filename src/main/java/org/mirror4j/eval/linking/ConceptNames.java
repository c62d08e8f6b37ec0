package org.mirror4j.eval.linking;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The names of concepts: each distinct name once, with the identifiers of all concepts that have
 * it.
 *
 * @param concepts identifiers by normalised name, in the order of the first occurrence
 */
public record ConceptNames(SequencedMap<String, SequencedSet<String>> concepts) {
  private static final String SEPARATOR = "||";
  private static final Pattern SEVERAL = Pattern.compile("\\|");

  /** The 32 marks of ASCII and all white space. */
  private static final Pattern MARKS = Pattern.compile("[\\p{Punct}\\p{IsWhite_Space}]+");

  /**
   * A name as names are compared (as in BioSyn's sets, Sung et al. 2020): in lower case, with one
   * blank for each run of ASCII punctuation and white space, and none at the ends.
   */
  public static String normalized(String name) {
    return MARKS.matcher(name.toLowerCase(Locale.ROOT)).replaceAll(" ").strip();
  }

  /** No names yet. */
  public ConceptNames() {
    this(new LinkedHashMap<>());
  }

  /**
   * The names in the lines of a dictionary: {@code id||name}, or {@code id|id||name|name}, every
   * name then one of every concept. Blank lines are passed over.
   *
   * @param file for messages
   * @throws IllegalArgumentException if a line is another; the message begins with file and line
   */
  public static ConceptNames read(Path file, List<String> lines) {
    ConceptNames names = new ConceptNames();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank()) {
        continue;
      }
      int middle = line.indexOf(SEPARATOR);
      SequencedSet<String> ids =
          middle < 0 ? new LinkedHashSet<>() : Mention.concepts(line.substring(0, middle));
      if (ids.isEmpty() || line.indexOf(SEPARATOR, middle + 2) >= 0) {
        throw new IllegalArgumentException(
            "%s:%d: %s, expected an identifier, %s and a name"
                .formatted(file, i + 1, quote(line), SEPARATOR));
      }
      SEVERAL.splitAsStream(line.substring(middle + 2)).forEach(name -> names.add(name, ids));
    }
    return names;
  }

  /** Adds a name of concepts; one that is nothing but punctuation is left out. */
  public void add(String name, SequencedSet<String> ids) {
    String normalized = normalized(name);
    if (!normalized.isEmpty() && !ids.isEmpty()) {
      concepts.computeIfAbsent(normalized, key -> new LinkedHashSet<>()).addAll(ids);
    }
  }

  /** The identifiers of all concepts that have a name. */
  public Set<String> known() {
    return concepts.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
  }

  /** The names. */
  public List<String> names() {
    return List.copyOf(concepts.keySet());
  }
}
