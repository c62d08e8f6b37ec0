package org.mirror4j.objective.coreference;

import java.util.Arrays;

/**
 * The pairs of a span and one before it that are looked at closely, and slots for them: each span
 * has one for the choice of none, then one for each of its pairs. Pairs are in the order of their
 * spans, then of the antecedents.
 *
 * @param first [pairs], the span
 * @param second [pairs], the antecedent
 * @param distances [pairs], buckets of how many spans the antecedent is before
 * @param speakers [pairs], 1 for the same speaker, 0 for another one
 * @param segments [pairs], how many segments the antecedent is before, up to the last that counts
 * @param cuSlots [spans + 1], first slot of each span
 * @param pairOfSlot [slots], -1 for the choice of none
 * @param spanOfSlot [slots], the antecedent, or the span itself for the choice of none
 * @param slotOfPair [pairs]
 * @param marks [slots], 1 for what is right: antecedents of the same cluster, none where there is
 *     no such one
 */
record AntecedentPairs(
    int[] first,
    int[] second,
    int[] distances,
    int[] speakers,
    int[] segments,
    int[] cuSlots,
    int[] pairOfSlot,
    int[] spanOfSlot,
    int[] slotOfPair,
    int[] marks) {
  /**
   * The pairs with the highest coarse scores of each span, {@code m[i] + m[j] + coarse[i, j] +
   * prior[distance]}; of equal ones the nearest.
   *
   * @param spans that are kept
   * @param mentions [spans] from the start, m
   * @param coarse [spans, spans] from the start
   * @param priors of each distance
   */
  static AntecedentPairs of(
      DocumentSpans spans, SpanRankingSize size, float[] mentions, float[] coarse, float[] priors) {
    int count = spans.candidates();
    int pairs = size.pairs(count);
    AntecedentPairs all = empty(count, pairs);
    float[] scores = new float[count];
    int pair = 0;
    int slot = 0;
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < i; j++) {
        scores[j] =
            mentions[i]
                + mentions[j]
                + coarse[i * count + j]
                + priors[SpanRankingSize.distance(i - j)];
      }
      int none = slot;
      all.cuSlots[i] = slot;
      all.pairOfSlot[slot] = -1;
      all.spanOfSlot[slot++] = i;
      boolean any = false;
      for (int j : highest(scores, i, size.maxAntecedents())) {
        all.describe(spans, size, pair, i, j);
        boolean right = spans.clusters()[i] > 0 && spans.clusters()[i] == spans.clusters()[j];
        all.marks[slot] = right ? 1 : 0;
        any |= right;
        all.slotOfPair[pair] = slot;
        all.spanOfSlot[slot] = j;
        all.pairOfSlot[slot++] = pair++;
      }
      all.marks[none] = any ? 0 : 1;
    }
    all.cuSlots[count] = slot;
    return all;
  }

  private static AntecedentPairs empty(int spans, int pairs) {
    int slots = spans + pairs;
    return new AntecedentPairs(
        new int[pairs],
        new int[pairs],
        new int[pairs],
        new int[pairs],
        new int[pairs],
        new int[spans + 1],
        new int[slots],
        new int[slots],
        new int[pairs],
        new int[slots]);
  }

  private void describe(DocumentSpans spans, SpanRankingSize size, int pair, int i, int j) {
    int[] starts = spans.starts();
    first[pair] = i;
    second[pair] = j;
    distances[pair] = SpanRankingSize.distance(i - j);
    int[] speaker = spans.speakerOfRow();
    speakers[pair] = speaker[starts[i]] == speaker[starts[j]] ? 1 : 0;
    int apart = spans.segmentOfRow()[starts[i]] - spans.segmentOfRow()[starts[j]];
    segments[pair] = Math.min(apart, size.segments() - 1);
  }

  /** The numbers of the highest of the first scores, ascending. */
  private static int[] highest(float[] scores, int count, int most) {
    Integer[] order = new Integer[count];
    Arrays.setAll(order, i -> count - 1 - i);
    if (count > most) {
      Arrays.sort(order, (a, b) -> Float.compare(scores[b], scores[a]));
    }
    return Arrays.stream(order).limit(most).mapToInt(i -> i).sorted().toArray();
  }

  /** Number of pairs. */
  int pairs() {
    return first.length;
  }

  /** Number of slots. */
  int slots() {
    return marks.length;
  }

  /** Whether all scores of a span are finite. */
  boolean isFinite(int span, float[] scores) {
    for (int slot = cuSlots[span]; slot < cuSlots[span + 1]; slot++) {
      if (!Float.isFinite(scores[slot])) {
        return false;
      }
    }
    return true;
  }

  /** The best slot of a span: the highest score, of equal ones the first. */
  int best(int span, float[] scores) {
    int best = cuSlots[span];
    for (int slot = best + 1; slot < cuSlots[span + 1]; slot++) {
      best = scores[slot] > scores[best] ? slot : best;
    }
    return best;
  }
}
