package org.mirror4j.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.mirror4j.file.FileException;
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

  /** Of so few elements a method is called often, and compiled within the first tensors. */
  private static final int STEP = 256;

  private FloatConversion() {}

  /** Whether elements of that type are floats, which {@link #widen} gives as f32. */
  public static boolean isFloat(DType dtype) {
    return switch (dtype) {
      case F32, F16, BF16, F64 -> true;
      case INT8, I32, I64 -> false;
    };
  }

  /**
   * Gives {@code count} little-endian elements as f32; those of f64 are rounded.
   *
   * @param from {@code count * dtype.bytes()} bytes, any alignment
   * @param to {@code 4 * count} bytes, overwritten
   * @return whether all of them are finite as f32
   */
  public static boolean widen(MemorySegment from, DType dtype, MemorySegment to, long count) {
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
    return dtype == DType.F64
        ? areFinite(to, DType.F32, count) // large ones become infinite
        : areFinite(from, dtype, count);
  }

  /**
   * Refuses what is no number.
   *
   * @param file names the file in the message
   * @param tensor its name there
   * @param values f32 in the byte order of this machine
   * @throws FileException naming the first element that is infinite or NaN
   */
  public static void requireFinite(String file, String tensor, MemorySegment values) {
    long count = values.byteSize() / 4;
    for (long i = 0; i < count; i += BLOCK) {
      long length = Math.min(BLOCK, count - i);
      if (!areFinite(values.asSlice(4 * i, 4 * length), DType.F32, length)) {
        while (Float.isFinite(values.get(NATIVE, 4 * i))) {
          i++;
        }
        throw new FileException(
            "%s: tensor %s: element %d is %s, expected a finite number"
                .formatted(file, FileException.quote(tensor), i, values.get(NATIVE, 4 * i)));
      }
    }
  }

  /**
   * Whether all elements are numbers, by their exponents, as many at a time as a long holds: adding
   * one to a full exponent carries into the bit of the sign, which was cleared.
   *
   * @param from {@code count * dtype.bytes()} bytes, little-endian
   * @param dtype f32, f16 or bf16
   */
  public static boolean areFinite(MemorySegment from, DType dtype, long count) {
    long exponents;
    long ones;
    switch (dtype) {
      case F32 -> {
        exponents = 0x7F800000_7F800000L;
        ones = 0x00800000_00800000L;
      }
      case F16 -> {
        exponents = 0x7C00_7C00_7C00_7C00L;
        ones = 0x0400_0400_0400_0400L;
      }
      case BF16 -> {
        exponents = 0x7F80_7F80_7F80_7F80L;
        ones = 0x0080_0080_0080_0080L;
      }
      default -> throw new IllegalArgumentException("elements are " + dtype.label());
    }
    long bytes = count * dtype.bytes();
    long[] packed = new long[(int) Math.min(BLOCK, Math.ceilDiv(bytes, Long.BYTES))];
    long carries = 0;
    for (long at = 0; at < bytes; at += (long) BLOCK * Long.BYTES) {
      long length = Math.min((long) BLOCK * Long.BYTES, bytes - at);
      int longs = (int) Math.ceilDiv(length, Long.BYTES);
      packed[longs - 1] = 0; // the last may be filled in part only
      MemorySegment.copy(from, at, MemorySegment.ofArray(packed), 0, length);
      for (int i = 0; i < longs; i += STEP) {
        carries |= carries(packed, i, Math.min(i + STEP, longs), exponents, ones);
      }
    }
    return (carries & ~exponents & (exponents + ones)) == 0;
  }

  private static long carries(long[] packed, int from, int to, long exponents, long ones) {
    long carries = 0;
    for (int i = from; i < to; i++) {
      carries |= (packed[i] & exponents) + ones;
    }
    return carries;
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
