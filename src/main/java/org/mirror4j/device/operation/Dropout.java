package org.mirror4j.device.operation;

/**
 * Which elements dropout keeps. No mask is stored: the decision for an element is a pure function
 * of seed, step, site and element, so the backward pass draws it again and every device agrees.
 *
 * <p>Element {@code column} of {@code row} in a site whose rows have {@code width} elements has the
 * index {@code i = row * roundUp(width, 8) + column}. Philox with {@code key = seed} and {@code
 * counter = (low(i / 8), high(i / 8), site, step)} gives four words, that is eight halves of 16
 * bits, lowest half first; half {@code i % 8} decides: the element is kept when its half, unsigned,
 * is at least {@code threshold = round(65536 rate)}, and then multiplied by {@code scale = 65536 /
 * (65536 - threshold)}, so the expectation is exact for the rounded rate.
 *
 * <p>Rows and widths: hidden sites have one row a token and width hiddenSize, a classifier's input
 * those of its matrix; attention probabilities have row {@code token * heads + head} and width
 * {@link #ATTENTION_WIDTH}, column = key within the sequence; heads have one row a sequence and
 * width numAttentionHeads. So what is drawn for an element depends on its place alone, never on how
 * large the batch is.
 *
 * <p>The step is the only state, set once before each forward pass.
 */
public final class Dropout {
  /** Keeps everything. */
  public static final Dropout NONE = new Dropout(0, 0, 0);

  /** Parts of a step that {@link #step(int, int)} tells apart. */
  public static final int MOST_PARTS = 512;

  /** Width of the rows of attention probabilities: no sequence is longer. */
  public static final int ATTENTION_WIDTH = 65536;

  private final long seed;
  private final int threshold;
  private final int headThreshold;
  private int step;

  /**
   * @param rate share of elements dropped at all places but whole heads, in [0, 1)
   * @param headRate share of attention heads dropped per sequence (drophead), in [0, 1)
   */
  public Dropout(double rate, double headRate, long seed) {
    this.seed = seed;
    this.threshold = threshold("dropout rate", rate);
    this.headThreshold = threshold("drophead rate", headRate);
  }

  private static int threshold(String what, double rate) {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException(what + " is " + rate + ", expected 0 <= rate < 1");
    }
    return Math.min(65535, (int) Math.round(rate * 65536));
  }

  /** Key of the generator. */
  public long seed() {
    return seed;
  }

  /** Number of the training step, the fourth counter word. */
  public int step() {
    return step;
  }

  /** Sets the number of the training step: every later draw is of that step. */
  public void step(int step) {
    this.step = step;
  }

  /**
   * The same for a step that is computed in parts. They have numbers that no step has: 2^23 steps
   * take years, and nine bits are left.
   *
   * @param part below {@link #MOST_PARTS}
   */
  public void step(int step, int part) {
    step(step + (part << 23));
  }

  /** Halves below this are dropped; 0 when dropout is off. */
  public int threshold() {
    return threshold;
  }

  /** Heads whose half is below this are dropped; 0 when drophead is off. */
  public int headThreshold() {
    return headThreshold;
  }

  /** What a kept element is multiplied by. */
  public float scale() {
    return 65536f / (65536 - threshold);
  }

  /** Elements from the start of one row to the start of the next, for rows of {@code width}. */
  public static long rowStride(int width) {
    return (width + 7L) / 8 * 8;
  }

  /**
   * The 16 bits that decide one element: the definition, one element at a time.
   *
   * @param words scratch of four words, overwritten
   * @param index element index as defined above
   */
  public int half(int[] words, int site, long index) {
    long block = index >>> 3;
    Philox.generate(words, seed, (int) block, (int) (block >>> 32), site, step);
    int half = (int) (index & 7);
    return words[half >>> 1] >>> (16 * (half & 1)) & 0xFFFF;
  }
}
