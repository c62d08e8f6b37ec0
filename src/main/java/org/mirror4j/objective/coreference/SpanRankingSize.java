package org.mirror4j.objective.coreference;

/**
 * How large a {@link SpanRanking} is and how much of a document it looks at.
 *
 * @param maxWidth tokens of the widest span, rows of the tables of widths
 * @param featureSize elements of an embedding of a width, a distance, a genre, ...
 * @param hiddenSize of the feed-forward scorers
 * @param segments how many distances between segments are told apart
 * @param genres rows of the table of genres, 1 where all are alike
 * @param spanRatio spans that are kept for each token of a document
 * @param maxSpans the most that are kept of one
 * @param maxAntecedents that are looked at closely for each span
 * @param depth how often antecedents are scored: once more than spans are refined
 */
public record SpanRankingSize(
    int maxWidth,
    int featureSize,
    int hiddenSize,
    int segments,
    int genres,
    double spanRatio,
    int maxSpans,
    int maxAntecedents,
    int depth) {
  /** Distances between spans that are told apart: 0, 1, 2, 3, 4, 5-7, 8-15, 16-31, 32-63, more. */
  static final int DISTANCES = 10;

  /** The last distance that is a bucket of its own. */
  private static final int LAST_SINGLE = 4;

  /** The most spans of a document of so many tokens that are kept. */
  public int spans(int tokens) {
    return (int) Math.min(maxSpans, spanRatio * tokens);
  }

  /** Pairs of spans and antecedents, of so many spans, that are looked at closely. */
  int pairs(int spans) {
    long pairs = 0;
    for (int span = 0; span < spans; span++) {
      pairs += Math.min(span, maxAntecedents);
    }
    return Math.toIntExact(pairs);
  }

  /** Elements of a span's vector: first and last token, width, weighted sum. */
  int vectorSize(int hidden) {
    return 3 * hidden + featureSize;
  }

  /** The bucket of a distance from 0 on. */
  static int distance(int spans) {
    // From 4 on a power of two begins each: 4 alone, then 5-7 and so on.
    int power = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(Math.max(1, spans));
    return spans <= LAST_SINGLE ? spans : Math.min(power + 3, DISTANCES - 1);
  }
}
