package org.mirror4j.device.ptx;

import static java.lang.Float.floatToRawIntBits;
import static java.lang.Float.intBitsToFloat;

import org.mirror4j.device.ptx.number.Clamp;
import org.mirror4j.device.ptx.number.FloatFormat;
import org.mirror4j.device.ptx.number.FloatToInt;
import org.mirror4j.device.ptx.number.NarrowFloat;
import org.mirror4j.device.ptx.number.Rounding;
import org.mirror4j.device.ptx.syntax.Register.Width;
import org.mirror4j.device.ptx.syntax.Type;

/** {@code cvt} (ISA 9.7.9.21), by a source that gives a number and a sink that rounds it. */
final class Conversions {
  private static final int LANES = Warp.LANES;

  /** The bits that come out of the bits that go in. */
  @FunctionalInterface
  private interface BitsToBits {
    long convert(long bits);
  }

  private Conversions() {}

  static DecodedOperation convert(InstructionDecoder decoder) {
    ConversionModifiers modifiers = ConversionModifiers.of(decoder);
    Type to = modifiers.to();
    Type from = modifiers.from();
    if (modifiers.isPair()) {
      return pair(decoder, modifiers);
    }
    decoder.end(2);
    boolean integers = ConversionModifiers.isInteger(to) || ConversionModifiers.isInteger(from);
    int d = decoder.destination(decoder.operand(0), register(to), integers);
    int a = decoder.source(decoder.operand(1), register(from), integers);
    Width width = decoder.widthOf(decoder.operand(0), register(to));
    Width sourceWidth = decoder.widthOf(decoder.operand(1), register(from));
    Operation usual = usual(modifiers, width, sourceWidth, d, a);
    return DecodedOperation.lanes(
        usual != null ? usual : general(function(modifiers), width, sourceWidth, d, a));
  }

  /** A TF32 lies in a register of any type of 32 bits. */
  private static Type register(Type type) {
    return type == Type.TF32 ? Type.B32 : type;
  }

  /** The conversions of inner loops; null for the others. */
  private static Operation usual(
      ConversionModifiers modifiers, Width width, Width sourceWidth, int d, int a) {
    if (modifiers.relu() || modifiers.flush() || modifiers.saturate()) {
      return null;
    }
    boolean nearest = modifiers.rounding() == Rounding.NEAREST_EVEN;
    boolean wordToWide = width == Width.B64 && sourceWidth == Width.B32;
    return switch (modifiers.to().toString() + modifiers.from()) {
      case ".u64.u32" -> wordToWide ? widen(d, a, 0xFFFFFFFFL) : null;
      case ".s64.s32" -> wordToWide ? widen(d, a, -1) : null;
      case ".f32.f16" ->
          (warp, mask) -> {
            for (int i = 0; i < LANES; i++) {
              warp.words[d + i] = floatToRawIntBits(NarrowFloat.halfToFloat(warp.halves[a + i]));
            }
          };
      case ".f32.bf16" ->
          (warp, mask) -> {
            for (int i = 0; i < LANES; i++) {
              warp.words[d + i] = warp.halves[a + i] << 16;
            }
          };
      case ".f16.f32" ->
          nearest
              ? (warp, mask) -> {
                for (int i = 0; i < LANES; i++) {
                  warp.halves[d + i] = NarrowFloat.toHalf(intBitsToFloat(warp.words[a + i]));
                }
              }
              : null;
      case ".bf16.f32" ->
          nearest
              ? (warp, mask) -> {
                for (int i = 0; i < LANES; i++) {
                  warp.halves[d + i] = NarrowFloat.toBfloat16(intBitsToFloat(warp.words[a + i]));
                }
              }
              : null;
      default -> null;
    };
  }

  private static Operation widen(int d, int a, long keep) {
    return (warp, mask) -> {
      for (int i = 0; i < LANES; i++) {
        warp.wides[d + i] = warp.words[a + i] & keep;
      }
      LaneLoops.forgetOrigin(warp, d);
    };
  }

  private static Operation general(
      BitsToBits function, Width width, Width sourceWidth, int d, int a) {
    return (warp, mask) -> {
      for (int i = 0; i < LANES; i++) {
        long in =
            switch (sourceWidth) {
              case B16 -> warp.halves[a + i];
              case B32 -> warp.words[a + i];
              default -> warp.wides[a + i];
            };
        long out = function.convert(in);
        switch (width) {
          case B16 -> warp.halves[d + i] = (short) out;
          case B32 -> warp.words[d + i] = (int) out;
          default -> warp.wides[d + i] = out;
        }
      }
      if (width == Width.B64) {
        LaneLoops.forgetOrigin(warp, d);
      }
    };
  }

  private static BitsToBits function(ConversionModifiers modifiers) {
    Type to = modifiers.to();
    Type from = modifiers.from();
    boolean integerTo = ConversionModifiers.isInteger(to);
    if (ConversionModifiers.isInteger(from)) {
      return integerTo
          ? bits -> toInteger(extend(bits, from), from, to, modifiers.saturate())
          : bits -> fromInteger(extend(bits, from), modifiers);
    }
    if (integerTo) {
      Rounding rounding = modifiers.rounding();
      boolean signed = to.isSigned();
      return from == Type.F64
          ? bits -> FloatToInt.fromDouble(value(bits, from), rounding, to.bits(), signed)
          : bits ->
              FloatToInt.fromFloat(
                  (float) flushed(value(bits, from), modifiers), rounding, to.bits(), signed);
    }
    return bits -> fromFloat(value(bits, from), modifiers);
  }

