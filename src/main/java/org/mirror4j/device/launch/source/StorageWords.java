package org.mirror4j.device.launch.source;

import java.util.List;
import org.mirror4j.tensor.DType;

/**
 * The PTX that rounds f32 values to halves, alone or two to a word, and that makes f32 of them
 * again. Lists are instructions whose registers the caller declares.
 */
final class StorageWords {
  private static final String HALVES = ".reg .b16 %half_l, %half_h; ";

  private StorageWords() {}

  /** A value to a half. */
  static String narrowing(DType dtype, String half, String value) {
    return "cvt.rn.%s.f32 %s, %s".formatted(dtype.label(), half, value);
  }

  /**
   * A half to a value.
   *
   * @param word a register that bf16 overwrites
   */
  static List<String> widening(DType dtype, String value, String half, String word) {
    return dtype == DType.F16
        ? List.of("cvt.f32.f16 %s, %s".formatted(value, half))
        : List.of(
            "cvt.u32.u16 %s, %s".formatted(word, half),
            "shl.b32 %s, %s, 16".formatted(word, word),
            "mov.b32 %s, %s".formatted(value, word));
  }

  /**
   * Two values to a word.
   *
   * @param low what becomes the lower half
   * @param halves two registers that f16 overwrites
   */
  static List<String> packing(
      DType dtype, String word, String low, String high, List<String> halves) {
    return dtype == DType.F16
        ? List.of(
            narrowing(dtype, halves.getFirst(), low),
            narrowing(dtype, halves.getLast(), high),
            "mov.b32 %s, {%s}".formatted(word, String.join(",", halves)))
        : List.of("cvt.rn.bf16x2.f32 %s, %s, %s".formatted(word, high, low));
  }

  /**
   * A word to the two values in it.
   *
   * @param word none of the other registers
   * @param halves two registers that f16 overwrites
   * @param widened a register that bf16 overwrites
   */
  static List<String> unpacking(
      DType dtype, String low, String high, String word, List<String> halves, String widened) {
    return dtype == DType.F16
        ? List.of(
            "mov.b32 {%s}, %s".formatted(String.join(",", halves), word),
            "cvt.f32.f16 %s, %s".formatted(low, halves.getFirst()),
            "cvt.f32.f16 %s, %s".formatted(high, halves.getLast()))
        : List.of(
            "shl.b32 %s, %s, 16".formatted(widened, word),
            "mov.b32 %s, %s".formatted(low, widened),
            "and.b32 %s, %s, 0xffff0000".formatted(widened, word),
            "mov.b32 %s, %s".formatted(high, widened));
  }

  /** A value rounded to storage and back, in a scope of its own. */
  static String round(DType dtype, String to, String from) {
    if (dtype == DType.F32) {
      return "mov.f32 " + to + ", " + from + ";";
    }
    return "{ .reg .b16 %half_h; .reg .b32 %half_r; "
        + narrowing(dtype, "%half_h", from)
        + "; "
        + text(widening(dtype, to, "%half_h", "%half_r"))
        + "}";
  }

  /** {@link #packing} in a scope of its own, if it needs one. */
  static String pack(DType dtype, String word, String low, String high) {
    String text = text(packing(dtype, word, low, high, halves()));
    return dtype == DType.F16 ? "{ " + HALVES + text + "}" : text.strip();
  }

  /** {@link #unpacking} in a scope of its own. */
  static String unpack(DType dtype, String low, String high, String word) {
    return "{ "
        + HALVES
        + ".reg .b32 %half_r; "
        + text(unpacking(dtype, low, high, word, halves(), "%half_r"))
        + "}";
  }

  /**
   * Four values to two words of halves, in the first two of their registers.
   *
   * @param values f32 registers
   */
  static String pack(DType dtype, List<String> values) {
    StringBuilder text = new StringBuilder("{ " + HALVES + ".reg .b32 %half_r; ");
    for (int pair = 0; pair < 2; pair++) {
      String low = values.get(2 * pair);
      String high = values.get(2 * pair + 1);
      text.append(text(packing(dtype, "%half_r", low, high, halves())));
      text.append("mov.b32 ").append(values.get(pair)).append(", %half_r; ");
    }
    return text.append("}").toString();
  }

  /**
   * Two words of halves, in the first two of four registers, to the four values in these.
   *
   * @param values f32 registers
   */
  static String unpack(DType dtype, List<String> values) {
    StringBuilder text = new StringBuilder("{ " + HALVES + ".reg .b32 %half_r, %half_s; ");
    for (int pair = 1; pair >= 0; pair--) {
      String low = values.get(2 * pair);
      String high = values.get(2 * pair + 1);
      text.append("mov.b32 %half_r, ").append(values.get(pair)).append("; ");
      text.append(text(unpacking(dtype, low, high, "%half_r", halves(), "%half_s")));
    }
    return text.append("}").toString();
  }

  private static List<String> halves() {
    return List.of("%half_l", "%half_h");
  }

  private static String text(List<String> instructions) {
    return String.join("; ", instructions) + "; ";
  }
}
