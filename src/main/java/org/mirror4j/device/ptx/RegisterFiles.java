package org.mirror4j.device.ptx;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.ptx.syntax.EntrySyntax;
import org.mirror4j.device.ptx.syntax.Register;
import org.mirror4j.device.ptx.syntax.SpecialRegister;

/**
 * The plan of an entry's register files. Behind the declared registers of each width come the
 * constants, the special registers and one register as sink for results nobody wants: an operation
 * then needs no second form for them. A place in a file is that of lane 0.
 */
final class RegisterFiles {
  /** A register with the same bits in all lanes. */
  record Constant(int place, long bits) {}

  /** A register that holds a special one. */
  record Special(int place, SpecialRegister register) {}

  private final int[] counts = new int[Register.Width.values().length];
  private final List<List<Constant>> constants = new ArrayList<>();
  private final List<Special> specials = new ArrayList<>();
  private final int[] sinks = new int[counts.length];
  private boolean complete;

  RegisterFiles(EntrySyntax entry) {
    for (Register.Width width : Register.Width.values()) {
      constants.add(new ArrayList<>());
      counts[width.ordinal()] = entry.count(width);
      sinks[width.ordinal()] = place(width, counts[width.ordinal()]++);
    }
  }

  /** No constant or special register comes to them any more: warps have the files by now. */
  void complete() {
    complete = true;
  }

  private void requireIncomplete() {
    if (complete) {
      throw new IllegalStateException("a register is added to files that are complete");
    }
  }

  /** Number of registers of a width, all kinds together. */
  int count(Register.Width width) {
    return counts[width.ordinal()];
  }

  List<Constant> constants(Register.Width width) {
    return constants.get(width.ordinal());
  }

  List<Special> specials() {
    return specials;
  }

  int sink(Register.Width width) {
    return sinks[width.ordinal()];
  }

  int constant(Register.Width width, long bits) {
    for (Constant constant : constants(width)) {
      if (constant.bits() == bits) {
        return constant.place();
      }
    }
    requireIncomplete();
    int place = place(width, counts[width.ordinal()]++);
    constants(width).add(new Constant(place, bits));
    return place;
  }

  int special(SpecialRegister register) {
    for (Special special : specials) {
      if (special.register() == register) {
        return special.place();
      }
    }
    requireIncomplete();
    int place = place(Register.Width.B32, counts[Register.Width.B32.ordinal()]++);
    specials.add(new Special(place, register));
    return place;
  }

  /** First lane of a register; a predicate is one word with a bit a lane. */
  static int place(Register.Width width, int index) {
    return width == Register.Width.PREDICATE ? index : index * Warp.LANES;
  }
}
