package org.mirror4j.task.relation;

import java.util.List;
import org.mirror4j.text.block.TokenRange;

/**
 * A sentence of which two entities are asked for their relation.
 *
 * @param id unique in its file
 * @param tokens as the file has them, words or longer parts; brackets may be written out, as {@code
 *     -LRB-}
 * @param subjectType type of the subject, as {@code PERSON}; empty where the file has none
 * @param relation its name, or {@value TacredFile#NO_RELATION}
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
}
