package org.mirror4j.device.ptx.lanes;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Puts what all lanes of a warp computed into a register, in the lanes of a mask. Nothing is stored
 * under a mask: processors without AVX-512 may take ten times as long for that, and loads of what
 * was stored so wait for it.
 */
public final class LaneMerge {
  private static final int LANES = 32;
  private static final VectorSpecies<Integer> WORDS = LaneSpecies.WORDS;
  private static final VectorSpecies<Long> WIDES = LaneSpecies.WIDES;

  private LaneMerge() {}

  /**
   * Merges words.
   *
   * @param to place of the register
   * @param from place of what was computed
   */
  public static void words(int[] words, int to, int from, int mask) {
    for (int i = 0; i < LANES; i += WORDS.length()) {
      VectorMask<Integer> some = VectorMask.fromLong(WORDS, mask >>> i);
      IntVector made = IntVector.fromArray(WORDS, words, from + i);
      IntVector.fromArray(WORDS, words, to + i).blend(made, some).intoArray(words, to + i);
    }
  }

  /** Merges double words; arguments as of {@link #words}. */
  public static void wides(long[] wides, int to, int from, int mask) {
    for (int i = 0; i < LANES; i += WIDES.length()) {
      VectorMask<Long> some = VectorMask.fromLong(WIDES, mask >>> i);
      LongVector made = LongVector.fromArray(WIDES, wides, from + i);
      LongVector.fromArray(WIDES, wides, to + i).blend(made, some).intoArray(wides, to + i);
    }
  }
}
