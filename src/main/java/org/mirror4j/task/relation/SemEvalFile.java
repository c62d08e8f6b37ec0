package org.mirror4j.task.relation;

import static org.mirror4j.file.FileException.quote;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;
import org.mirror4j.task.TextSpan;
import org.mirror4j.text.Spelling;
import org.mirror4j.text.TextLines;

/**
 * Reads the files of SemEval-2010 task 8 (Hendrickx et al. 2010), perhaps gzipped: sentences,
 *
 * <pre>
 * 15 TAB "They saw that the &lt;e1&gt;equipment&lt;/e1&gt; was put inside &lt;e2&gt;drawers&lt;/e2&gt;."
 * Content-Container(e2,e1)
 * Comment: ...
 *
 * </pre>
 *
 * and keys and proposed answers, {@code 15 TAB Content-Container(e2,e1)} a line.
 */
public final class SemEvalFile {
  /** The relations, each of which has two directions. */
  private static final List<String> RELATIONS =
      List.of(
          "Cause-Effect",
          "Component-Whole",
          "Content-Container",
          "Entity-Destination",
          "Entity-Origin",
          "Instrument-Agency",
          "Member-Collection",
          "Message-Topic",
          "Product-Producer");

  /** Says that there is none of the relations. */
  public static final String OTHER = "Other";

  /** All 19 labels. */
  public static final List<String> LABELS =
      Stream.concat(
              RELATIONS.stream().flatMap(r -> Stream.of(r + "(e1,e2)", r + "(e2,e1)")),
              Stream.of(OTHER))
          .toList();

  private static final Pattern SENTENCE = Pattern.compile("([0-9]+)\t\"(.*)\"");
  private static final Pattern ANSWER = Pattern.compile("([0-9]+)\t([^\t]*)");
  private static final Pattern MARK = Pattern.compile("</?e[12]>");
  private static final List<String> MARKS = List.of("<e1>", "</e1>", "<e2>", "</e2>");
  private static final String COMMENT = "Comment:";

  private final Path file;
  private final Map<String, Integer> lines = new HashMap<>();

  private SemEvalFile(Path file) {
    this.file = file;
  }

  /**
   * The sentences of a file, in order.
   *
   * @param notices is told what is worth knowing of the file
   * @throws FileException if a block of lines is of another form, its marks are not {@code e1} and
   *     then {@code e2} round something, its label is unknown, or its id is that of another; the
   *     message names file and line; or if there is none
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   */
  public static List<SemEvalSentence> read(Path file, Consumer<String> notices) {
    return read(file, true, notices);
  }

  /**
   * The same where labels are not known: lines of them and comments may be absent, as in the test
   * set as it was given out, and are not looked at.
   */
  static List<SemEvalSentence> sentences(Path file, Consumer<String> notices) {
    return read(file, false, notices);
  }

