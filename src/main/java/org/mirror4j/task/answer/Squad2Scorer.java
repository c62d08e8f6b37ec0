package org.mirror4j.task.answer;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.mirror4j.file.FileException;
import org.mirror4j.task.Figure;
import org.mirror4j.task.Measure;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.task.Scorer;

/**
 * Exact match and F1 where questions may have no answer, by themselves and of the questions with
 * and without one: {@code evaluate-v2.0.py} of SQuAD (Rajpurkar et al. 2018).
 *
 * <p>A question without an answer, or whose answers are of articles and punctuation alone, expects
 * an empty one. An empty answer and an empty expectation are alike in F1 too. With {@link
 * ScoredFiles.NoAnswer}, an answer above the threshold counts as none, and {@link
 * NoAnswerThreshold} finds the best one for the answers as they stand.
 */
public final class Squad2Scorer implements Scorer {
  private static final Measure EXACT_MATCH_THRESHOLD =
      new Measure("exact-match-threshold", "exact match threshold", Measure.Unit.PLAIN);

  /** Above which number of no answer F1 is best without one. */
  static final Measure F1_THRESHOLD =
      new Measure("f1-threshold", "F1 threshold", Measure.Unit.PLAIN);

  private static final String BEST = "best";

  @Override
  public String name() {
    return "squad-2.0";
  }

  @Override
  public String description() {
    return "exact match and F1 of SQuAD 2.0; {\"ID\": \"answer\"}, \"\" for none";
  }

  @Override
  public boolean takesNoAnswer() {
    return true;
  }

  @Override
  public List<Figure> score(ScoredFiles files, Consumer<String> notices) {
    List<Question> questions = SquadFile.read(files.gold());
    Map<String, String> answers = AnswerFiles.answers(files.predictions());
    checkIds(files.predictions(), files.gold(), questions, answers, notices);
    SequencedMap<String, QuestionScore> raw = raw(questions, answers);
    if (files.noAnswer().isEmpty()) {
      return figures(List.copyOf(raw.values()), List.of());
    }
    ScoredFiles.NoAnswer noAnswer = files.noAnswer().orElseThrow();
    SequencedMap<String, Double> numbers = AnswerFiles.numbers(noAnswer.scores());
    checkIds(noAnswer.scores(), files.gold(), questions, numbers, notices);
    List<QuestionScore> scores = new ArrayList<>();
    raw.forEach(
        (id, score) ->
            scores.add(numbers.get(id) > noAnswer.threshold() ? score.withdrawn() : score));
    return figures(scores, best(numbers, raw));
  }

  /**
   * Exact match and F1 of answers at the thresholds that are best for each.
   *
   * @param answers by the ids of the questions, one for each
   * @param noAnswer how sure the system is that there is none, one for each
   */
  static List<Figure> best(
      List<Question> questions,
      Map<String, String> answers,
      SequencedMap<String, Double> noAnswer) {
    return best(noAnswer, raw(questions, answers));
  }

  /**
   * Above which number there had better be no answer, for F1: with it these answers have the best
   * one. Below all numbers where no answer at all is best.
   *
   * @param noAnswer as in {@link #best(List, Map, SequencedMap)}
   */
  static double threshold(
      List<Question> questions,
      Map<String, String> answers,
      SequencedMap<String, Double> noAnswer) {
    NoAnswerThreshold best =
        NoAnswerThreshold.best(noAnswer, raw(questions, answers), QuestionScore::f1);
    return best.silent() ? Math.nextDown(Collections.min(noAnswer.values())) : best.threshold();
  }

  private static SequencedMap<String, QuestionScore> raw(
      List<Question> questions, Map<String, String> answers) {
    SequencedMap<String, QuestionScore> raw = new LinkedHashMap<>();
    for (Question question : questions) {
      raw.put(question.id(), score(question, answers.get(question.id())));
    }
    return raw;
  }

  private static List<Figure> best(
      SequencedMap<String, Double> numbers, Map<String, QuestionScore> scores) {
    NoAnswerThreshold exact = NoAnswerThreshold.best(numbers, scores, QuestionScore::exact);
    NoAnswerThreshold f1 = NoAnswerThreshold.best(numbers, scores, QuestionScore::f1);
    return List.of(
        new Figure(AnswerScorer.EXACT_MATCH, BEST, exact.mean()),
        new Figure(EXACT_MATCH_THRESHOLD, BEST, exact.threshold()),
        new Figure(Measure.F1, BEST, f1.mean()),
        new Figure(F1_THRESHOLD, BEST, f1.threshold()));
  }

  private static List<Figure> figures(List<QuestionScore> scores, List<Figure> best) {
    List<Figure> figures = new ArrayList<>(figures("", scores, score -> true));
    figures.addAll(best);
    figures.addAll(figures("has-answer", scores, QuestionScore::hasAnswer));
    figures.addAll(figures("no-answer", scores, score -> !score.hasAnswer()));
    return figures;
  }

  private static void checkIds(
      Path file,
      Path gold,
      List<Question> questions,
      Map<String, ?> said,
      Consumer<String> notices) {
    AnswerFiles.checkKnown(file, gold, questions, said.keySet(), notices);
    List<String> missing = AnswerFiles.missing(questions, said.keySet());
    if (!missing.isEmpty()) {
      throw new FileException(
          "%s: %,d of %,d questions are missing, the first is %s; expected one entry for each"
              .formatted(file, missing.size(), questions.size(), AnswerFiles.first(missing)));
    }
  }

  private static QuestionScore score(Question question, String answer) {
    List<List<String>> expected =
        question.answers().stream()
            .map(AnswerText::tokens)
            .filter(tokens -> !tokens.isEmpty())
            .toList();
    List<String> tokens = AnswerText.tokens(answer);
    boolean empty = expected.isEmpty() || tokens.isEmpty();
    boolean bothEmpty = expected.isEmpty() && tokens.isEmpty();
    return new QuestionScore(
        question.hasAnswer(),
        !answer.isEmpty(),
        bothEmpty || expected.contains(tokens) ? 1 : 0,
        empty
            ? bothEmpty ? 1 : 0
            : expected.stream().mapToDouble(e -> AnswerText.f1(tokens, e)).max().orElseThrow());
  }

  /** Means over a part, none where it is empty. */
  private static List<Figure> figures(
      String part, List<QuestionScore> scores, Predicate<QuestionScore> belongs) {
    List<QuestionScore> own = scores.stream().filter(belongs).toList();
    if (own.isEmpty()) {
      return List.of();
    }
    double exact = 0;
    double f1 = 0;
    for (QuestionScore score : own) {
      exact += score.exact();
      f1 += score.f1();
    }
    return List.of(
        new Figure(Measure.ITEMS, part, own.size()),
        new Figure(AnswerScorer.EXACT_MATCH, part, 100.0 * exact / own.size()),
        new Figure(Measure.F1, part, 100.0 * f1 / own.size()));
  }
}
