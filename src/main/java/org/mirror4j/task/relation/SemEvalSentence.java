package org.mirror4j.task.relation;

import org.mirror4j.task.TextSpan;

/**
 * A sentence of SemEval-2010 task 8.
 *
 * @param id unique in its file
 * @param text without quotes and marks
 * @param first what {@code e1} marks
 * @param second what {@code e2} marks
 * @param label one of {@link SemEvalFile#LABELS}
 */
public record SemEvalSentence(
    String id, String text, TextSpan first, TextSpan second, String label) {}
