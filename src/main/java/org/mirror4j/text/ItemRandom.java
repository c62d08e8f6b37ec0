package org.mirror4j.text;

/**
 * Random numbers of one item in one epoch: SplitMix64 (Steele, Lea, Flood 2014) started from a hash
 * of what the numbers are for, the seed, the epoch and the item. They depend on nothing else, so
 * not on the order in which items are read or on the number of threads.
 */
final class ItemRandom {
  /** What the numbers are for, so that two uses with one seed share none. */
  enum Use {
    SPAN_MASK,
    MASKED_TOKENS
  }

  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  private long state;

  ItemRandom(Use use, long seed, int epoch, int item) {
    state = mix(seed + GOLDEN_RATIO * (use.ordinal() + 1));
    state = mix(state ^ ((long) epoch << 32 | Integer.toUnsignedLong(item)));
  }

  /** Uniform in 0 to {@code bound} - 1, but for a bias below bound / 2^64. */
  int below(int bound) {
    state += GOLDEN_RATIO;
    return (int) Math.unsignedMultiplyHigh(mix(state), bound);
  }

  /** The finaliser of SplitMix64, a bijection. */
  private static long mix(long bits) {
    bits = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
    bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
    return bits ^ bits >>> 31;
  }
}
