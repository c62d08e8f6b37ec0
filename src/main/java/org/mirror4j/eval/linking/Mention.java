package org.mirror4j.eval.linking;

import static org.mirror4j.file.FileException.quote;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A place in a text that means a concept, or several at once ("breast and ovarian cancer").
 *
 * @param parts names of what is meant, at least one; several of a composite mention that could be
 *     taken apart
 * @param concepts identifiers; empty if the concept is in no dictionary ({@code -1})
 */
public record Mention(List<String> parts, SequencedSet<String> concepts) {
  private static final String NO_CONCEPT = "-1";

  /** The vocabularies of diseases, whose identifiers dictionaries have with and without them. */
  private static final List<String> PREFIXES = List.of("MESH:", "OMIM:");

  /**
   * As it stands.
   *
   * @throws IllegalArgumentException if there are no parts
   */
  public Mention {
    parts = List.copyOf(parts);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("a mention without parts, expected one at least");
    }
  }

  /**
   * A mention in a file, its parts as names are compared, without those that are nothing but
   * punctuation.
   *
   * @param place file and line, the beginning of the message
   * @param line for the message
   * @throws IllegalArgumentException if no part is left
   */
  public static Mention of(
      String place, String line, List<String> parts, SequencedSet<String> concepts) {
    List<String> names =
        parts.stream().map(ConceptNames::normalized).filter(name -> !name.isEmpty()).toList();
    if (names.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: %s, expected a mention with letters or digits".formatted(place, quote(line)));
    }
    return new Mention(names, concepts);
  }

  /**
   * The concepts of an identifier field: {@code |} or {@code +} between several, {@code MESH:} and
   * {@code OMIM:} left out, {@code -1} none.
   */
  public static SequencedSet<String> concepts(String field) {
    return Stream.of(field.split("[|+]"))
        .map(String::strip)
        .map(Mention::withoutPrefix)
        .filter(id -> !id.isEmpty() && !id.equals(NO_CONCEPT))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static String withoutPrefix(String id) {
    return PREFIXES.stream()
        .filter(id::startsWith)
        .findFirst()
        .map(prefix -> id.substring(prefix.length()))
        .orElse(id);
  }
}
