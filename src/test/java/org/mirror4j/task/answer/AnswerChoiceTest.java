package org.mirror4j.task.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.task.Predictions;
import org.mirror4j.task.answer.AnswerWindows.Window;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TextPieces;
import org.mirror4j.text.Tokenizer;

class AnswerChoiceTest {
  @AutoClose private final Tokenizer tokenizer = Tokenizer.wordPiece(RandomQuestions.PIECES, false);

  /**
   * Rules of a decoder.
   *
   * @param best starts and ends of a window that are looked at
   * @param longest pieces of an answer
   * @param context whether a start counts in the window alone in which it has most around it
   */
  private record Rules(int best, int longest, boolean context) {}

  private static final Rules RULES = new Rules(20, 30, true);

  /** What a decoder says of a question. */
  private record Said(String text, double noAnswer) {}

  /** Windows with random logits, in a batch of all. */
  private final class Trial {
    final List<Question> questions;
    final AnswerWindows windows;
    final int[] rows;
    final float[] logits;

    Trial(long seed) {
      Random random = new Random(seed);
      questions = RandomQuestions.of(6, 160, random);
      windows = new AnswerWindows(questions, tokenizer, new AnswerWindows.Sizes(70, 64, 20));
      rows = new int[windows.size() + 1];
      for (int i = 0; i < windows.size(); i++) {
        rows[i + 1] = rows[i] + windows.text(i).length();
      }
      logits = new float[2 * rows[windows.size()]];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = (float) random.nextGaussian();
      }
    }

    /** In any order of the windows. */
    List<Said> said(long order) {
      List<Integer> examples = new ArrayList<>(IntStream.range(0, windows.size()).boxed().toList());
      Collections.shuffle(examples, new Random(order));
      AnswerChoice choice = new AnswerChoice(windows, questions.size(), 1);
      examples.forEach(example -> choice.add(example, logits, rows[example]));
      return IntStream.range(0, questions.size())
          .mapToObj(q -> new Said(choice.text(q, questions.get(q).context()), choice.noAnswer(q)))
          .toList();
    }

    /** Of a start and an end in a window. */
    double probability(int example, AnswerChoice.Candidate candidate) {
      int first = rows[example] + windows.firstOfPassage(example);
      int from = windows.window(example).from();
      return share(example, first + candidate.start() - from, 0)
          * share(example, first + candidate.end() - from, 1);
    }

    /** Of both ends at the first token, in the window where they score least together. */
    double noAnswerProbability(int question) {
      int window =
          IntStream.range(0, windows.size())
              .filter(i -> windows.window(i).question() == question)
              .boxed()
              .min(Comparator.comparingDouble(i -> (double) logit(i, 0, 0) + logit(i, 0, 1)))
              .orElseThrow();
      return share(window, rows[window], 0) * share(window, rows[window], 1);
    }

    private double share(int example, int row, int column) {
      return Math.exp(logits[2 * row + column])
          / IntStream.range(rows[example], rows[example + 1])
              .mapToDouble(i -> Math.exp(logits[2 * i + column]))
              .sum();
    }

    /** Every start with every end of every window, one after the other. */
    Said naive(int question, Rules rules) {
      TextPieces pieces = tokenizer.pieces(questions.get(question).context());
      List<Integer> own =
          IntStream.range(0, windows.size())
              .filter(i -> windows.window(i).question() == question)
              .boxed()
              .toList();
      double none = Double.POSITIVE_INFINITY;
      double score = Double.NEGATIVE_INFINITY;
      String text = "";
      for (int example : own) {
        none = Math.min(none, (double) logit(example, 0, 0) + logit(example, 0, 1));
        Window window = windows.window(example);
        for (int start = window.from(); start < window.to(); start++) {
          for (int end = start; end < window.to() && end - start + 1 <= rules.longest; end++) {
            double sum = (double) of(example, start, 0) + of(example, end, 1);
            if (sum > score
                && rank(example, start, 0) < rules.best
                && rank(example, end, 1) < rules.best
                && (!rules.context || mostContext(own, start) == example)) {
              score = sum;
              text =
                  questions
                      .get(question)
                      .context()
                      .substring(pieces.starts()[start], pieces.ends()[end]);
            }
          }
        }
      }
      return new Said(text, none - score);
    }

