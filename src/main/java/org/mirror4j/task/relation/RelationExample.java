package org.mirror4j.task.relation;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.task.TextSpan;
import org.mirror4j.text.block.TokenRange;

/**
 * A sentence of which two entities are asked for their relation.
 *
 * @param id unique in its file
 * @param tokens as the file has them, words or longer parts; brackets may be written out, as {@code
 *     -LRB-}
 * @param subjectType type of the subject, as {@code PERSON}; empty where the file has none
 * @param relation its name, or {@value TacredFile#NO_RELATION}; empty where it is not known
 */
public record RelationExample(
    String id,
    List<String> tokens,
    TokenRange subject,
    TokenRange object,
    String subjectType,
    String objectType,
    String relation) {
  /** Copies what can change. */
  public RelationExample {
    tokens = List.copyOf(tokens);
  }

  /**
   * A sentence that is no words yet: its tokens are up to five parts of it, each entity one. The
   * entities have no types, the relation is not known.
   *
   * @param subject apart from {@code object}
   */
  static RelationExample of(String id, String text, TextSpan subject, TextSpan object) {
    boolean subjectFirst = subject.start() < object.start();
    TextSpan first = subjectFirst ? subject : object;
    TextSpan second = subjectFirst ? object : subject;
    List<String> parts = new ArrayList<>();
    add(parts, text.substring(0, first.start()));
    TokenRange firstPart = entity(parts, first.of(text));
    add(parts, text.substring(first.end(), second.start()));
    TokenRange secondPart = entity(parts, second.of(text));
    add(parts, text.substring(second.end()));
    return new RelationExample(
        id,
        parts,
        subjectFirst ? firstPart : secondPart,
        subjectFirst ? secondPart : firstPart,
        "",
        "",
        "");
  }

  private static void add(List<String> parts, String text) {
    if (!text.isBlank()) {
      parts.add(text.strip());
    }
  }

  private static TokenRange entity(List<String> parts, String text) {
    parts.add(text.strip());
    return new TokenRange(parts.size() - 1, parts.size());
  }

  /** The same with a relation. */
  RelationExample withRelation(String name) {
    return new RelationExample(id, tokens, subject, object, subjectType, objectType, name);
  }

  /** The same with types of its entities. */
  RelationExample withTypes(String ofSubject, String ofObject) {
    return new RelationExample(id, tokens, subject, object, ofSubject, ofObject, relation);
  }
}
