package org.mirror4j.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;

/**
 * A batch as a framework without packed sequences takes it: every view padded to one length.
 *
 * @param tokenIds i64[views, length]
 * @param scoreMask [views, 1, 1, length], added to attention scores: 0 for text, -1e9 for padding
 * @param textMask [views, length, 1], 1 for text, 0 for padding
 * @param textLengths [views, 1]
 */
public record PaddedBatch(
    NDArray tokenIds, NDArray scoreMask, NDArray textMask, NDArray textLengths) {
  /** Finite, so that no gradient multiplies 0 by infinity. */
  private static final float MASKED = -1e9f;

  /** Pads to {@code length}; the pad token has id 0. */
  public static PaddedBatch of(NDManager manager, int[][] views, int length) {
    long[] ids = new long[views.length * length];
    float[] scores = new float[ids.length];
    float[] text = new float[ids.length];
    float[] lengths = new float[views.length];
    for (int view = 0; view < views.length; view++) {
      lengths[view] = views[view].length;
      for (int i = 0; i < length; i++) {
        int to = view * length + i;
        boolean real = i < views[view].length;
        ids[to] = real ? views[view][i] : 0;
        scores[to] = real ? 0 : MASKED;
        text[to] = real ? 1 : 0;
      }
    }
    return new PaddedBatch(
        manager.create(ids, new Shape(views.length, length)),
        manager.create(scores, new Shape(views.length, 1, 1, length)),
        manager.create(text, new Shape(views.length, length, 1)),
        manager.create(lengths, new Shape(views.length, 1)));
  }

  /** Mean over each view's text, [views, hidden]. */
  public NDArray mean(NDArray hidden) {
    return hidden.mul(textMask).sum(new int[] {1}).div(textLengths);
  }
}
