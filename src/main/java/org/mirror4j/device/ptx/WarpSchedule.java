package org.mirror4j.device.ptx;

/** How the lanes of one warp run between barriers. */
interface WarpSchedule {
  /** Starts the warp from its first instruction. */
  void begin();

  /**
   * Runs until every live lane waits at a barrier or has left.
   *
   * @return the step of that barrier, or null if the warp is done
   */
  Step run();
}
