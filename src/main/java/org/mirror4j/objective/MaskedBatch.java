package org.mirror4j.objective;

import java.util.List;
import java.util.stream.IntStream;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.block.TokenBlock;
import org.mirror4j.text.block.TokenRange;
import org.mirror4j.text.mask.MaskedTokens;

/**
 * A packed batch of masked blocks with what is to be predicted.
 *
 * @param packed with the masked ids
 * @param targets of its rows
 */
public record MaskedBatch(PackedBatch packed, PretrainingTargets targets) {

  /**
   * Packs masked blocks.
   *
   * @param places tokens of a span that are predicted from its boundaries, the first ones; 0 for
   *     none
   */
  public static MaskedBatch of(
      List<MaskedTokens> blocks, PackedBatch.Positions positions, int places) {
    int[][] ids = blocks.stream().map(MaskedTokens::ids).toArray(int[][]::new);
    int[][] types = blocks.stream().map(MaskedBatch::tokenTypes).toArray(int[][]::new);
    PackedBatch packed = PackedBatch.of(ids, types, positions);
    IntStream.Builder rows = IntStream.builder();
    IntStream.Builder firstRows = IntStream.builder();
    IntStream.Builder relations = IntStream.builder();
    SpanTargets spans = new SpanTargets(places);
    for (int b = 0; b < blocks.size(); b++) {
      MaskedTokens masked = blocks.get(b);
      int start = packed.cuSeqlens()[b];
      for (int position : masked.positions()) {
        rows.add(start + position);
      }
      if (masked.block().nextSentence().isPresent()) {
        firstRows.add(start);
        relations.add(masked.block().nextSentence().getAsInt());
      }
      if (places > 0) {
        spans.add(masked, start);
      }
    }
    int[] labels = blocks.stream().flatMapToInt(masked -> IntStream.of(masked.labels())).toArray();
    return new MaskedBatch(
        packed,
        new PretrainingTargets(
            rows.build().toArray(),
            labels,
            spans.targets(),
            firstRows.build().toArray(),
            relations.build().toArray()));
  }

  private static int[] tokenTypes(MaskedTokens masked) {
    TokenBlock block = masked.block();
    return block.tokenTypes().length == 0 ? new int[block.ids().length] : block.tokenTypes();
  }

  /** Tokens that the span boundary objective predicts, collected in the order of the rows. */
  private static final class SpanTargets {
    private final int places;
    private final IntStream.Builder rows = IntStream.builder();
    private final IntStream.Builder left = IntStream.builder();
    private final IntStream.Builder right = IntStream.builder();
    private final IntStream.Builder offsets = IntStream.builder();
    private final IntStream.Builder labels = IntStream.builder();
    private int lastRow = -1;
    private int count;

    SpanTargets(int places) {
      this.places = places;
    }

    void add(MaskedTokens masked, int start) {
      for (TokenRange span : masked.boundedSpans()) {
        int before = place(start + span.from() - 1);
        int after = place(start + span.to());
        for (int i = 0; i < Math.min(span.length(), places); i++) {
          left.add(before);
          right.add(after);
          offsets.add(i);
          labels.add(masked.block().ids()[span.from() + i]);
        }
      }
    }

    /** Spans come in order, so the token between two of them is the last one that was added. */
    private int place(int row) {
      if (row != lastRow) {
        rows.add(row);
        lastRow = row;
        count++;
      }
      return count - 1;
    }

    PretrainingTargets.Spans targets() {
      return PretrainingTargets.Spans.of(
          rows.build().toArray(),
          left.build().toArray(),
          right.build().toArray(),
          offsets.build().toArray(),
          labels.build().toArray());
    }
  }
}
