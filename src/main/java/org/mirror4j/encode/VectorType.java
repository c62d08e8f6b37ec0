package org.mirror4j.encode;

import java.nio.ByteBuffer;

/** How the values of a vector are written. */
public enum VectorType {
  /** IEEE 754 of 32 bits, as they are. */
  F32("<f4"),

  /** IEEE 754 of 16 bits, rounded to the nearest, ties to even. */
  F16("<f2"),

  /**
   * Whole numbers, round(127 x / max |x|) of each vector by itself: its direction, and so every
   * cosine, up to half of one 127th of its largest element; its length is lost.
   */
  INT8("|i1"),

  /**
   * Bits, 1 where x > 0: eight values a byte, the first one in the highest bit, and zeros after the
   * last one, as {@code numpy.packbits} has them.
   */
  BINARY("|u1");

  private static final float LARGEST_F16 = 65_504;
  private static final float LARGEST_INT8 = 127;

  private final String descr;

  VectorType(String descr) {
    this.descr = descr;
  }

  /** What NumPy calls the type of an element. */
  String descr() {
    return descr;
  }

  /** Elements that the values of a vector become. */
  int elements(int values) {
    return this == BINARY ? Math.ceilDiv(values, Byte.SIZE) : values;
  }

  /** Bytes of a vector. */
  int bytes(int values) {
    return switch (this) {
      case F32 -> Math.multiplyExact(values, Float.BYTES);
      case F16 -> Math.multiplyExact(values, Short.BYTES);
      case INT8, BINARY -> elements(values);
    };
  }

  /**
   * Appends a vector.
   *
   * @param to little-endian, with room
   * @param vector finite
   * @throws ArithmeticException if a value is too large for the type
   */
  void put(ByteBuffer to, float[] vector) {
    switch (this) {
      case F32 -> {
        for (float value : vector) {
          to.putFloat(value);
        }
      }
      case F16 -> {
        for (float value : vector) {
          short half = Float.floatToFloat16(value);
          if (!Float.isFinite(Float.float16ToFloat(half))) {
            throw new ArithmeticException(
                "a value of %s, expected at most %,.0f for f16".formatted(value, LARGEST_F16));
          }
          to.putShort(half);
        }
      }
      case INT8 -> {
        float largest = 0;
        for (float value : vector) {
          largest = Math.max(largest, Math.abs(value));
        }
        // Divided first: 127 over a tiny number would be infinite.
        for (float value : vector) {
          to.put((byte) (largest == 0 ? 0 : Math.rint(value / (double) largest * LARGEST_INT8)));
        }
      }
      case BINARY -> {
        for (int from = 0; from < vector.length; from += Byte.SIZE) {
          int bits = 0;
          for (int i = 0; i < Byte.SIZE && from + i < vector.length; i++) {
            bits |= vector[from + i] > 0 ? 1 << (Byte.SIZE - 1 - i) : 0;
          }
          to.put((byte) bits);
        }
      }
    }
  }
}
