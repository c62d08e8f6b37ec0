package org.mirror4j.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.mirror4j.tensor.DType;

/**
 * Conversion between f32 in memory and the little-endian floats of a file. Widening of f16 and bf16
 * is exact; what rounds, rounds to nearest, ties to even, overflows to infinity and keeps NaN a
 * NaN.
 */
public final class FloatConversion {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat NATIVE = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Elements that are converted at a time, in arrays: those are fast before they are compiled. */
  private static final int BLOCK = 4096;

  private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  private FloatConversion() {}

  /** Whether elements of that type are floats, which {@link #widen} gives as f32. */
  public static boolean isFloat(DType dtype) {
    return switch (dtype) {
      case F32, F16, BF16, F64 -> true;
      case I32, I64 -> false;
    };
  }

  /**
   * Gives {@code count} little-endian elements as f32; those of f64 are rounded.
   *
   * @param from {@code count * dtype.bytes()} bytes, any alignment
   * @param to {@code 4 * count} bytes, overwritten
   */
  public static void widen(MemorySegment from, DType dtype, MemorySegment to, long count) {
    switch (dtype) {
      case F32 ->
          MemorySegment.copy(from, FLOAT, 0, to, NATIVE, 0, count); // swaps bytes where needed
      case F16, BF16 -> {
        short[] bits = new short[(int) Math.min(BLOCK, count)];
        float[] values = new float[bits.length];
        for (long i = 0; i < count; i += BLOCK) {
          int length = (int) Math.min(BLOCK, count - i);
          MemorySegment.copy(from, SHORT, 2 * i, bits, 0, length);
          widen(bits, dtype, values, length);
          MemorySegment.copy(values, 0, to, NATIVE, 4 * i, length);
        }
      }
      case F64 -> {
        double[] wide = new double[(int) Math.min(BLOCK, count)];
        float[] values = new float[wide.length];
        for (long i = 0; i < count; i += BLOCK) {
          int length = (int) Math.min(BLOCK, count - i);
          MemorySegment.copy(from, DOUBLE, 8 * i, wide, 0, length);
          for (int j = 0; j < length; j++) {
            values[j] = (float) wide[j];
          }
          MemorySegment.copy(values, 0, to, NATIVE, 4 * i, length);
        }
      }
      case I32, I64 ->
          throw new IllegalArgumentException(
              "elements are " + dtype.label() + ", expected f32, f16, bf16 or f64");
    }
  }

  /**
   * Refuses what is no number: one pass over the exponents.
   *
   * @param tensor its name, for the message
   * @param values f32 in the byte order of this machine
   * @throws CheckpointException naming the first element that is infinite or NaN
   */
  public static void requireFinite(String tensor, MemorySegment values) {
    long count = values.byteSize() / 4;
    int[] bits = new int[(int) Math.min(BLOCK, count)];
    for (long i = 0; i < count; i += BLOCK) {
      int length = (int) Math.min(BLOCK, count - i);
      MemorySegment.copy(values, ValueLayout.JAVA_INT_UNALIGNED, 4 * i, bits, 0, length);
      int largest = 0;
      for (int j = 0; j < length; j++) {
        largest = Math.max(largest, bits[j] & Integer.MAX_VALUE);
      }
      // Of the bits without the sign, infinity's are the smallest that are no finite number's.
      for (int j = 0; largest >= INFINITY && j < length; j++) {
        if ((bits[j] & Integer.MAX_VALUE) >= INFINITY) {
          throw new CheckpointException(
              "tensor %s: element %d is %s, expected a finite number"
                  .formatted(
                      CheckpointException.quote(tensor), i + j, Float.intBitsToFloat(bits[j])));
        }
      }
    }
  }

  /**
   * Narrows {@code count} f32 to little-endian elements.
   *
   * @param from {@code 4 * count} bytes
   * @param to {@code count * dtype.bytes()} bytes, overwritten
   */
  public static void narrow(MemorySegment from, MemorySegment to, DType dtype, long count) {
    switch (dtype) {
      case F32 -> MemorySegment.copy(from, NATIVE, 0, to, FLOAT, 0, count);
      case F16, BF16 -> {
        float[] values = new float[(int) Math.min(BLOCK, count)];
        short[] bits = new short[values.length];
        for (long i = 0; i < count; i += BLOCK) {
          int length = (int) Math.min(BLOCK, count - i);
          MemorySegment.copy(from, NATIVE, 4 * i, values, 0, length);
          narrow(values, dtype, bits, length);
          MemorySegment.copy(bits, 0, to, SHORT, 2 * i, length);
        }
      }
      case F64, I32, I64 ->
          throw new IllegalArgumentException(
              "elements are " + dtype.label() + ", expected f32, f16 or bf16");
    }
  }

  private static void widen(short[] bits, DType dtype, float[] values, int count) {
    if (dtype == DType.F16) {
      for (int i = 0; i < count; i++) {
        values[i] = Float.float16ToFloat(bits[i]);
      }
    } else {
      for (int i = 0; i < count; i++) {
        values[i] = bfloat16ToFloat(bits[i]);
      }
    }
  }

  private static void narrow(float[] values, DType dtype, short[] bits, int count) {
    if (dtype == DType.F16) {
      for (int i = 0; i < count; i++) {
        bits[i] = Float.floatToFloat16(values[i]);
      }
    } else {
      for (int i = 0; i < count; i++) {
        bits[i] = floatToBfloat16(values[i]);
      }
    }
  }

  /** The float whose upper half is the given bits. */
  public static float bfloat16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The nearest bfloat16, ties to the one with an even last bit. */
  public static short floatToBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      // Rounding could carry a NaN into infinity; setting the quiet bit keeps it a NaN.
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }
}
