package org.mirror4j.device.ptx;

import java.util.List;
import org.mirror4j.device.ptx.syntax.Instruction;

/** A program whose straight runs are methods. Immutable; any number of launches may share it. */
final class CompiledProgram {
  private final Step[] code;
  private final CompiledCode methods;

  /** By the index of their first instruction. */
  private final StraightRun[] runs;

  CompiledProgram(PtxProgram program) {
    code = program.code();
    runs = new StraightRun[code.length];
    DefiniteAssignment assignment = new DefiniteAssignment(program.syntax(), code);
    List<StraightRun> all = StraightRun.of(program.syntax(), code, assignment);
    for (StraightRun run : all) {
      runs[run.first()] = run;
    }
    methods = CodeGenerator.generate(program, assignment, all);
  }

  /**
   * Whether a run begins at an instruction that a warp may still execute whole. Where its budget
   * ends within the run, single steps find out where.
   */
  boolean begins(int counter, Warp warp) {
    return runs[counter] != null && runs[counter].length() <= warp.budget;
  }

  /**
   * Executes the run that begins at an instruction.
   *
   * @param mask lanes that are there, never 0
   * @return index of the instruction behind it
   */
  int execute(int counter, Warp warp, int mask) {
    StraightRun run = runs[counter];
    ExecutionListener listener = warp.worker.listener();
    warp.budget -= run.length();
    boolean done = false;
    try {
      methods.execute(run.number(), warp, mask);
      done = true;
    } finally {
      if (!done) {
        settle(run, warp, mask, listener);
      }
    }
    if (listener != null) {
      listener.executed(run.unguarded(), mask);
    }
    return run.end();
  }

  /** Counts what was executed before the step that ends the launch, and what of it is left. */
  private void settle(StraightRun run, Warp warp, int mask, ExecutionListener listener) {
    int failed = warp.step.instruction.index();
    warp.budget += run.end() - failed - 1;
    if (listener != null) {
      for (Instruction instruction : run.unguarded()) {
        if (instruction.index() < failed) {
          listener.executed(instruction, mask, mask);
        }
      }
    }
  }
}
