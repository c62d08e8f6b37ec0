package org.mirror4j.device.ptx;

import org.mirror4j.device.ptx.number.Rounding;
import org.mirror4j.device.ptx.syntax.Type;

/**
 * What the modifiers of {@code cvt} say.
 *
 * @param rounding null if none is given
 * @param whole the rounding is one to a whole number
 */
record ConversionModifiers(
    Rounding rounding,
    boolean whole,
    boolean relu,
    boolean flush,
    boolean saturate,
    Type to,
    Type from) {

  /**
   * Reads them and refuses what the ISA forbids: narrowing without a rounding, one where nothing is
   * rounded, a rounding to a whole number where none results.
   */
  static ConversionModifiers of(InstructionDecoder decoder) {
    String name = decoder.peek();
    Rounding rounding =
        switch (name) {
          case "rn", "rni" -> Rounding.NEAREST_EVEN;
          case "rna" -> Rounding.NEAREST_AWAY;
          case "rz", "rzi" -> Rounding.ZERO;
          case "rm", "rmi" -> Rounding.DOWN;
          case "rp", "rpi" -> Rounding.UP;
          default -> null;
        };
    if (rounding != null) {
      decoder.takeAny();
    }
    boolean whole = rounding != null && name.endsWith("i");
    boolean relu = decoder.take("relu");
    boolean flush = decoder.take("ftz");
    boolean saturate = decoder.take("sat");
    Type to = decoder.type();
    Type from = decoder.type();
    ConversionModifiers modifiers =
        new ConversionModifiers(rounding, whole, relu, flush, saturate, to, from);
    if (!modifiers.isLegal()) {
      throw decoder.unsupported();
    }
    return modifiers;
  }

  private boolean isLegal() {
    boolean integers = isInteger(to) && isInteger(from);
    boolean single = to == Type.F32 || from == Type.F32;
    boolean narrowFloat = to.isFloat() && to.bits() < 32 || isPair();
    if (!isInteger(to) && !to.isFloat() || !isInteger(from) && !from.isFloat()) {
      return false;
    }
    if (from == Type.F16X2 || from == Type.BF16X2 || from == Type.TF32) {
      return false;
    }
    if (relu && !(narrowFloat && from == Type.F32) || flush && !single) {
      return false;
    }
    if (to == Type.TF32) {
      return from == Type.F32 && rounding == Rounding.NEAREST_AWAY && !relu && !saturate;
    }
    if (rounding == Rounding.NEAREST_AWAY) {
      return false;
    }
    if (isPair()) {
      return from == Type.F32
          && (rounding == Rounding.NEAREST_EVEN || rounding == Rounding.ZERO)
          && !whole
          && !saturate;
    }
    if (integers) {
      return rounding == null;
    }
    if (isInteger(to)) {
      // Clamping is what float to integer does anyway.
      return whole && !saturate;
    }
    if (isInteger(from)) {
      boolean exact = from.bits() < 64 || rounding == Rounding.NEAREST_EVEN;
      return rounding != null && !whole && exact && to.bits() >= 32;
    }
    return isFloatToFloat();
  }

  private boolean isFloatToFloat() {
    if (to == from) {
      return whole && (to == Type.F32 || to == Type.F64) || rounding == null && saturate;
    }
    boolean narrowing = to.bits() < from.bits();
    return to.bits() != from.bits() && !whole && narrowing == (rounding != null);
  }

  /** Two values of 16 bits in a word. */
  boolean isPair() {
    return to == Type.F16X2 || to == Type.BF16X2;
  }

  static boolean isInteger(Type type) {
    return type.kind() == Type.Kind.UNSIGNED || type.kind() == Type.Kind.SIGNED;
  }
}
