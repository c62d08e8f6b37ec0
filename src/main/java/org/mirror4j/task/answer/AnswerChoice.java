package org.mirror4j.task.answer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.mirror4j.task.Logits;
import org.mirror4j.task.TextSpan;
import org.mirror4j.text.TextPieces;

/**
 * The likeliest answers of questions, from the logits of starts and ends of all of their windows
 * (SpanBERT's released code): the best 20 starts with the best 20 ends, in the window in which the
 * start has most around it, not longer than 30 pieces; the score is the sum of the two logits. That
 * of no answer is the lowest sum at the first token of a window. The best are those of the passage,
 * there those of all tokens, of which the ones outside the passage are then passed over.
 */
final class AnswerChoice {
  private static final int BEST = 20;
  private static final int LONGEST = 30;

  private final AnswerWindows windows;
  private final int kept;

  /** Of each question, the best first. */
  private final List<List<Candidate>> candidates;

  private final double[] nullScores;
  private final double[] nullProbabilities;
  private final List<List<Integer>> windowsOf;

  /**
   * A possible answer.
   *
   * @param start its first piece in the passage
   * @param end its last piece
   * @param score sum of the two logits
   * @param probability that of its start times that of its end, each over the tokens of the window
   */
  record Candidate(int start, int end, double score, double probability) {}

  /**
   * @param questions how many there are
   * @param kept candidates of each, at least 1
   */
  AnswerChoice(AnswerWindows windows, int questions, int kept) {
    this.windows = windows;
    this.kept = kept;
    nullScores = new double[questions];
    nullProbabilities = new double[questions];
    Arrays.fill(nullScores, Double.POSITIVE_INFINITY);
    candidates =
        IntStream.range(0, questions).<List<Candidate>>mapToObj(q -> new ArrayList<>()).toList();
    windowsOf =
        IntStream.range(0, questions).<List<Integer>>mapToObj(q -> new ArrayList<>()).toList();
    for (int window = 0; window < windows.size(); window++) {
      windowsOf.get(windows.window(window).question()).add(window);
    }
  }

  /**
   * Takes the logits of a window.
   *
   * @param logits [tokens, 2] of a batch, starts and ends
   * @param row of the window's first token
   */
  void add(int example, float[] logits, int row) {
    AnswerWindows.Window window = windows.window(example);
    int question = window.question();
    int tokens = windows.text(example).length();
    double sums = logSum(logits, row, tokens, 0) + logSum(logits, row, tokens, 1);
    double nullScore = (double) logits[2 * row] + logits[2 * row + 1];
    if (nullScore < nullScores[question]) {
      nullScores[question] = nullScore;
      nullProbabilities[question] = Math.exp(nullScore - sums);
    }
    int first = row + windows.firstOfPassage(example);
    int pieces = window.to() - window.from();
    int[] bestStarts = best(logits, first, pieces, 0);
    int[] bestEnds = best(logits, first, pieces, 1);
    for (int start : bestStarts) {
      if (!hasMostContext(example, window.from() + start)) {
        continue;
      }
      for (int end : bestEnds) {
        double score = (double) logits[2 * (first + start)] + logits[2 * (first + end) + 1];
        if (end >= start && end - start < LONGEST) {
          keep(
              candidates.get(question),
              new Candidate(
                  window.from() + start, window.from() + end, score, Math.exp(score - sums)));
        }
      }
    }
  }

  /** Behind those that are as good, if it is one of the best. */
  private void keep(List<Candidate> best, Candidate candidate) {
    int place = best.size();
    while (place > 0 && candidate.score > best.get(place - 1).score) {
      place--;
    }
    if (place < kept) {
      best.add(place, candidate);
      if (best.size() > kept) {
        best.removeLast();
      }
    }
  }

  /**
   * The logarithm of the sum of the exponentials of a column over a window's tokens.
   *
   * @throws IllegalStateException if a logit is not finite
   */
  private static double logSum(float[] logits, int row, int tokens, int column) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < tokens; i++) {
      max = Math.max(max, Logits.requireFinite(logits[2 * (row + i) + column]));
    }
    double sum = 0;
    for (int i = 0; i < tokens; i++) {
      sum += Math.exp(logits[2 * (row + i) + column] - max);
    }
    return max + Math.log(sum);
  }

  /** The places of the highest logits of a column, counted from the first piece of the window. */
  private static int[] best(float[] logits, int first, int pieces, int column) {
    return IntStream.range(0, pieces)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -logits[2 * (first + i) + column]))
        .limit(BEST)
        .mapToInt(i -> i)
        .toArray();
  }

  /** Of two windows with as much the first. */
  private boolean hasMostContext(int example, int piece) {
    AnswerWindows.Window window = windows.window(example);
    double context = window.context(piece);
    for (int other : windowsOf.get(window.question())) {
      AnswerWindows.Window one = windows.window(other);
      if (one.holds(piece)
          && (one.context(piece) > context || one.context(piece) == context && other < example)) {
        return false;
      }
    }
    return true;
  }

  /** The likeliest answers to a question, the best first. */
  List<Candidate> candidates(int question) {
    return Collections.unmodifiableList(candidates.get(question));
  }

  /** An answer as its passage has it. */
  TextSpan span(int question, Candidate answer) {
    TextPieces pieces = windows.passage(question);
    return new TextSpan(pieces.starts()[answer.start], pieces.ends()[answer.end]);
  }

  /** The likeliest answer to a question as its passage has it; empty where no piece is there. */
  String text(int question, String passage) {
    List<Candidate> best = candidates.get(question);
    return best.isEmpty() ? "" : span(question, best.getFirst()).of(passage);
  }

  /**
   * By how much the score of no answer is above that of the likeliest one; the largest number where
   * there is none.
   */
  double noAnswer(int question) {
    List<Candidate> best = candidates.get(question);
    return best.isEmpty() ? Double.MAX_VALUE : nullScores[question] - best.getFirst().score;
  }

  /** How likely it is that both ends are at the first token. */
  double noAnswerProbability(int question) {
    return nullProbabilities[question];
  }
}