  /** A register's value as its type reads it, in 64 bits; registers may be wider than the type. */
  private static long extend(long bits, Type type) {
    int unused = 64 - type.bits();
    return type.isSigned() ? bits << unused >> unused : bits << unused >>> unused;
  }

  private static long toInteger(long value, Type from, Type to, boolean saturate) {
    if (!saturate) {
      return extend(value, to);
    }
    boolean huge = value < 0 && !from.isSigned();
    if (to.isSigned()) {
      long most = Long.MAX_VALUE >> 64 - to.bits();
      return huge ? most : Math.clamp(value, -most - 1, most);
    }
    long most = -1L >>> 64 - to.bits();
    boolean negative = value < 0 && from.isSigned();
    return negative ? 0 : Long.compareUnsigned(value, most) > 0 ? most : value;
  }

  /** Integers of up to 32 bits are exact in f64; those of 64 only ever round to nearest. */
  private static long fromInteger(long value, ConversionModifiers modifiers) {
    boolean huge = value < 0 && !modifiers.from().isSigned();
    if (modifiers.to() == Type.F64) {
      // The lowest bit stands for all that a shift drops, and half of an even number rounds as
      // the number does.
      double nearest = huge ? 2.0 * (value >>> 1 | value & 1) : value;
      return Double.doubleToRawLongBits(modifiers.saturate() ? Clamp.unit(nearest) : nearest);
    }
    float nearest = huge ? 2.0f * (value >>> 1 | value & 1) : value;
    float rounded =
        modifiers.rounding() == Rounding.NEAREST_EVEN
            ? nearest
            : NarrowFloat.toFloat(value, modifiers.rounding());
    return floatToRawIntBits(modifiers.saturate() ? Clamp.unit(rounded) : rounded);
  }

  private static double value(long bits, Type type) {
    return switch (type) {
      case F16 -> NarrowFloat.halfToFloat((short) bits);
      case BF16 -> NarrowFloat.bfloat16ToFloat((short) bits);
      case F32 -> intBitsToFloat((int) bits);
      default -> Double.longBitsToDouble(bits);
    };
  }

  /** {@code .ftz} is for f32 only, in and out. */
  private static double flushed(double value, ConversionModifiers modifiers) {
    boolean flushes = modifiers.flush() && modifiers.from() == Type.F32;
    return flushes ? Clamp.flush((float) value) : value;
  }

  private static long fromFloat(double source, ConversionModifiers modifiers) {
    double value = flushed(source, modifiers);
    if (modifiers.whole()) {
      value = FloatToInt.integral(value, modifiers.rounding());
    }
    if (modifiers.relu()) {
      value = Clamp.relu(value);
    }
    if (modifiers.saturate()) {
      value = Clamp.unit(value);
    }
    Rounding rounding = modifiers.rounding() == null ? Rounding.NEAREST_EVEN : modifiers.rounding();
    return switch (modifiers.to()) {
      case F16 -> NarrowFloat.toHalf(value, rounding);
      case BF16 -> NarrowFloat.toBfloat16(value, rounding);
      case TF32 -> NarrowFloat.toTf32((float) value);
      case F64 -> Double.doubleToRawLongBits(value);
      default -> {
        int bits = FloatFormat.F32.round(value, rounding);
        yield modifiers.flush() ? FloatArithmetic.flush(bits) : bits;
      }
    };
  }

  /** {@code cvt.rn.f16x2.f32 d, a, b}: a becomes the upper half. */
  private static DecodedOperation pair(InstructionDecoder decoder, ConversionModifiers modifiers) {
    decoder.end(3);
    int d = decoder.destination(decoder.operand(0), Type.B32, false);
    int a = decoder.source(1, Type.F32);
    int b = decoder.source(2, Type.F32);
    Rounding rounding = modifiers.rounding();
    boolean half = modifiers.to() == Type.F16X2;
    boolean relu = modifiers.relu();
    return DecodedOperation.lanes(
        (warp, mask) -> {
          int[] words = warp.words;
          for (int i = 0; i < LANES; i++) {
            short upper = narrow(intBitsToFloat(words[a + i]), half, relu, rounding);
            short lower = narrow(intBitsToFloat(words[b + i]), half, relu, rounding);
            words[d + i] = NarrowFloat.pack(upper, lower);
          }
        });
  }

  private static short narrow(float source, boolean half, boolean relu, Rounding rounding) {
    float value = relu ? (float) Clamp.relu(source) : source;
    if (rounding == Rounding.NEAREST_EVEN) {
      return half ? NarrowFloat.toHalf(value) : NarrowFloat.toBfloat16(value);
    }
    return half ? NarrowFloat.toHalf(value, rounding) : NarrowFloat.toBfloat16(value, rounding);
  }
}