    private float logit(int example, int token, int column) {
      return logits[2 * (rows[example] + token) + column];
    }

    /** Of a piece of the passage: question and three special tokens, the last one behind it. */
    private float of(int example, int piece, int column) {
      Window window = windows.window(example);
      int asked = tokenizer.pieces(questions.get(window.question()).question()).length();
      return logit(example, 2 + asked + piece - window.from(), column);
    }

    private int rank(int example, int piece, int column) {
      Window window = windows.window(example);
      float own = of(example, piece, column);
      return (int)
          IntStream.range(window.from(), window.to())
              .filter(other -> of(example, other, column) > own)
              .count();
    }

    /** The window that has most of the passage on the side where it has less. */
    private int mostContext(List<Integer> own, int piece) {
      int most = -1;
      double context = -1;
      for (int example : own) {
        Window window = windows.window(example);
        int left = piece - window.from();
        int right = window.to() - 1 - piece;
        double here = Math.min(left, right) + 0.01 * (window.to() - window.from());
        if (left >= 0 && right >= 0 && here > context) {
          context = here;
          most = example;
        }
      }
      return most;
    }
  }

  @Test
  void asANaiveDecoderHasIt() {
    int longerWins = 0;
    int worseWins = 0;
    int elsewhereWins = 0;
    for (int seed = 0; seed < 12; seed++) {
      Trial trial = new Trial(seed);
      List<Said> said = trial.said(seed);
      assertThat(trial.said(seed + 1)).isEqualTo(said);
      for (int question = 0; question < said.size(); question++) {
        Said expected = trial.naive(question, RULES);
        assertThat(said.get(question)).isEqualTo(expected);
        longerWins += expected.equals(trial.naive(question, new Rules(20, 99, true))) ? 0 : 1;
        worseWins += expected.equals(trial.naive(question, new Rules(2, 30, true))) ? 0 : 1;
        elsewhereWins += expected.equals(trial.naive(question, new Rules(20, 30, false))) ? 0 : 1;
      }
    }
    // Without its rules it would have said something else.
    assertThat(List.of(longerWins, worseWins, elsewhereWins)).doesNotContain(0);
  }

  /** Of 21 starts that all beat every other logit the worst is not looked at; so with the ends. */
  @Test
  void theBestTwenty() {
    String passage = "a ".repeat(22).strip();
    Question question = new Question("1", "", passage, List.of(), List.of());
    AnswerWindows windows =
        new AnswerWindows(List.of(question), tokenizer, new AnswerWindows.Sizes(40, 64, 20));
    for (int worst : new int[] {20, 19}) {
      float[] logits = new float[2 * windows.text(0).length()];
      // The only start that an end follows is that at 0, of rank 'worst'; all ends are at 1.
      for (int piece = 0; piece < 22; piece++) {
        boolean start = piece == 0 || piece >= 2 && piece < 2 + worst;
        logits[2 * (2 + piece)] = start ? (piece == 0 ? 5 : 6) : -90;
        logits[2 * (2 + piece) + 1] = piece == 1 ? 50 : -50 - piece;
      }
      AnswerChoice choice = new AnswerChoice(windows, 1, 1);
      choice.add(0, logits, 0);
      boolean seen = choice.text(0, passage).equals("a a") && choice.noAnswer(0) == -55;
      assertThat(seen).isEqualTo(worst == 19);
    }
  }

  /** Several answers in the order of their scores, each as likely as its window says. */
  @Test
  void severalAnswers() {
    Trial trial = new Trial(11);
    AnswerChoice one = new AnswerChoice(trial.windows, trial.questions.size(), 1);
    AnswerChoice some = new AnswerChoice(trial.windows, trial.questions.size(), 7);
    AnswerChoice all = new AnswerChoice(trial.windows, trial.questions.size(), 1_000_000);
    for (int i = 0; i < trial.windows.size(); i++) {
      one.add(i, trial.logits, trial.rows[i]);
      some.add(i, trial.logits, trial.rows[i]);
      all.add(i, trial.logits, trial.rows[i]);
    }
    int most = 0;
    for (int q = 0; q < trial.questions.size(); q++) {
      List<AnswerChoice.Candidate> candidates = all.candidates(q);
      most = Math.max(most, candidates.size());
      assertThat(candidates)
          .isSortedAccordingTo(
              Comparator.comparingDouble(AnswerChoice.Candidate::score).reversed());
      assertThat(some.candidates(q))
          .isEqualTo(candidates.subList(0, Math.min(7, candidates.size())));
      assertThat(one.candidates(q)).isEqualTo(candidates.subList(0, 1));
      int question = q;
      for (AnswerChoice.Candidate candidate : candidates) {
        assertThat(
                IntStream.range(0, trial.windows.size())
                    .filter(i -> trial.windows.window(i).question() == question)
                    .filter(i -> trial.windows.window(i).holds(candidate.start()))
                    .filter(i -> trial.windows.window(i).holds(candidate.end()))
                    .mapToDouble(i -> trial.probability(i, candidate)))
            // A hundred additions and exponentials in f64.
            .anyMatch(p -> Math.abs(p - candidate.probability()) < 1e-12 * p);
      }
      double none = trial.noAnswerProbability(q);
      assertThat(all.noAnswerProbability(q)).isCloseTo(none, within(1e-12 * none));
    }
    assertThat(most).isGreaterThan(7);
  }

  /** As the passage is written, with what has no piece between. */
  @Test
  void textsOfThePassage() {
    String passage = "xX \u0001 e\u0301😀  b.";
    Question question = new Question("1", "a", passage, List.of(), List.of());
    AnswerWindows windows =
        new AnswerWindows(List.of(question), tokenizer, new AnswerWindows.Sizes(40, 64, 20));
    TextPieces pieces = tokenizer.pieces(passage);
    float[] logits = new float[2 * windows.text(0).length()];
    logits[2 * 3] = 1;
    logits[2 * (3 + pieces.length() - 2) + 1] = 2;
    logits[0] = 4;
    logits[1] = -0.5f;
    AnswerChoice choice = new AnswerChoice(windows, 1, 1);
    choice.add(0, logits, 0);
    assertThat(choice.text(0, passage)).isEqualTo("xX \u0001 e\u0301😀  b");
    assertThat(choice.noAnswer(0)).isEqualTo(0.5);
  }

  @Test
  void aPassageWithoutPieces() {
    Question question = new Question("1", "a", " \u0001", List.of(), List.of());
    AnswerWindows windows =
        new AnswerWindows(List.of(question), tokenizer, new AnswerWindows.Sizes(40, 64, 20));
    AnswerChoice choice = new AnswerChoice(windows, 1, 1);
    choice.add(0, new float[2 * windows.text(0).length()], 0);
    assertThat(choice.text(0, question.context())).isEmpty();
    assertThat(choice.noAnswer(0)).isEqualTo(Double.MAX_VALUE);
  }

  /** Of no start whose end stands behind it no answer is said, also where each has one. */
  @ParameterizedTest
  @ValueSource(strings = {" ", "a b"})
  void nothingIsAnAnswerToo(String passage) {
    List<Question> questions = List.of(new Question("1", "a", passage, List.of(), List.of()));
    AnswerWindows windows =
        new AnswerWindows(questions, tokenizer, new AnswerWindows.Sizes(40, 64, 20));
    int[] ids = windows.text(0).ids();
    float[] logits = new float[2 * ids.length];
    Predictions said = new PredictedAnswers(questions, windows, OptionalDouble.empty(), 5).begin();
    said.add(new int[] {0}, PackedBatch.of(new int[][] {ids}, PackedBatch.Positions.BERT), logits);
    double none = 1.0 / (ids.length * ids.length);
    assertThat(said.rows()).isNotEmpty();
    assertThat(said.rows().getLast().path("probability").doubleValue())
        .isCloseTo(none, within(1e-12 * none));
    String first = said.rows().getFirst().path("answer").textValue();
    assertThat(first).isEqualTo(passage.isBlank() ? "" : "a");
    assertThat(new String(said.file(), StandardCharsets.UTF_8)).contains("\"" + first + "\"");
  }

  @Test
  void whatIsNotFiniteIsRefused() {
    Trial trial = new Trial(1);
    trial.logits[0] = Float.NEGATIVE_INFINITY;
    AnswerChoice choice = new AnswerChoice(trial.windows, trial.questions.size(), 1);
    assertThatThrownBy(() -> choice.add(0, trial.logits, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("logits that are not finite");
  }
}
