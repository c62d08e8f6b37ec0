package org.mirror4j.task.relation;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.task.TextSpan;
import org.mirror4j.text.block.TokenRange;

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
    String id, String text, TextSpan first, TextSpan second, String label) {
  /**
   * The same in up to five parts, of which the first entity, the subject, and the second, the
   * object, are one each; without types.
   */
  RelationExample example() {
    List<String> parts = new ArrayList<>();
    addPart(parts, text.substring(0, first.start()));
    int subject = parts.size();
    parts.add(first.of(text));
    addPart(parts, text.substring(first.end(), second.start()));
    int object = parts.size();
    parts.add(second.of(text));
    addPart(parts, text.substring(second.end()));
    return new RelationExample(
        id,
        parts,
        new TokenRange(subject, subject + 1),
        new TokenRange(object, object + 1),
        "",
        "",
        label);
  }

  private static void addPart(List<String> parts, String text) {
    if (!text.isBlank()) {
      parts.add(text.strip());
    }
  }
}