  private static List<SemEvalSentence> read(Path file, boolean labelled, Consumer<String> notices) {
    SemEvalFile reader = new SemEvalFile(file);
    List<SemEvalSentence> sentences = new ArrayList<>();
    List<String> lines = TextLines.read(file, notices);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      String next = i + 1 < lines.size() ? lines.get(i + 1) : "";
      sentences.add(reader.sentence(i + 1, lines.get(i), next, labelled));
      i += labelled || isNoSentence(next) ? 1 : 0;
      if (i + 1 < lines.size() && lines.get(i + 1).startsWith(COMMENT)) {
        i++;
      }
    }
    if (sentences.isEmpty()) {
      throw new FileException(file + ": no sentence, expected one at least");
    }
    return List.copyOf(sentences);
  }

  /** Whether a line after a sentence is a label, be it one of the task's or not. */
  private static boolean isNoSentence(String line) {
    return !line.isBlank() && !line.startsWith(COMMENT) && !SENTENCE.matcher(line).matches();
  }

  private SemEvalSentence sentence(int number, String line, String next, boolean labelled) {
    Matcher sentence = SENTENCE.matcher(line);
    if (!sentence.matches()) {
      throw new FileException(
          "%s:%d: %s, expected a number, a tab and a sentence in double quotes"
              .formatted(file, number, quote(line)));
    }
    checkFirst(number, sentence.group(1));
    if (labelled) {
      checkLabel(number + 1, next);
    }
    return marked(file + ":" + number, sentence.group(1), sentence.group(2), labelled ? next : "");
  }

  /**
   * A sentence with its marks in it.
   *
   * @param place for messages
   * @throws FileException if the marks are not {@code e1} and then {@code e2} round something
   */
  static SemEvalSentence marked(String place, String id, String marked, String label) {
    StringBuilder text = new StringBuilder();
    List<String> marks = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    Matcher mark = MARK.matcher(marked);
    while (mark.find()) {
      mark.appendReplacement(text, "");
      marks.add(mark.group());
      places.add(text.length());
    }
    mark.appendTail(text);
    if (!marks.equals(MARKS)
        || text.substring(places.get(0), places.get(1)).isBlank()
        || text.substring(places.get(2), places.get(3)).isBlank()) {
      throw new FileException(
          "%s: %s, expected <e1>...</e1> and then <e2>...</e2> round a part of the sentence each"
              .formatted(
                  place,
                  marks.isEmpty() ? "no marks" : "the marks " + FileException.some(" ", marks)));
    }
    return new SemEvalSentence(
        id,
        text.toString(),
        new TextSpan(places.get(0), places.get(1)),
        new TextSpan(places.get(2), places.get(3)),
        label);
  }

  /**
   * The labels of a file alone, by id, be it of sentences or of answers.
   *
   * @param notices is told what is worth knowing of the file
   * @throws FileException as {@link #read} and {@link #answers}
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   */
  static SequencedMap<String, String> labels(Path file, Consumer<String> notices) {
    List<String> lines = TextLines.read(file, notices);
    String first = lines.stream().filter(line -> !line.isBlank()).findFirst().orElse("");
    if (!SENTENCE.matcher(first).matches()) {
      return answers(file, lines);
    }
    SequencedMap<String, String> labels = new LinkedHashMap<>();
    // What is worth knowing has been told.
    read(file, notice -> {}).forEach(sentence -> labels.put(sentence.id(), sentence.label()));
    return labels;
  }

  /**
   * Keys or proposed answers: labels by id.
   *
   * @param notices is told what is worth knowing of the file
   * @throws FileException if a line is of another form, its label is unknown or its id that of
   *     another; the message names file and line
   * @throws org.mirror4j.text.TextException if the file is absent, empty or not UTF-8
   */
  static SequencedMap<String, String> answers(Path file, Consumer<String> notices) {
    return answers(file, TextLines.read(file, notices));
  }

  /**
   * The content of a file of proposed answers.
   *
   * @param answers labels by id
   */
  static byte[] bytes(SequencedMap<String, String> answers) {
    StringBuilder text = new StringBuilder();
    answers.forEach((id, label) -> text.append(id).append('\t').append(label).append('\n'));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static SequencedMap<String, String> answers(Path file, List<String> lines) {
    SemEvalFile reader = new SemEvalFile(file);
    SequencedMap<String, String> answers = new LinkedHashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      Matcher answer = ANSWER.matcher(lines.get(i));
      if (!answer.matches()) {
        throw new FileException(
            "%s:%d: %s, expected a number, a tab and a relation"
                .formatted(file, i + 1, quote(lines.get(i))));
      }
      reader.checkFirst(i + 1, answer.group(1));
      reader.checkLabel(i + 1, answer.group(2));
      answers.put(answer.group(1), answer.group(2));
    }
    return answers;
  }

  private void checkFirst(int line, String id) {
    Integer before = lines.putIfAbsent(id, line);
    if (before != null) {
      throw new FileException(
          "%s:%d: the id %s is that of line %d, expected each once"
              .formatted(file, line, quote(id), before));
    }
  }

  private void checkLabel(int line, String label) {
    if (!LABELS.contains(label)) {
      throw new FileException(
          "%s:%d: %s, expected %s or one of %s, each with (e1,e2) or (e2,e1)%s"
              .formatted(
                  file,
                  line,
                  quote(label),
                  OTHER,
                  String.join(", ", RELATIONS),
                  Spelling.hint(FileException.clean(label), LABELS)));
    }
  }
}
