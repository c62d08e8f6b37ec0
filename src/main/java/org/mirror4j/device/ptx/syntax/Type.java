package org.mirror4j.device.ptx.syntax;

import java.util.HashMap;
import java.util.Map;

/** Fundamental and packed types of PTX that the supported subset knows (ISA 5.2). */
public enum Type {
  PRED("pred", 1, Kind.PREDICATE),
  B8("b8", 8, Kind.BITS),
  B16("b16", 16, Kind.BITS),
  B32("b32", 32, Kind.BITS),
  B64("b64", 64, Kind.BITS),
  U8("u8", 8, Kind.UNSIGNED),
  U16("u16", 16, Kind.UNSIGNED),
  U32("u32", 32, Kind.UNSIGNED),
  U64("u64", 64, Kind.UNSIGNED),
  S8("s8", 8, Kind.SIGNED),
  S16("s16", 16, Kind.SIGNED),
  S32("s32", 32, Kind.SIGNED),
  S64("s64", 64, Kind.SIGNED),
  F16("f16", 16, Kind.FLOAT),
  BF16("bf16", 16, Kind.FLOAT),
  F16X2("f16x2", 32, Kind.FLOAT),
  BF16X2("bf16x2", 32, Kind.FLOAT),
  TF32("tf32", 32, Kind.FLOAT),
  F32("f32", 32, Kind.FLOAT),
  F64("f64", 64, Kind.FLOAT);

  /** How the bits of a value are read. */
  public enum Kind {
    PREDICATE,
    BITS,
    UNSIGNED,
    SIGNED,
    FLOAT
  }

  private static final Map<String, Type> BY_NAME = new HashMap<>();

  static {
    for (Type type : values()) {
      BY_NAME.put(type.text, type);
    }
  }

  private final String text;
  private final int bits;
  private final Kind kind;

  Type(String text, int bits, Kind kind) {
    this.text = text;
    this.bits = bits;
    this.kind = kind;
  }

  /**
   * The type of a name without its dot.
   *
   * @return null if there is no such type
   */
  public static Type named(String name) {
    return BY_NAME.get(name);
  }

  /** Width in bits; 1 for a predicate. */
  public int bits() {
    return bits;
  }

  /** Width in bytes. */
  public int bytes() {
    return bits / 8;
  }

  /** How the bits are read. */
  public Kind kind() {
    return kind;
  }

  /** True for s8 to s64. */
  public boolean isSigned() {
    return kind == Kind.SIGNED;
  }

  /** True for every floating-point type, packed ones too. */
  public boolean isFloat() {
    return kind == Kind.FLOAT;
  }

  @Override
  public String toString() {
    return "." + text;
  }
}
