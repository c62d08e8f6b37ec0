package org.mirror4j.objective.coreference;

import java.util.Arrays;

/**
 * Which candidates are kept: by falling score, unless a span crosses one that is kept (Lee et al.
 * 2017, section 5). Two spans cross where each has a token that the other lacks and both have one
 * in common.
 */
final class SpanPruning {
  private SpanPruning() {}

  /**
   * The numbers of the candidates that are kept, ascending.
   *
   * @param scores [candidates] from the start; of equal ones the first candidate comes first
   * @param most that are kept
   */
  static int[] keep(DocumentSpans spans, float[] scores, int most) {
    long[] order = new long[spans.candidates()];
    for (int i = 0; i < order.length; i++) {
      order[i] = (long) descending(scores[i]) << 32 | i;
    }
    Arrays.sort(order);
    int[] latestEnd = new int[spans.rows()];
    int[] earliestStart = new int[spans.rows()];
    Arrays.fill(latestEnd, -1);
    Arrays.fill(earliestStart, Integer.MAX_VALUE);
    int[] kept = new int[Math.min(most, order.length)];
    int count = 0;
    for (int i = 0; i < order.length && count < kept.length; i++) {
      int candidate = (int) order[i];
      int start = spans.starts()[candidate];
      int end = spans.ends()[candidate];
      if (!crosses(start, end, latestEnd, earliestStart)) {
        kept[count++] = candidate;
        latestEnd[start] = Math.max(latestEnd[start], end);
        earliestStart[end] = Math.min(earliestStart[end], start);
      }
    }
    kept = Arrays.copyOf(kept, count);
    Arrays.sort(kept);
    return kept;
  }

  /** A number that is the smaller, signed, the larger a score is. */
  private static int descending(float score) {
    int bits = Float.floatToIntBits(score + 0f); // of both zeros the positive one
    return bits < 0 ? bits & Integer.MAX_VALUE : ~bits;
  }

  /** Whether one that is kept begins within and ends after, or the other way round. */
  private static boolean crosses(int start, int end, int[] latestEnd, int[] earliestStart) {
    for (int row = start; row <= end; row++) {
      if (row > start && latestEnd[row] > end || row < end && earliestStart[row] < start) {
        return true;
      }
    }
    return false;
  }
}
