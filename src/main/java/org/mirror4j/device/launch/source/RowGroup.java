package org.mirror4j.device.launch.source;

import java.util.List;
import java.util.Locale;
import org.mirror4j.tensor.DType;

/**
 * The PTX of the accesses {@code row4 ... .words} of a line, made together under one branch on
 * whether vectors are allowed.
 *
 * <p>Loads leave the words that they read: nothing that needs them stands between one load and the
 * next, and a register is not the target of two loads of which the assembler cannot tell that only
 * one takes place. So all loads of the line are in flight together.
 */
final class RowGroup {
  private final int line;
  private final StringBuilder zeros = new StringBuilder();
  private final StringBuilder vectors = new StringBuilder();
  private final StringBuilder singles = new StringBuilder();
  private boolean isEmpty = true;

  /**
   * A group without accesses.
   *
   * @param line number, which makes its labels unique
   */
  RowGroup(int line) {
    this.line = line;
  }

  /**
   * An access of four elements.
   *
   * @param guard predicate, perhaps with an exclamation mark, or null
   * @param values four f32 registers; of half precision the first two hold the words
   * @param base register that holds the address
   * @param offset bytes added to it
   * @param left register: elements to the end of the row
   * @param past how many of them lie before the address
   */
  void add(
      boolean load,
      DType dtype,
      String guard,
      List<String> values,
      String base,
      int offset,
      String left,
      int past) {
    boolean isHalf = dtype != DType.F32;
    List<String> words = isHalf ? values.subList(0, 2) : values;
    if (load) {
      words.forEach(word -> zeros.append("mov.b32 %s, 0; ".formatted(word)));
    }
    String vector = "{" + String.join(",", words) + "}";
    condition(vectors, left, past, guard);
    access(vectors, load, isHalf ? "v2.b32" : "v4.b32", vector, base, offset);
    for (int pair = 0; isHalf && !load && pair < 2; pair++) {
      singles.append("mov.b32 %s, %s; ".formatted(halves(pair), words.get(pair)));
    }
    for (int i = 0; i < 4; i++) {
      String single = isHalf ? "%row4_h" + i : words.get(i);
      if (isHalf && load) {
        singles.append("mov.b16 %s, 0; ".formatted(single));
      }
      condition(singles, left, past + i, guard);
      access(singles, load, isHalf ? "b16" : "b32", single, base, offset + i * dtype.bytes());
      if (isHalf && load && i % 2 == 1) {
        singles.append("mov.b32 %s, %s; ".formatted(words.get(i / 2), halves(i / 2)));
      }
    }
    isEmpty = false;
  }

  /** All accesses, or nothing. */
  String ptx() {
    if (isEmpty) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        " { .reg .pred %%row4_p; .reg .b16 %%row4_h<4>; %s@!%%p_vector bra.uni SINGLES_%d; "
            + "%sbra.uni ACCESSED_%d; SINGLES_%d: %sACCESSED_%d: }",
        zeros,
        line,
        vectors,
        line,
        line,
        singles,
        line);
  }

  private static String halves(int pair) {
    return "{%row4_h" + 2 * pair + ",%row4_h" + (2 * pair + 1) + "}";
  }

  private static void condition(StringBuilder text, String left, int past, String guard) {
    text.append(guard == null ? "setp.gt.s32" : "setp.gt.and.s32")
        .append(" %row4_p, ")
        .append(left)
        .append(", ")
        .append(past)
        .append(guard == null ? "" : ", " + guard)
        .append("; ");
  }

  private static void access(
      StringBuilder text, boolean load, String type, String registers, String base, int offset) {
    String address = offset == 0 ? "[" + base + "]" : "[" + base + "+" + offset + "]";
    text.append("@%row4_p ")
        .append(
            load
                ? "ld.global.%s %s, %s; ".formatted(type, registers, address)
                : "st.global.%s %s, %s; ".formatted(type, address, registers));
  }
}
