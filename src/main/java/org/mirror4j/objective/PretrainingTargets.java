package org.mirror4j.objective;

import java.util.Arrays;
import org.mirror4j.text.PackedBatch;

/**
 * What is to be predicted of a packed batch. The masked rows, those beside spans and the first ones
 * have no row in common, so that each has the gradient of one objective. Padding at the end of each
 * is -1: no row, no label.
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

    /**
     * These targets with padding after them: it is predicted from the first row, place 0, without a
     * label, and is in no group.
     */
    private Spans padded(int boundaries, int targets) {
      return new Spans(
          PretrainingTargets.padded(rows, boundaries),
          Arrays.copyOf(left, targets),
          Arrays.copyOf(right, targets),
          Arrays.copyOf(offsets, targets),
          PretrainingTargets.padded(labels, targets),
          byLeft.extended(targets, targets),
          byRight.extended(targets, targets),
          byOffset.extended(targets, targets));
    }
  }

  /**
   * How many there are of everything, padding included.
   *
   * @param predictions masked rows
   * @param boundaries rows beside spans
   * @param targets of the span boundary objective
   * @param left groups of them
   * @param right groups of them
   * @param offsets groups of them
   * @param sequences whose relation is predicted
   */
  public record Sizes(
      int predictions,
      int boundaries,
      int targets,
      int left,
      int right,
      int offsets,
      int sequences) {
    /** Those of targets. */
    public static Sizes of(PretrainingTargets of) {
      Spans spans = of.spans;
      return new Sizes(
          of.rows.length,
          spans.rows.length,
          spans.labels.length,
          spans.byLeft.keys().length,
          spans.byRight.keys().length,
          spans.byOffset.keys().length,
          of.firstRows.length);
    }

    /** Whether they are those of targets. */
    public boolean fit(PretrainingTargets of) {
      Spans spans = of.spans;
      return predictions == of.rows.length
          && boundaries == spans.rows.length
          && targets == spans.labels.length
          && left == spans.byLeft.keys().length
          && right == spans.byRight.keys().length
          && offsets == spans.byOffset.keys().length
          && sequences == of.firstRows.length;
    }
  }

  /** Of masked tokens alone. */
  public static PretrainingTargets masked(int[] rows, int[] labels) {
    return new PretrainingTargets(rows, labels, Spans.NONE, EMPTY, EMPTY);
  }

  /**
   * These targets with padding after them, so that those that differ a little have one shape. It
   * changes neither losses nor gradients.
   *
   * @param size at least what there is to predict; without boundaries, the spans stay as they are
   */
  public PretrainingTargets padded(PretrainingObjective.Limits size) {
    return new PretrainingTargets(
        padded(rows, size.predictions()),
        padded(labels, size.predictions()),
        size.boundaries() == 0 ? spans : spans.padded(size.boundaries(), size.predictions()),
        padded(firstRows, size.sequences()),
        padded(relations, size.sequences()));
  }

  private static int[] padded(int[] values, int size) {
    if (values.length > size) {
      throw new IllegalArgumentException(
          "%d values, expected at most the %d they are padded to".formatted(values.length, size));
    }
    int[] all = Arrays.copyOf(values, size);
    Arrays.fill(all, values.length, size, -1);
    return all;
  }

  /** How much each objective predicts, without padding. */
  public PerObjective counts() {
    return new PerObjective(labelled(labels), labelled(spans.labels), labelled(relations));
  }

  private static int labelled(int[] labels) {
    int count = 0;
    for (int label : labels) {
      count += label < 0 ? 0 : 1;
    }
    return count;
  }
}
