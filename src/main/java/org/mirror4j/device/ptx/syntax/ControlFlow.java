package org.mirror4j.device.ptx.syntax;

import java.util.Arrays;
import java.util.List;

/**
 * The control-flow graph of an entry, one node an instruction and one for the end, and the
 * immediate post-dominator of each: the first instruction that every way to the end passes. There
 * divergent lanes meet again. A guarded {@code ret} has an edge to the end only where nothing else
 * leads there, as in a loop left in no other way: lanes that leave are taken out of the warp, and
 * the others need not wait for them.
 *
 * <p>Post-dominators by Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm" (2001), on
 * the reversed graph.
 */
public final class ControlFlow {
  private static final int UNKNOWN = -1;

  private final int[][] successors;
  private final int[] postDominator;

  ControlFlow(List<Instruction> instructions) {
    int end = instructions.size();
    successors = new int[end + 1][];
    successors[end] = new int[0];
    for (int i = 0; i < end; i++) {
      successors[i] = successors(instructions.get(i), i, end);
    }
    giveLoopsAnEnd(instructions);
    postDominator = postDominators(end);
  }

  /** Where lanes that part at an instruction meet; the number of instructions is the end. */
  public int reconvergence(int instruction) {
    return postDominator[instruction];
  }

  /** Instructions that can follow an instruction. */
  public int[] successors(int instruction) {
    return successors[instruction].clone();
  }

  private static int[] successors(Instruction instruction, int index, int end) {
    boolean guarded = instruction.guard() != null;
    switch (instruction.opcode()) {
      case "bra":
        int target = ((Operand.Label) instruction.operands().get(0)).target();
        return guarded && target != index + 1 ? new int[] {index + 1, target} : new int[] {target};
      case "ret", "exit":
        return new int[] {guarded ? index + 1 : end};
      default:
        return new int[] {index + 1};
    }
  }

  private void giveLoopsAnEnd(List<Instruction> instructions) {
    int end = instructions.size();
    boolean[] ends = new boolean[end + 1];
    for (int node : reversePostorder(end)) {
      ends[node] = true;
    }
    for (int i = 0; i < end; i++) {
      if (!ends[i] && isExit(instructions.get(i))) {
        successors[i] = new int[] {i + 1, end};
      }
    }
  }

  private static boolean isExit(Instruction instruction) {
    return instruction.opcode().equals("ret") || instruction.opcode().equals("exit");
  }

  private int[] postDominators(int end) {
    int[] order = reversePostorder(end);
    int[] position = new int[end + 1];
    Arrays.fill(position, UNKNOWN);
    for (int i = 0; i < order.length; i++) {
      position[order[i]] = i;
    }
    int[] dominator = new int[end + 1];
    Arrays.fill(dominator, UNKNOWN);
    dominator[end] = end;
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int i = 1; i < order.length; i++) {
        int node = order[i];
        int common = UNKNOWN;
        for (int successor : successors[node]) {
          if (dominator[successor] != UNKNOWN) {
            common = common == UNKNOWN ? successor : meet(common, successor, dominator, position);
          }
        }
        changed |= dominator[node] != common;
        dominator[node] = common;
      }
    }
    // From an endless loop no way leads to the end: its lanes never meet.
    for (int i = 0; i <= end; i++) {
      dominator[i] = dominator[i] == UNKNOWN ? end : dominator[i];
    }
    return dominator;
  }

  private static int meet(int first, int second, int[] dominator, int[] position) {
    int a = first;
    int b = second;
    while (a != b) {
      while (position[a] > position[b]) {
        a = dominator[a];
      }
      while (position[b] > position[a]) {
        b = dominator[b];
      }
    }
    return a;
  }

  /** Nodes that reach the end, in reverse postorder of the reversed graph. */
  private int[] reversePostorder(int end) {
    int[][] predecessors = predecessors(end);
    boolean[] seen = new boolean[end + 1];
    int[] next = new int[end + 1];
    int[] stack = new int[end + 1];
    int[] postorder = new int[end + 1];
    int depth = 0;
    int count = 0;
    stack[depth++] = end;
    seen[end] = true;
    while (depth > 0) {
      int node = stack[depth - 1];
      if (next[node] < predecessors[node].length) {
        int predecessor = predecessors[node][next[node]++];
        if (!seen[predecessor]) {
          seen[predecessor] = true;
          stack[depth++] = predecessor;
        }
      } else {
        postorder[count++] = node;
        depth--;
      }
    }
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = postorder[count - 1 - i];
    }
    return order;
  }

  private int[][] predecessors(int end) {
    int[] counts = new int[end + 1];
    for (int[] list : successors) {
      for (int successor : list) {
        counts[successor]++;
      }
    }
    int[][] predecessors = new int[end + 1][];
    Arrays.setAll(predecessors, node -> new int[counts[node]]);
    for (int node = 0; node <= end; node++) {
      for (int successor : successors[node]) {
        predecessors[successor][--counts[successor]] = node;
      }
    }
    return predecessors;
  }
}
