package org.mirror4j.bert;

import org.mirror4j.text.PackedBatch;

/** Token ids as a pooling needs them. */
public final class Packing {
  private Packing() {}

  /**
   * Packs sequences with the positions of an architecture: end to end, or each padded to {@code
   * maxLength} for {@link Pooling#MEAN_PADDED}.
   *
   * @param padId the id that is padded with
   */
  public static PackedBatch of(
      int[][] sequences, BertConfig config, Pooling pooling, int maxLength, int padId) {
    return pooling == Pooling.MEAN_PADDED
        ? PackedBatch.padded(sequences, config.positions(), maxLength, padId)
        : PackedBatch.of(sequences, config.positions());
  }
}
