package org.mirror4j.objective;

import org.mirror4j.text.PackedBatch;

/**
 * What is to be predicted of a packed batch. The masked rows, those beside spans and the first ones
 * have no row in common, so that each has the gradient of one objective.
 *
 * @param rows packed rows of the masked tokens, each once
 * @param labels [rows], the tokens that were there
 * @param spans for the span boundary objective; {@link Spans#NONE} where it has nothing to predict
 * @param firstRows packed rows of the first tokens of the sequences whose relation is predicted,
 *     each once; empty for none
 * @param relations [firstRows]: 0 where the second segment follows the first one, else 1
 */
public record PretrainingTargets(
    int[] rows, int[] labels, Spans spans, int[] firstRows, int[] relations) {
  private static final int[] EMPTY = {};

  /**
   * Targets of the span boundary objective.
   *
   * @param rows packed rows of the tokens beside spans, each once
   * @param left [targets], place in {@code rows} of the token before the target's span
   * @param right [targets], place in {@code rows} of the token after it
   * @param offsets [targets], place of the target in its span, from 0
   * @param labels [targets], the token that was there
   * @param byLeft targets by {@code left}
   * @param byRight targets by {@code right}
   * @param byOffset targets by {@code offsets}
   */
  public record Spans(
      int[] rows,
      int[] left,
      int[] right,
      int[] offsets,
      int[] labels,
      PackedBatch.Groups byLeft,
      PackedBatch.Groups byRight,
      PackedBatch.Groups byOffset) {
    /** Nothing to predict. */
    public static final Spans NONE = of(EMPTY, EMPTY, EMPTY, EMPTY, EMPTY);

    /** Targets, which are grouped by what they are predicted from. */
    public static Spans of(int[] rows, int[] left, int[] right, int[] offsets, int[] labels) {
      return new Spans(
          rows,
          left,
          right,
          offsets,
          labels,
          PackedBatch.Groups.of(left),
          PackedBatch.Groups.of(right),
          PackedBatch.Groups.of(offsets));
    }
  }

  /** Of masked tokens alone. */
  public static PretrainingTargets masked(int[] rows, int[] labels) {
    return new PretrainingTargets(rows, labels, Spans.NONE, EMPTY, EMPTY);
  }

  /** How much each objective predicts. */
  public PerObjective counts() {
    return new PerObjective(rows.length, spans.labels.length, firstRows.length);
  }
}
