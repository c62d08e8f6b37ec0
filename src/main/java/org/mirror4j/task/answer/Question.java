package org.mirror4j.task.answer;

import java.util.List;
import org.mirror4j.task.TextSpan;

/**
 * A question about a passage.
 *
 * @param id unique in its file
 * @param context the passage, as it stands in the file
 * @param answers texts that are right, one of them is asked for; none where the passage has no
 *     answer
 * @param spans where answers stand in the context, in the order of the file
 */
public record Question(
    String id, String question, String context, List<String> answers, List<TextSpan> spans) {
  /** Copies what can change. */
  public Question {
    answers = List.copyOf(answers);
    spans = List.copyOf(spans);
  }

  /** Whether the passage holds an answer. */
  public boolean hasAnswer() {
    return !answers.isEmpty();
  }
}
