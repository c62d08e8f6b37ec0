package org.mirror4j.method.pretrain;

import org.mirror4j.text.MaskedTokens;
import org.mirror4j.text.PackedBatch;

/**
 * A packed batch of masked sequences with what is to be predicted.
 *
 * @param packed with the masked ids
 * @param rows packed rows of the masked tokens, ascending
 * @param labels original ids of these rows
 */
public record MaskedBatch(PackedBatch packed, int[] rows, int[] labels) {

  /** Packs masked sequences. */
  static MaskedBatch of(MaskedTokens[] sequences, PackedBatch.Positions positions) {
    int[][] ids = new int[sequences.length][];
    int predictions = 0;
    for (int s = 0; s < sequences.length; s++) {
      ids[s] = sequences[s].ids();
      predictions += sequences[s].positions().length;
    }
    PackedBatch packed = PackedBatch.of(ids, positions);
    int[] rows = new int[predictions];
    int[] labels = new int[predictions];
    int next = 0;
    for (int s = 0; s < sequences.length; s++) {
      int[] masked = sequences[s].positions();
      for (int i = 0; i < masked.length; i++) {
        rows[next] = packed.cuSeqlens()[s] + masked[i];
        labels[next] = sequences[s].labels()[i];
        next++;
      }
    }
    return new MaskedBatch(packed, rows, labels);
  }

  /** Masked tokens of the batch. */
  public int predictions() {
    return rows.length;
  }
}
