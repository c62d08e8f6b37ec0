package org.mirror4j.device.ptx.report;

/** Registers of a lane that belong into a report about what it does. */
@FunctionalInterface
public interface LaneRegisters {
  /** No registers, for accesses that no program makes. */
  LaneRegisters NONE = (warp, lane) -> "";

  /**
   * Those that decide what the lane's present instruction does.
   *
   * @return {@code , %r_row = 512, %r_rows = 512} to be added to the place, or nothing
   */
  String of(int warp, int lane);
}
