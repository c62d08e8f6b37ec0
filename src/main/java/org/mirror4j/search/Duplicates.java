package org.mirror4j.search;

import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntConsumer;
import org.mirror4j.device.Device;

/**
 * Vectors that say again what one before them has said: in their order, each is kept unless its
 * similarity to one that is kept, in double, is at least a threshold. Memory is that of {@link
 * TopK}, however many are alike.
 */
public final class Duplicates {
  /** Stands for a vector that is kept. */
  public static final int KEPT = -1;

  private Duplicates() {}

  /**
   * Compares each vector with those that are kept before it.
   *
   * @param device of the calling thread
   * @param threshold the least similarity of a duplicate
   * @param progress is told how many vectors are decided
   * @return for each vector the row of the first that is kept and so alike, or {@link #KEPT}
   * @throws IllegalArgumentException if a value is not finite
   */
  public static int[] find(
      Device device,
      Vectors vectors,
      Similarity similarity,
      double threshold,
      IntConsumer progress) {
    int[] originals = new int[vectors.size()];
    Arrays.fill(originals, KEPT);
    if (originals.length > 0) {
      BlockProducts.Side side = BlockProducts.Side.of("vectors", vectors);
      int block = Math.min(vectors.size(), TopK.BLOCK);
      try (BlockProducts products = new BlockProducts(device, side, side, similarity, block)) {
        products.run(new Originals(products, vectors, similarity, threshold, originals, progress));
      }
    }
    return originals;
  }

  private static final class Originals extends Comparison {
    private final double threshold;
    private final int[] originals;
    private final IntConsumer progress;

    /** Of each query those of its own product that are alike, of which none is decided yet. */
    private final BitSet[] undecided;

    Originals(
        BlockProducts products,
        Vectors vectors,
        Similarity similarity,
        double threshold,
        int[] originals,
        IntConsumer progress) {
      super(products, vectors, vectors, similarity);
      this.threshold = threshold;
      this.originals = originals;
      this.progress = progress;
      undecided = new BitSet[products.queriesAtOnce()];
      Arrays.setAll(undecided, row -> new BitSet());
    }

    /** Those after a vector do not matter to it. */
    @Override
    public int to(int lastQuery, int size) {
      return lastQuery;
    }

    @Override
    public void take(int row, int start, int count) {
      if (originals[row] != KEPT) {
        return;
      }
      read(row);
      int decided = row - row % undecided.length;
      boolean isTooLong = products.isTooLong(row);
      for (int i = 0; i < count && start + i < row; i++) {
        int before = start + i;
        if (before < decided && originals[before] != KEPT) {
          continue;
        }
        if (isTooLong || products.middle(row, i) + products.margin(row, i) >= threshold) {
          if (exact(before) >= threshold) {
            if (before < decided) {
              originals[row] = before;
              return;
            }
            undecided[row - decided].set(before - decided);
          }
        }
      }
    }

    @Override
    public void end(int row) {
      int first = row - row % undecided.length;
      BitSet alike = undecided[row - first];
      for (int i = alike.nextSetBit(0);
          i >= 0 && originals[row] == KEPT;
          i = alike.nextSetBit(i + 1)) {
        if (originals[first + i] == KEPT) {
          originals[row] = first + i;
        }
      }
      alike.clear();
      progress.accept(row + 1);
    }
  }
}
