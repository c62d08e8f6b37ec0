package org.mirror4j.task.answer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.mirror4j.text.TextPieces;

/**
 * The likeliest answers of questions, from the logits of starts and ends of all of their windows
 * (SpanBERT's released code): the best 20 starts with the best 20 ends, in the window in which the
 * start has most around it, not longer than 30 pieces; the score is the sum of the two logits. That
 * of no answer is the lowest sum at the first token of a window.
 */
final class AnswerChoice {
  private static final int BEST = 20;
  private static final int LONGEST = 30;

  private final AnswerWindows windows;
  private final double[] scores;
  private final double[] nullScores;
  private final int[] starts;
  private final int[] ends;
  private final List<List<Integer>> windowsOf;

  /**
   * @param questions how many there are
   */
  AnswerChoice(AnswerWindows windows, int questions) {
    this.windows = windows;
    scores = new double[questions];
    nullScores = new double[questions];
    starts = new int[questions];
    ends = new int[questions];
    Arrays.fill(scores, Double.NEGATIVE_INFINITY);
    Arrays.fill(nullScores, Double.POSITIVE_INFINITY);
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
    nullScores[question] =
        Math.min(nullScores[question], (double) logits[2 * row] + logits[2 * row + 1]);
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
        if (end >= start && end - start < LONGEST && score > scores[question]) {
          scores[question] = score;
          starts[question] = window.from() + start;
          ends[question] = window.from() + end;
        }
      }
    }
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

  /** The likeliest answer to a question as its passage has it; empty where no piece is there. */
  String text(int question, String passage) {
    if (scores[question] == Double.NEGATIVE_INFINITY) {
      return "";
    }
    TextPieces pieces = windows.passage(question);
    return passage.substring(pieces.starts()[starts[question]], pieces.ends()[ends[question]]);
  }

  /** By how much the score of no answer is above that of the likeliest one. */
  double noAnswer(int question) {
    return nullScores[question] - scores[question];
  }
}
