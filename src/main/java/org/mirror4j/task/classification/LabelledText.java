package org.mirror4j.task.classification;

import java.util.Optional;

/**
 * A text, or a pair of texts, with its label.
 *
 * @param id by which predictions name it, unique in its file
 * @param second empty where the task has single texts
 * @param label one of the task's, or a number; empty where it is not known
 */
public record LabelledText(String id, String first, Optional<String> second, String label) {}
