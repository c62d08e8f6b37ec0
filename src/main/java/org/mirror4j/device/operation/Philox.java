package org.mirror4j.device.operation;

/**
 * Philox4x32-10, the counter-based random number generator of Salmon et al., "Parallel random
 * numbers: as easy as 1, 2, 3" (SC 2011). Stateless: 128 bits of counter and 64 bits of key give
 * 128 random bits, the same on every device.
 */
public final class Philox {
  /** Multipliers of the two halves of a round. */
  public static final int MULTIPLIER_0 = 0xD2511F53, MULTIPLIER_1 = 0xCD9E8D57;

  /** What the two key words grow by after each round (golden ratio, square root of 3). */
  public static final int WEYL_0 = 0x9E3779B9, WEYL_1 = 0xBB67AE85;

  /** Number of rounds. */
  public static final int ROUNDS = 10;

  private Philox() {}

  /**
   * Random words of one counter.
   *
   * @param out four words, overwritten
   * @param key low and high word of the key
   * @param counter0 lowest word of the counter
   */
  public static void generate(
      int[] out, long key, int counter0, int counter1, int counter2, int counter3) {
    int c0 = counter0;
    int c1 = counter1;
    int c2 = counter2;
    int c3 = counter3;
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = (MULTIPLIER_0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long p1 = (MULTIPLIER_1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }
}
