package org.mirror4j.device.launch.source;

import java.util.List;
import org.mirror4j.tensor.DType;

/**
 * The PTX of one load or store of the storage notations, on one line and in a scope of its own.
 *
 * <p>There is no branch in it: a branch would end a run of instructions in which the assembler may
 * put a load ahead of the use of the one before it, so that each load of half precision would be
 * waited for where it stands.
 */
final class StorageAccess {
  private static final String PREDICATE = "%row4_p";

  private final boolean load;
  private final DType dtype;
  private final String guard;
  private final List<String> values;
  private final String base;
  private final int offset;
  private final StringBuilder text = new StringBuilder();
  private String left;
  private int past;
  private String ifVector = "%p_vector";
  private String ifSingle = "!%p_vector";

  /**
   * An access.
   *
   * @param guard predicate, perhaps with an exclamation mark, or null
   * @param values one f32 register or four
   * @param base register that holds the address
   * @param offset bytes added to it
   */
  StorageAccess(
      boolean load, DType dtype, String guard, List<String> values, String base, int offset) {
    this.load = load;
    this.dtype = dtype;
    this.guard = guard;
    this.values = values;
    this.base = base;
    this.offset = offset;
  }

  /**
   * All values. Where the guard does not hold, a load leaves its registers as they are; conversions
   * for a store are made all the same, since what is written under a guard alone would have to be
   * kept over all turns of a loop.
   */
  String whole() {
    boolean isSingle = values.size() == 1;
    if (dtype == DType.F32) {
      access(guard, isSingle ? "f32" : "v4.f32", isSingle ? values.getFirst() : vector(values), 0);
    } else if (isSingle) {
      text.append("{ .reg .b16 %half_h; .reg .b32 %half_r; ");
      single();
      text.append("}");
    } else {
      text.append("{ ");
      declareHalves();
      if (load) {
        access(guard, "v2.b32", vector(List.of(word(0), word(1))), 0);
        unpack(guard);
      } else {
        pack();
        access(guard, "v2.b32", vector(List.of(word(0), word(1))), 0);
      }
      text.append("}");
    }
    return text.toString().strip();
  }

  /**
   * Those of the four values of which the row has elements; the others read as 0.
   *
   * @param left register: elements to the end of the row
   * @param past how many of them lie before the address
   */
  String row(String left, int past) {
    this.left = left;
    this.past = past;
    text.append("{ .reg .pred ").append(PREDICATE).append("; ");
    if (guard != null) {
      guardRow();
    }
    if (dtype == DType.F32) {
      rowOfFloats();
    } else {
      rowOfHalves();
    }
    return text.append("}").toString();
  }

  private void rowOfFloats() {
    if (load) {
      values.forEach(value -> add(null, "mov.f32 " + value + ", 0f00000000"));
    }
    ifLeft(0, ifVector);
    access(PREDICATE, "v4.f32", vector(values), 0);
    for (int i = 0; i < values.size(); i++) {
      ifLeft(i, ifSingle);
      access(PREDICATE, "f32", values.get(i), i);
    }
  }

  private void rowOfHalves() {
    declareHalves();
    if (load) {
      add(null, "mov.b32 " + word(0) + ", 0");
      add(null, "mov.b32 " + word(1) + ", 0");
    } else {
      pack();
    }
    ifLeft(0, ifVector);
    access(PREDICATE, "v2.b32", vector(List.of(word(0), word(1))), 0);
    for (int i = 0; i < values.size(); i++) {
      ifLeft(i, ifSingle);
      if (load) {
        add(null, "mov.b16 " + half(i) + ", 0");
      }
      access(PREDICATE, "b16", half(i), i);
      if (load && i % 2 == 1) {
        add("!%p_vector", "mov.b32 " + word(i / 2) + ", " + vector(halves(i / 2)));
      }
    }
    if (load) {
      unpack(null);
    }
  }

  /** The two kinds of access, each under the guard as well. */
  private void guardRow() {
    text.append(".reg .pred %row4_v, %row4_s; ");
    String holds = guard;
    if (guard.startsWith("!")) {
      holds = PREDICATE;
      add(null, "not.pred " + PREDICATE + ", " + guard.substring(1));
    }
    ifVector = "%row4_v";
    ifSingle = "%row4_s";
    add(null, "and.pred %row4_v, %p_vector, " + holds);
    add(null, "not.pred %row4_s, %p_vector");
    add(null, "and.pred %row4_s, %row4_s, " + holds);
  }

  /** Whether more than {@code index} elements are left, and this kind of access is the one. */
  private void ifLeft(int index, String kind) {
    add(null, "setp.gt.and.s32 " + PREDICATE + ", " + left + ", " + (past + index) + ", " + kind);
  }

  /** A load or store of registers at an element from the address on. */
  private void access(String guard, String type, String registers, int element) {
    int bytes = offset + element * dtype.bytes();
    String address = bytes == 0 ? "[" + base + "]" : "[" + base + "+" + bytes + "]";
    add(
        guard,
        load
            ? "ld.global." + type + " " + registers + ", " + address
            : "st.global." + type + " " + address + ", " + registers);
  }

  /** One value of half precision. */
  private void single() {
    String value = values.getFirst();
    if (!load) {
      add(null, StorageWords.narrowing(dtype, "%half_h", value));
    }
    access(guard, "b16", "%half_h", 0);
    if (load) {
      StorageWords.widening(dtype, value, "%half_h", "%half_r").forEach(code -> add(guard, code));
    }
  }

  private void declareHalves() {
    text.append(".reg .b16 %half_h<4>; .reg .b32 %half_r<3>; ");
  }

  /** Two words of halves to the values. */
  private void unpack(String guard) {
    for (int pair = 0; pair < 2; pair++) {
      String low = values.get(2 * pair);
      String high = values.get(2 * pair + 1);
      StorageWords.unpacking(dtype, low, high, word(pair), halves(pair), word(2))
          .forEach(code -> add(guard, code));
    }
  }

  /** The values to halves, and these to two words. */
  private void pack() {
    for (int pair = 0; pair < 2; pair++) {
      String low = values.get(2 * pair);
      String high = values.get(2 * pair + 1);
      StorageWords.packing(dtype, word(pair), low, high, halves(pair))
          .forEach(code -> add(null, code));
      if (dtype == DType.BF16) {
        add(null, "mov.b32 " + vector(halves(pair)) + ", " + word(pair));
      }
    }
  }

  private static String half(int index) {
    return "%half_h" + index;
  }

  private static String word(int index) {
    return "%half_r" + index;
  }

  private static List<String> halves(int pair) {
    return List.of(half(2 * pair), half(2 * pair + 1));
  }

  private static String vector(List<String> registers) {
    return "{" + String.join(",", registers) + "}";
  }

  private void add(String guard, String instruction) {
    text.append(guard == null ? "" : "@" + guard + " ").append(instruction).append("; ");
  }
}
