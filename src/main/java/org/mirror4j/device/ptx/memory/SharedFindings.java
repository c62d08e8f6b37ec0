package org.mirror4j.device.ptx.memory;

import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.report.InstructionSite;
import org.mirror4j.device.ptx.report.LaneRegisters;

/** What is said of a lane's access to shared memory that breaks a rule. */
final class SharedFindings {
  private final Findings findings;
  private final LaneRegisters registers;
  private final int bytes;

  private int cta;

  /**
   * Of a memory.
   *
   * @param registers what reports tell of the lane
   * @param bytes its size
   */
  SharedFindings(Findings findings, LaneRegisters registers, int bytes) {
    this.findings = findings;
    this.registers = registers;
    this.bytes = bytes;
  }

  /** What follows is of another CTA. */
  void beginCta(int linear) {
    cta = linear;
  }

  /** An access that is not wholly inside. */
  void outside(InstructionSite site, int warp, int lane, long address, int accessBytes) {
    findings.report(
        Check.OUT_OF_BOUNDS,
        site,
        () ->
            "%d bytes at shared[%d..%d] outside %d bytes of shared memory; %s"
                .formatted(
                    accessBytes, address, address + accessBytes - 1, bytes, lane(warp, lane)));
  }

  /** An address that is no multiple of the access's size. */
  void misaligned(InstructionSite site, int warp, int lane, long address, int accessBytes) {
    findings.report(
        Check.MISALIGNED,
        site,
        () ->
            "%d bytes at shared[%d] is %d past a multiple of %d; %s"
                .formatted(
                    accessBytes,
                    address,
                    address & (accessBytes - 1),
                    accessBytes,
                    lane(warp, lane)));
  }

  /** A read of bytes that nothing has written. */
  void unwritten(InstructionSite site, int warp, int lane, int address, int accessBytes) {
    findings.report(
        Check.UNINITIALISED,
        site,
        () ->
            "%d bytes at shared[%d..%d] were never written; %s"
                .formatted(accessBytes, address, address + accessBytes - 1, lane(warp, lane)));
  }

  /** An access to bytes into which a thread still copies. */
  void pending(InstructionSite site, int warp, int lane, int address, int accessBytes, int thread) {
    findings.report(
        Check.PENDING_COPY,
        site,
        () ->
            "shared[%d..%d] is being copied to by %s, which has not waited for that; %s"
                .formatted(address, address + accessBytes - 1, thread(thread), lane(warp, lane)));
  }

  /** More copies than memory to copy to. */
  void tooManyCopies(InstructionSite site) {
    findings.report(
        Check.BUDGET,
        site,
        () -> "more copies are under way than there are words of shared memory");
  }

  /** An access that is not ordered after another thread's; the lane's own stands for several. */
  void race(
      InstructionSite site,
      int warp,
      int lane,
      int address,
      int accessBytes,
      String how,
      int other) {
    String who = other == warp * 32 + lane ? "several other lanes" : thread(other);
    race(site, warp, lane, address, accessBytes, how, who);
  }

  /** A read by a whole warp that is not ordered after a thread's write. */
  void warpRace(InstructionSite site, int warp, int lane, int address, int accessBytes, int other) {
    race(site, warp, lane, address, accessBytes, "read by the warp, written", thread(other));
  }

  private void race(
      InstructionSite site,
      int warp,
      int lane,
      int address,
      int accessBytes,
      String how,
      String who) {
    findings.report(
        Check.SHARED_RACE,
        site,
        () ->
            "shared[%d..%d] %s by %s with no barrier between; %s"
                .formatted(address, address + accessBytes - 1, how, who, lane(warp, lane)));
  }

  private static String thread(int thread) {
    return "warp %d, lane %d".formatted(thread / 32, thread % 32);
  }

  private String lane(int warp, int lane) {
    return "cta %d, warp %d, lane %d%s".formatted(cta, warp, lane, registers.of(warp, lane));
  }
}
