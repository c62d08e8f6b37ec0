package org.mirror4j.device.ptx;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import org.mirror4j.device.ptx.syntax.EntrySyntax;

/**
 * Which registers surely hold a value at each instruction, whatever way a lane has come there: what
 * is written without a guard on all ways. A forward data flow from the first instruction on, begun
 * with all registers everywhere else and cut down until nothing changes.
 */
final class DefiniteAssignment {
  private final BitSet[] before;

  DefiniteAssignment(EntrySyntax entry, Step[] code) {
    int end = code.length;
    before = new BitSet[end + 1];
    for (int i = 0; i <= end; i++) {
      before[i] = new BitSet();
      before[i].set(0, i == 0 ? 0 : entry.registers().size());
    }
    int[][] successors = new int[end][];
    Arrays.setAll(successors, entry.controlFlow()::successors);
    boolean[] seen = new boolean[end + 1];
    Deque<Integer> changed = new ArrayDeque<>();
    changed.add(0);
    while (!changed.isEmpty() && end > 0) {
      int at = changed.remove();
      BitSet after = after(code[at], before[at]);
      for (int next : successors[at]) {
        int size = before[next].cardinality();
        before[next].and(after);
        if (next < end && (!seen[next] || before[next].cardinality() != size)) {
          seen[next] = true;
          changed.add(next);
        }
      }
    }
  }

  private static BitSet after(Step step, BitSet before) {
    BitSet after = (BitSet) before.clone();
    if (step.guard < 0) {
      Arrays.stream(step.writes).forEach(after::set);
    }
    return after;
  }

  /** Whether a register surely holds a value in every lane that comes to an instruction. */
  boolean isAssigned(int instruction, int serial) {
    return before[instruction].get(serial);
  }
}
