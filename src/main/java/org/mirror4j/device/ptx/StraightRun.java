package org.mirror4j.device.ptx;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.ptx.syntax.EntrySyntax;
import org.mirror4j.device.ptx.syntax.Instruction;

/**
 * Instructions that are always executed one after the other for the same lanes: no branch, exit or
 * meeting of lanes among them, and none but the first to which a branch leads or where lanes meet.
 *
 * @param number among the runs of the program
 * @param first index of the first instruction
 * @param end index behind the last one
 * @param unguarded those that every lane executes which is there
 */
record StraightRun(int number, int first, int end, List<Instruction> unguarded) {
  /** A method of more bytes than 8,000 is not compiled by the Java machine. */
  private static final int MOST_BYTES = 7_500;

  // As many bytes of a method as an instruction needs at most, a guard, a look at a register, a
  // mark.
  private static final int INSTRUCTION_BYTES = 30;
  private static final int GUARD_BYTES = 40;
  private static final int LOOK_BYTES = 30;
  private static final int MARK_BYTES = 12;

  /** A run costs a call, and one instruction is as well executed by itself. */
  private static final int LEAST = 2;

  StraightRun {
    unguarded = List.copyOf(unguarded);
  }

  int length() {
    return end - first;
  }

  /** All runs of a program, in order. */
  static List<StraightRun> of(EntrySyntax entry, Step[] code, DefiniteAssignment assignment) {
    boolean[] leads = new boolean[code.length + 1];
    for (int i = 0; i < code.length; i++) {
      if (code[i].kind == Step.Kind.BRANCH) {
        leads[code[i].target] = true;
        leads[code[i].reconvergence] = true;
      }
    }
    List<StraightRun> runs = new ArrayList<>();
    int first = 0;
    int bytes = 0;
    for (int i = 0; i <= code.length; i++) {
      boolean plain = i < code.length && isPlain(code[i]);
      int more = plain ? bytes(code[i], assignment) : 0;
      if (!plain || leads[i] || bytes + more > MOST_BYTES) {
        add(runs, first, i, entry);
        first = plain ? i : i + 1;
        bytes = 0;
      }
      bytes += more;
    }
    return runs;
  }

  /** At least as many bytes as {@link CodeGenerator} writes for an instruction. */
  private static int bytes(Step step, DefiniteAssignment assignment) {
    int bytes = INSTRUCTION_BYTES + MARK_BYTES * step.writes.length;
    int at = step.instruction.index();
    for (int serial : step.reads) {
      bytes += assignment.isAssigned(at, serial) ? 0 : LOOK_BYTES;
    }
    return bytes + (step.guard < 0 ? 0 : GUARD_BYTES + LOOK_BYTES);
  }

  private static boolean isPlain(Step step) {
    return step.kind == Step.Kind.LANES || step.kind == Step.Kind.EFFECT;
  }

  private static void add(List<StraightRun> runs, int first, int end, EntrySyntax entry) {
    if (end - first >= LEAST) {
      List<Instruction> unguarded =
          entry.instructions().subList(first, end).stream()
              .filter(instruction -> instruction.guard() == null)
              .toList();
      runs.add(new StraightRun(runs.size(), first, end, unguarded));
    }
  }
}
