package org.mirror4j.task.answer;

import static org.mirror4j.file.FileException.quote;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonElements;
import org.mirror4j.file.JsonFields;
import org.mirror4j.task.TextSpan;

/**
 * Reads the form of SQuAD 1.1 and 2.0 (Rajpurkar et al. 2016, 2018), perhaps gzipped:
 *
 * <pre>
 * {"data": [{"paragraphs": [{"context": "...", "qas": [
 *   {"id": "...", "question": "...", "answers": [{"text": "...", "answer_start": 0}],
 *    "is_impossible": false}]}]}]}
 * </pre>
 *
 * {@code answer_start} counts code points. Other keys are passed over.
 */
public final class SquadFile {
  private final Path file;
  private final boolean answered;
  private final List<Question> questions = new ArrayList<>();
  private final Set<String> ids = new HashSet<>();

  private SquadFile(Path file, boolean answered) {
    this.file = file;
    this.answered = answered;
  }

  /**
   * All questions, in order; each paragraph's share its context.
   *
   * @throws FileException if the file is absent or of another form, an id is there twice, an answer
   *     is not where it is said to be, or {@code is_impossible} contradicts the answers; the
   *     message names file and id
   */
  public static List<Question> read(Path file) {
    return read(new SquadFile(file, true));
  }

  /** The same without their answers, which may be absent and are not looked at. */
  static List<Question> questions(Path file) {
    return read(new SquadFile(file, false));
  }

  private static List<Question> read(SquadFile squad) {
    Path file = squad.file;
    try (JsonElements articles = JsonElements.of(file, "data")) {
      int number = 0;
      for (JsonNode article = articles.next(); article != null; article = articles.next()) {
        squad.article("%s: article %d".formatted(file, ++number), article);
      }
    }
    if (squad.questions.isEmpty()) {
      throw new FileException(file + ": no question, expected one at least");
    }
    return List.copyOf(squad.questions);
  }

  private void article(String place, JsonNode article) {
    for (JsonNode paragraph : JsonFields.of(article, place).elements("paragraphs")) {
      JsonFields fields = JsonFields.of(paragraph, place);
      String context = fields.string("context");
      ContextOffsets offsets = new ContextOffsets(context);
      for (JsonNode question : fields.elements("qas")) {
        question(place, context, offsets, question);
      }
    }
  }

  private void question(String place, String context, ContextOffsets offsets, JsonNode node) {
    String id = JsonFields.of(node, place).string("id");
    String questionPlace = "%s: question %s".formatted(file, quote(id));
    if (!ids.add(id)) {
      throw new FileException(questionPlace + " is there twice, expected each id once");
    }
    JsonFields fields = JsonFields.of(node, questionPlace);
    if (!answered) {
      questions.add(new Question(id, fields.string("question"), context, List.of(), List.of()));
      return;
    }
    List<String> answers = new ArrayList<>();
    List<TextSpan> spans = new ArrayList<>();
    for (JsonNode answer : fields.elements("answers")) {
      JsonFields answerFields = JsonFields.of(answer, questionPlace);
      String text = answerFields.string("text");
      answers.add(text);
      spans.add(span(questionPlace, context, offsets, text, answerFields.integer("answer_start")));
    }
    if (fields.has("is_impossible") && fields.flag("is_impossible") != answers.isEmpty()) {
      throw new FileException(
          "%s has %d answers and is_impossible %s, expected one or the other"
              .formatted(questionPlace, answers.size(), !answers.isEmpty()));
    }
    questions.add(new Question(id, fields.string("question"), context, answers, spans));
  }

  private static TextSpan span(
      String place, String context, ContextOffsets offsets, String text, int offset) {
    if (text.isEmpty()) {
      throw new FileException(place + ": an answer is empty, expected a text");
    }
    int start = offsets.has(offset) ? offsets.charOffset(offset) : context.length();
    if (!context.startsWith(text, start)) {
      throw new FileException(
          "%s: the context has %s at %d, expected the answer %s"
              .formatted(
                  place,
                  quote(
                      context.substring(start, Math.min(context.length(), start + text.length()))),
                  offset,
                  quote(text)));
    }
    return new TextSpan(start, start + text.length());
  }
}
