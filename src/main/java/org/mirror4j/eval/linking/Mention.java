package org.mirror4j.eval.linking;

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

  /** As it stands. */
  public Mention {
    parts = List.copyOf(parts);
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

  /** The same with its parts as names are compared. */
  public Mention normalized() {
    return new Mention(parts.stream().map(ConceptNames::normalized).toList(), concepts);
  }
}
