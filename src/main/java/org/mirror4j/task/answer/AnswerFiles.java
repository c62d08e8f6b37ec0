package org.mirror4j.task.answer;

import static org.mirror4j.file.FileException.quote;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;

/** What systems say of questions: JSON objects by the ids of the questions, perhaps gzipped. */
final class AnswerFiles {
  private AnswerFiles() {}

  /**
   * Answers, {@code {"ID": "text"}}, an empty text for none.
   *
   * @throws FileException if the file is absent, no such object or has an id twice
   */
  static SequencedMap<String, String> answers(Path file) {
    return read(file, "a string", JsonNode::isTextual, JsonNode::textValue);
  }

  /**
   * Numbers, {@code {"ID": 0.25}}.
   *
   * @throws FileException if the file is absent, no such object or has an id twice
   */
  static SequencedMap<String, Double> numbers(Path file) {
    return read(
        file,
        "a number",
        node -> node.isNumber() && Double.isFinite(node.doubleValue()),
        JsonNode::doubleValue);
  }

  private static <V> SequencedMap<String, V> read(
      Path file, String expected, Predicate<JsonNode> fits, Function<JsonNode, V> value) {
    SequencedMap<String, V> values = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : JsonFiles.readPackedObject(file).properties()) {
      if (!fits.test(entry.getValue())) {
        throw new FileException(
            "%s: question %s: %s, expected %s"
                .formatted(
                    file,
                    quote(entry.getKey()),
                    FileException.clean(entry.getValue().toString()),
                    expected));
      }
      values.put(entry.getKey(), value.apply(entry.getValue()));
    }
    return Collections.unmodifiableSequencedMap(values);
  }

  /** Questions of which nothing is said. */
  static List<String> missing(List<Question> questions, Set<String> said) {
    return questions.stream().map(Question::id).filter(id -> !said.contains(id)).toList();
  }

  /**
   * Tells how many ids are of no question.
   *
   * @throws FileException if none is of any: the file belongs to other questions
   */
  static void checkKnown(
      Path file, Path gold, List<Question> questions, Set<String> said, Consumer<String> notices) {
    Set<String> known = questions.stream().map(Question::id).collect(Collectors.toSet());
    List<String> unknown = said.stream().filter(id -> !known.contains(id)).toList();
    if (unknown.size() == said.size()) {
      throw new FileException(
          "%s: %s, expected ids of questions of %s"
              .formatted(
                  file,
                  said.isEmpty() ? "no id" : "no id is that of a question, as " + first(unknown),
                  gold));
    }
    if (!unknown.isEmpty()) {
      notices.accept(
          "%s: ids of no question of %s are passed over: %,d, as %s"
              .formatted(file, gold, unknown.size(), first(unknown)));
    }
  }

  /** The first of some ids, for a message. */
  static String first(List<String> ids) {
    return quote(ids.getFirst());
  }
}
