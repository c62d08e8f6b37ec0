package org.mirror4j.task.relation;

import org.mirror4j.task.TextSpan;

/**
 * A sentence of SemEval-2010 task 8.
 *
 * @param id unique in its file
 * @param text without quotes and marks
 * @param first what {@code e1} marks
 * @param second what {@code e2} marks
 * @param label one of {@link SemEvalFile#LABELS}; empty where it is not known
 */
public record SemEvalSentence(
    String id, String text, TextSpan first, TextSpan second, String label) {
  /** The first entity is the subject, the second the object. */
  RelationExample example() {
    return RelationExample.of(id, text, first, second).withRelation(label);
  }
}
