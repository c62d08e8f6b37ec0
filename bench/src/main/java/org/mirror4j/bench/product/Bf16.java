package org.mirror4j.bench.product;

/** The upper half of a binary32. */
final class Bf16 {
  private Bf16() {}

  /** The nearest bf16, ties to even, as the bits of a float. */
  static int bits(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (bits + 0x7FFF + (bits >>> 16 & 1)) & 0xFFFF0000;
  }

  /** The nearest bf16. */
  static float round(float value) {
    return Float.intBitsToFloat(bits(value));
  }
}
