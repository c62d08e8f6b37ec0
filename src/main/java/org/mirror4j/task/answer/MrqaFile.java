package org.mirror4j.task.answer;

import static org.mirror4j.file.FileException.quote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.task.TextSpan;
import org.mirror4j.text.TextLines;

/**
 * Reads the form of MRQA (Fisch et al. 2019): an object a line, perhaps gzipped, the first perhaps
 * a header:
 *
 * <pre>
 * {"header": {"dataset": "NewsQA", "split": "dev"}}
 * {"context": "...", "qas": [{"qid": "...", "question": "...", "answers": ["..."],
 *  "detected_answers": [{"text": "...", "char_spans": [[0, 4]]}]}]}
 * </pre>
 *
 * Spans count code points and include their ends. All texts under {@code answers} are right,
 * whether they stand in the context or not. Other keys are passed over.
 */
public final class MrqaFile {
  private final List<Question> questions = new ArrayList<>();
  private final Set<String> ids = new HashSet<>();

  private final boolean answered;

  private MrqaFile(boolean answered) {
    this.answered = answered;
  }

  /**
   * All questions, in order. The text of a span may differ from that of its answer in case,
   * punctuation, articles and blanks, as answers were looked for without them.
   *
   * @param notices is told what is worth knowing of the file
   * @throws FileException if a line is of another form, an id is there twice, a question has no
   *     answer, or an answer is not where it is said to be; the message names file, line and id
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   */
  public static List<Question> read(Path file, Consumer<String> notices) {
    return read(new MrqaFile(true), file, notices);
  }

  /** The same without their answers, which may be absent and are not looked at. */
  static List<Question> questions(Path file, Consumer<String> notices) {
    return read(new MrqaFile(false), file, notices);
  }

  private static List<Question> read(MrqaFile mrqa, Path file, Consumer<String> notices) {
    TextLines.each(
        file,
        notices,
        (number, line) -> {
          if (!line.isBlank()) {
            mrqa.line(file + ":" + number, number == 1, line);
          }
        });
    if (mrqa.questions.isEmpty()) {
      throw new FileException(file + ": no question, expected one at least");
    }
    return List.copyOf(mrqa.questions);
  }

  private void line(String place, boolean first, String line) {
    ObjectNode json = JsonFiles.parseObject(line.getBytes(StandardCharsets.UTF_8), place);
    if (first && json.has("header")) {
      return;
    }
    JsonFields fields = new JsonFields(json, place);
    String context = fields.string("context");
    ContextOffsets offsets = new ContextOffsets(context);
    for (JsonNode question : fields.elements("qas")) {
      question(place, context, offsets, question);
    }
  }

  private void question(String place, String context, ContextOffsets offsets, JsonNode node) {
    String id = JsonFields.of(node, place).string("qid");
    String questionPlace = "%s: question %s".formatted(place, quote(id));
    if (!ids.add(id)) {
      throw new FileException(questionPlace + " is there twice, expected each qid once");
    }
    JsonFields fields = JsonFields.of(node, questionPlace);
    if (!answered) {
      questions.add(new Question(id, fields.string("question"), context, List.of(), List.of()));
      return;
    }
    List<String> answers = new ArrayList<>();
    for (JsonNode answer : fields.elements("answers")) {
      if (!answer.isTextual()) {
        throw new FileException(
            "%s: an answer is %s, expected a string"
                .formatted(questionPlace, FileException.clean(answer.toString())));
      }
      answers.add(answer.textValue());
    }
    if (answers.isEmpty()) {
      throw new FileException(questionPlace + " has no answer, expected one at least");
    }
    List<TextSpan> spans = new ArrayList<>();
    for (JsonNode detected : fields.elements("detected_answers")) {
      JsonFields answer = JsonFields.of(detected, questionPlace);
      for (JsonNode span : answer.elements("char_spans")) {
        spans.add(span(questionPlace, context, offsets, answer.string("text"), span));
      }
    }
    // Detected answers are in no order, and what is learned is the first in the context.
    spans.sort(Comparator.comparingInt(TextSpan::start).thenComparingInt(TextSpan::end));
    questions.add(new Question(id, fields.string("question"), context, answers, spans));
  }

  private static TextSpan span(
      String place, String context, ContextOffsets offsets, String text, JsonNode node) {
    boolean pair = node.size() == 2 && node.path(0).isInt() && node.path(1).isInt();
    int first = node.path(0).asInt();
    int last = node.path(1).asInt();
    if (!pair || first < 0 || last < first || !offsets.has(last) || !offsets.has(last + 1)) {
      throw new FileException(
          "%s: a span is %s, expected the first and last character of an answer in the context"
              .formatted(place, FileException.clean(node.toString())));
    }
    TextSpan span = new TextSpan(offsets.charOffset(first), offsets.charOffset(last + 1));
    if (!letters(span.of(context)).equals(letters(text))) {
      throw new FileException(
          "%s: the context has %s at %d to %d, expected the answer %s"
              .formatted(place, quote(span.of(context)), first, last, quote(text)));
    }
    return span;
  }

  private static String letters(String text) {
    return AnswerText.normalized(text).replace(" ", "");
  }
}
