package org.mirror4j.device.ptx;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import org.mirror4j.device.ptx.syntax.Instruction;
import org.mirror4j.device.ptx.syntax.Operand;
import org.mirror4j.device.ptx.syntax.Register;
import org.mirror4j.device.ptx.syntax.Register.Width;

/**
 * The registers that decide what an instruction does, for its report: of a memory access those of
 * the address, of any other instruction all that it reads, its guard, and that of the branch or
 * exit before it. An address or a predicate says little by itself, so the words it was made of
 * stand for it, as the text above the instruction has them; one that was written again since is
 * left out.
 */
final class DecidingRegisters {
  private static final int MOST = 6;

  private final List<Register> registers;
  private final Set<Register> shown = new LinkedHashSet<>();

  /** Addresses and predicates whose making is still to be found. */
  private final Set<Register> made = new HashSet<>();

  private final Set<Register> written = new HashSet<>();

  private DecidingRegisters(PtxProgram program) {
    registers = program.syntax().registers();
  }

  /** {@code , %r_row = 512, %r_rows = 512}: as they are now in a lane. */
  static String of(PtxProgram program, Warp warp, int lane) {
    if (warp.step == null) {
      return "";
    }
    DecidingRegisters deciding = new DecidingRegisters(program);
    deciding.find(program.code(), warp.step.instruction);
    StringJoiner text = new StringJoiner(", ", ", ", "").setEmptyValue("");
    deciding.shown.stream()
        .limit(MOST)
        .forEach(register -> text.add(register.name() + " = " + value(register, warp, lane)));
    return text.toString();
  }

  private void find(Step[] code, Instruction instruction) {
    Step step = code[instruction.index()];
    consider(instruction.guard());
    boolean moves = false;
    for (Operand operand : instruction.operands()) {
      if (operand instanceof Operand.Address(Register register, _, _, _)) {
        moves = true;
        consider(register);
      }
    }
    if (!moves) {
      consider(step.reads);
    }
    boolean branched = false;
    for (int i = instruction.index() - 1; i >= 0 && !(branched && made.isEmpty()); i--) {
      Step before = code[i];
      boolean parts = before.kind == Step.Kind.BRANCH || before.kind == Step.Kind.EXIT;
      if (parts && !branched) {
        branched = true;
        consider(before.instruction.guard());
      }
      boolean makes = false;
      for (int serial : before.writes) {
        makes |= made.remove(registers.get(serial));
        written.add(registers.get(serial));
      }
      if (makes && !before.instruction.opcode().equals("ld")) {
        consider(before.reads);
      }
    }
  }

  private void consider(Instruction.Guard guard) {
    if (guard != null) {
      consider(guard.register());
    }
  }

  private void consider(int[] serials) {
    for (int serial : serials) {
      consider(registers.get(serial));
    }
  }

  private void consider(Register register) {
    if (register == null) {
      return;
    }
    Width width = register.width();
    if (width == Width.PREDICATE || width == Width.B64) {
      made.add(register);
    } else if (!written.contains(register)) {
      shown.add(register);
    }
  }

  private static String value(Register register, Warp warp, int lane) {
    if ((warp.defined[register.serial()] >>> lane & 1) == 0) {
      return "undefined";
    }
    int place = RegisterFiles.place(register.width(), register.index()) + lane;
    int bits = register.width() == Width.B16 ? warp.halves[place] : warp.words[place];
    return switch (register.type()) {
      case F32 -> Float.toString(Float.intBitsToFloat(bits));
      case U32 -> Integer.toUnsignedString(bits);
      default -> Integer.toString(bits);
    };
  }
}
