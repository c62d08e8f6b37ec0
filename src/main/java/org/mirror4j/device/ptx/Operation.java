package org.mirror4j.device.ptx;

/**
 * What an instruction does to the registers of a warp. An operation that works lane by lane on
 * registers alone computes all 32 lanes, whatever the mask; the executor puts the others back.
 */
@FunctionalInterface
interface Operation {
  /**
   * @param mask lanes that execute, never 0
   */
  void execute(Warp warp, int mask);
}
