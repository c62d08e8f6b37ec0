package org.mirror4j.objective.coreference;

import java.util.Arrays;

/**
 * A document, or a window of it, as {@link SpanRanking} takes it: tokens are the rows of the batch
 * that has its segments, one after the other.
 *
 * @param starts [candidates], first row of each span that may be a mention, ascending
 * @param ends [candidates], its last row, ascending among those that begin together
 * @param clusters [candidates], from 1 for what speaks of the same thing; 0 for what is no mention,
 *     and for all where that is not known
 * @param segmentOfRow [rows], from 0
 * @param speakerOfRow [rows], equal for equal speakers
 * @param genre row of the table of genres
 */
public record DocumentSpans(
    int[] starts, int[] ends, int[] clusters, int[] segmentOfRow, int[] speakerOfRow, int genre) {
  /** Tokens. */
  public int rows() {
    return segmentOfRow.length;
  }

  /** Spans that may be mentions. */
  public int candidates() {
    return starts.length;
  }

  /** Some of the candidates, in this order. */
  DocumentSpans select(int[] candidates) {
    return new DocumentSpans(
        select(starts, candidates),
        select(ends, candidates),
        select(clusters, candidates),
        segmentOfRow,
        speakerOfRow,
        genre);
  }

  /** Neighbouring candidates. */
  DocumentSpans range(int from, int to) {
    return new DocumentSpans(
        Arrays.copyOfRange(starts, from, to),
        Arrays.copyOfRange(ends, from, to),
        Arrays.copyOfRange(clusters, from, to),
        segmentOfRow,
        speakerOfRow,
        genre);
  }

  private static int[] select(int[] values, int[] indices) {
    return Arrays.stream(indices).map(index -> values[index]).toArray();
  }

  /** Tokens of each candidate but one: rows of the tables of widths. */
  int[] widths() {
    int[] widths = new int[starts.length];
    Arrays.setAll(widths, span -> ends[span] - starts[span]);
    return widths;
  }

  /** One past the last row of each candidate. */
  int[] to() {
    return Arrays.stream(ends).map(end -> end + 1).toArray();
  }
}
