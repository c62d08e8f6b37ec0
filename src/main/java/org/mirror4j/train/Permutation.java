package org.mirror4j.train;

import java.util.SplittableRandom;

/**
 * Orders of items that are a pure function of seed and epoch, so that a run can resume anywhere.
 */
public final class Permutation {
  private Permutation() {}

  /** The numbers below {@code size} in the order of an epoch (Fisher and Yates). */
  public static int[] of(int size, long seed, int epoch) {
    int[] order = inOrder(size);
    // A stream of its own for each epoch: the golden ratio keeps close seeds and epochs apart.
    SplittableRandom random = new SplittableRandom(seed ^ 0x9E3779B97F4A7C15L * (epoch + 1));
    for (int i = size - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  /** The numbers below {@code size}, ascending. */
  public static int[] inOrder(int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
    }
    return order;
  }
}
