package org.mirror4j.text;

/**
 * Random numbers of one item in one epoch: SplitMix64 (Steele, Lea, Flood 2014) started from a hash
 * of what the numbers are for, the seed, the epoch and the item. They depend on nothing else, so
 * not on the order in which items are read or on the number of threads.
 */
public final class ItemRandom {
  /** What the numbers are for, so that two uses with one seed share none. */
  public enum Use {
    /** Masking of a text. */
    SPAN_MASK,
    /** Masking of a block of tokens. */
    MASKED_BLOCK,
    /** Length and second segment of a block. */
    BLOCK,
    /** Order of blocks. */
    SHUFFLED_BLOCKS,
    /** Part of a document that is too long to learn from whole. */
    DOCUMENT_WINDOW
  }

  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  private long state;

  /**
   * The first number of an item is next.
   *
   * @param item from 0; up to 2^32 items have numbers of their own in each epoch
   */
  public ItemRandom(Use use, long seed, int epoch, long item) {
    state = mix(seed + GOLDEN_RATIO * (use.ordinal() + 1));
    state = mix(state ^ (long) epoch << 32 ^ item);
  }

  /** Uniform in 0 to {@code bound} - 1, but for a bias below bound / 2^64. */
  public int below(int bound) {
    return (int) below((long) bound);
  }

  /** Uniform in 0 to {@code bound} - 1, but for a bias below bound / 2^64. */
  public long below(long bound) {
    state += GOLDEN_RATIO;
    return Math.unsignedMultiplyHigh(mix(state), bound);
  }

  /** Uniform in [0, 1), a multiple of 2^-53. */
  public double unit() {
    state += GOLDEN_RATIO;
    return (mix(state) >>> 11) * 0x1p-53;
  }

  /** The finaliser of SplitMix64, a bijection. */
  private static long mix(long bits) {
    bits = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
    bits = (bits ^ bits >>> 27) * 0x94D049BB133111EBL;
    return bits ^ bits >>> 31;
  }
}
