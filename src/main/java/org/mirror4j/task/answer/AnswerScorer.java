package org.mirror4j.task.answer;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Figure;
import org.mirror4j.task.Measure;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.task.Scorer;

/**
 * Exact match and F1 where every question has an answer: {@code evaluate-v1.1.py} of SQuAD
 * (Rajpurkar et al. 2016), which is also XQuAD's, and {@code mrqa_official_eval.py} (Fisch et al.
 * 2019). Of each question the best of its right answers counts; a question of which nothing is said
 * counts 0.
 */
public final class AnswerScorer implements Scorer {
  static final Measure EXACT_MATCH = Measure.percentage("exact-match", "exact match");

  private final String name;
  private final String description;
  private final BiFunction<Path, Consumer<String>, List<Question>> reader;

  private AnswerScorer(
      String name, String description, BiFunction<Path, Consumer<String>, List<Question>> reader) {
    this.name = name;
    this.description = description;
    this.reader = reader;
  }

  /** {@code squad-1.1}. */
  public static AnswerScorer squad() {
    return new AnswerScorer(
        "squad-1.1",
        "exact match and F1 of SQuAD 1.1 and of XQuAD; {\"ID\": \"answer\"}",
        AnswerScorer::readAnswerable);
  }

  /** {@code mrqa}. */
  public static AnswerScorer mrqa() {
    return new AnswerScorer(
        "mrqa", "exact match and F1 of MRQA's JSON lines; {\"QID\": \"answer\"}", MrqaFile::read);
  }

  /** The questions of a file of SQuAD, each of which has an answer. */
  static List<Question> readAnswerable(Path file, Consumer<String> notices) {
    List<Question> questions = SquadFile.read(file);
    for (Question question : questions) {
      if (!question.hasAnswer()) {
        throw new FileException(
            "%s: question %s has no answer, expected one at least; a file of SQuAD 2.0 is scored as"
                    .formatted(file, FileException.quote(question.id()))
                + " squad-2.0");
      }
    }
    return questions;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public List<Figure> score(ScoredFiles files, Consumer<String> notices) {
    List<Question> questions = reader.apply(files.gold(), notices);
    Map<String, String> answers = AnswerFiles.answers(files.predictions());
    AnswerFiles.checkKnown(files.predictions(), files.gold(), questions, answers.keySet(), notices);
    List<String> missing = AnswerFiles.missing(questions, answers.keySet());
    if (!missing.isEmpty()) {
      notices.accept(
          "%s: %,d of %,d questions have no answer and count 0, the first is %s"
              .formatted(
                  files.predictions(),
                  missing.size(),
                  questions.size(),
                  AnswerFiles.first(missing)));
    }
    return figures(questions, answers);
  }

  /** The figures of answers by the ids of their questions. */
  static List<Figure> figures(List<Question> questions, Map<String, String> answers) {
    int exact = 0;
    double f1 = 0;
    for (Question question : questions) {
      String answer = answers.get(question.id());
      if (answer != null) {
        exact += isExact(answer, question.answers()) ? 1 : 0;
        f1 += f1(answer, question.answers());
      }
    }
    return List.of(
        new Figure(Measure.ITEMS, questions.size()),
        new Figure(EXACT_MATCH, 100.0 * exact / questions.size()),
        new Figure(Measure.F1, 100.0 * f1 / questions.size()));
  }

  /** Whether an answer is one of those that are right. */
  static boolean isExact(String answer, List<String> right) {
    String normalized = AnswerText.normalized(answer);
    return right.stream().map(AnswerText::normalized).anyMatch(normalized::equals);
  }

  private static double f1(String answer, List<String> right) {
    List<String> tokens = AnswerText.tokens(answer);
    return right.stream()
        .mapToDouble(text -> AnswerText.f1(tokens, AnswerText.tokens(text)))
        .max()
        .orElseThrow();
  }
}
