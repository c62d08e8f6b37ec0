package org.mirror4j.device.ptx;

/** The straight runs of a program as methods; its subclasses are made by {@link CodeGenerator}. */
abstract class CompiledCode {
  /**
   * Executes all instructions of a run, but counts none of those without a guard.
   *
   * @param run number of the run
   * @param mask lanes that are there, never 0
   */
  abstract void execute(int run, Warp warp, int mask);
}
