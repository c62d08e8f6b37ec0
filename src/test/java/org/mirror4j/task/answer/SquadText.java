package org.mirror4j.task.answer;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Files of SQuAD's form, written by a test. */
final class SquadText {
  private SquadText() {}

  /** A file of one paragraph. */
  static String of(String context, String... questions) {
    return "{\"version\":\"1\",\"data\":[{\"title\":\"t\",\"paragraphs\":[{\"context\":\"%s\",\"qas\":[%s]}]}]}"
        .formatted(context, String.join(",", questions));
  }

  /** A question whose answers are looked for in a context; one without them has none. */
  static String question(String id, String context, String... answers) {
    return "{\"id\":\"%s\",\"question\":\"What?\",\"answers\":[%s]}"
        .formatted(
            id,
            Arrays.stream(answers)
                .map(
                    text ->
                        "{\"text\":\"%s\",\"answer_start\":%d}"
                            .formatted(text, context.indexOf(text)))
                .collect(Collectors.joining(",")));
  }
}
