package org.mirror4j.device.launch.source;

import java.util.List;
import org.mirror4j.tensor.DType;

/** The PTX that packs f32 values into words of two halves, rounding, and unpacks them. */
final class StorageWords {
  private StorageWords() {}

  /**
   * Two words of halves, in the first two of four registers, to the four values in these.
   *
   * @param values f32 registers
   */
  static String unpack(DType dtype, List<String> values) {
    StringBuilder text = new StringBuilder("{ .reg .b16 %half_l, %half_h; .reg .b32 %half_r; ");
    for (int pair = 1; pair >= 0; pair--) {
      String word = values.get(pair);
      String low = values.get(2 * pair);
      String high = values.get(2 * pair + 1);
      text.append("mov.b32 %half_r, ").append(word).append("; ");
      if (dtype == DType.F16) {
        text.append("mov.b32 {%half_l,%half_h}, %half_r; ");
        text.append("cvt.f32.f16 ").append(high).append(", %half_h; ");
        text.append("cvt.f32.f16 ").append(low).append(", %half_l; ");
      } else {
        text.append("{ .reg .b32 %half_s; and.b32 %half_s, %half_r, 0xffff0000; ");
        text.append("mov.b32 ").append(high).append(", %half_s; ");
        text.append("shl.b32 %half_s, %half_r, 16; ");
        text.append("mov.b32 ").append(low).append(", %half_s; } ");
      }
    }
    return text.append("}").toString();
  }

  /**
   * Four values to two words of halves, in the first two of their registers.
   *
   * @param values f32 registers
   */
  static String pack(DType dtype, List<String> values) {
    StringBuilder text = new StringBuilder("{ .reg .b16 %half_l, %half_h; .reg .b32 %half_r; ");
    for (int pair = 0; pair < 2; pair++) {
      String low = values.get(2 * pair);
      String high = values.get(2 * pair + 1);
      if (dtype == DType.F16) {
        text.append("cvt.rn.f16.f32 %half_l, ").append(low).append("; ");
        text.append("cvt.rn.f16.f32 %half_h, ").append(high).append("; ");
        text.append("mov.b32 %half_r, {%half_l,%half_h}; ");
      } else {
        text.append("cvt.rn.bf16x2.f32 %half_r, ").append(high).append(", ").append(low);
        text.append("; ");
      }
      text.append("mov.b32 ").append(values.get(pair)).append(", %half_r; ");
    }
    return text.append("}").toString();
  }

  /**
   * Two values of f32 registers to a word of halves.
   *
   * @param low what becomes the lower half
   */
  static String pack(DType dtype, String word, String low, String high) {
    return dtype == DType.F16
        ? ("{ .reg .b16 %%half_l, %%half_h; cvt.rn.f16.f32 %%half_l, %s; cvt.rn.f16.f32 %%half_h,"
                + " %s; mov.b32 %s, {%%half_l,%%half_h}; }")
            .formatted(low, high, word)
        : "cvt.rn.bf16x2.f32 %s, %s, %s;".formatted(word, high, low);
  }

  /** A word of halves to the values of two f32 registers, the lower half first. */
  static String unpack(DType dtype, String low, String high, String word) {
    return dtype == DType.F16
        ? ("{ .reg .b16 %%half_l, %%half_h; mov.b32 {%%half_l,%%half_h}, %s; "
                + "cvt.f32.f16 %s, %%half_l; cvt.f32.f16 %s, %%half_h; }")
            .formatted(word, low, high)
        : ("{ .reg .b32 %%half_r; shl.b32 %%half_r, %s, 16; mov.b32 %s, %%half_r; "
                + "and.b32 %%half_r, %s, 0xffff0000; mov.b32 %s, %%half_r; }")
            .formatted(word, low, word, high);
  }
}
