package org.mirror4j.device.ptx.memory;

import java.util.Arrays;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.report.InstructionSite;
import org.mirror4j.device.ptx.report.LaneRegisters;

/**
 * Local memory of the lanes of one warp, reused from CTA to CTA; addresses of each lane count from
 * 0. A card keeps it in global memory, so with all checks on every line that uses it is reported: a
 * spill by hand. As with {@link SharedMemory} a whole warp's access is checked first and moved by
 * the caller after.
 */
public final class LocalMemory {
  private static final int LANES = 32;

  private final int bytes;
  private final boolean all;
  private final Findings findings;
  private final LaneRegisters registers;
  private final byte[] data;
  private final boolean[] written;

  private int cta;

  /**
   * Local memory of a fixed size.
   *
   * @param bytes of a lane
   */
  public LocalMemory(int bytes, CheckLevel level, Findings findings, LaneRegisters registers) {
    this.bytes = bytes;
    this.all = level == CheckLevel.ALL;
    this.findings = findings;
    this.registers = registers;
    this.data = new byte[LANES * bytes];
    this.written = new boolean[data.length];
  }

  /**
   * Empties the memory for another CTA.
   *
   * @param linear index of the CTA in the grid, for reports
   */
  public void beginCta(int linear) {
    cta = linear;
    Arrays.fill(written, false);
  }

  /**
   * Checks a load. A finding that makes the access meaningless ends the launch.
   *
   * @param mask active lanes
   * @param addresses address of each lane, replaced by where {@link #get} finds its bytes
   * @param accessBytes size of the whole, possibly vector, access of a lane
   */
  public void load(InstructionSite site, int warp, int mask, long[] addresses, int accessBytes) {
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      int at = place(site, warp, lane, addresses[lane], accessBytes);
      for (int i = at; all && i < at + accessBytes; i++) {
        if (!written[i]) {
          report(
              Check.UNINITIALISED, site, warp, lane, addresses[lane], accessBytes, "not written");
          break;
        }
      }
      addresses[lane] = at;
    }
  }

  /** Checks a store; arguments as in {@link #load}. */
  public void store(InstructionSite site, int warp, int mask, long[] addresses, int accessBytes) {
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      int at = place(site, warp, lane, addresses[lane], accessBytes);
      Arrays.fill(written, at, at + accessBytes, true);
      addresses[lane] = at;
    }
  }

  private int place(InstructionSite site, int warp, int lane, long address, int accessBytes) {
    if (address < 0 || address > bytes - accessBytes) {
      String what = "outside %d bytes of local memory".formatted(bytes);
      report(Check.OUT_OF_BOUNDS, site, warp, lane, address, accessBytes, what);
    }
    if ((address & accessBytes - 1) != 0) {
      String what = "not at a multiple of %d".formatted(accessBytes);
      report(Check.MISALIGNED, site, warp, lane, address, accessBytes, what);
    }
    if (all) {
      report(Check.LOCAL_MEMORY, site, warp, lane, address, accessBytes, "a spill by hand");
    }
    return lane * bytes + (int) address;
  }

  private void report(
      Check check,
      InstructionSite site,
      int warp,
      int lane,
      long address,
      int accessBytes,
      String what) {
    findings.report(
        check,
        site,
        () ->
            "%d bytes at local[%d..%d]: %s; cta %d, warp %d, lane %d%s"
                .formatted(
                    accessBytes,
                    address,
                    address + accessBytes - 1,
                    what,
                    cta,
                    warp,
                    lane,
                    registers.of(warp, lane)));
  }

  /** Reads 1, 2, 4 or 8 bytes, sign-extended, at a place that was checked. */
  public long get(int place, int count) {
    long value = data[place + count - 1];
    for (int i = count - 2; i >= 0; i--) {
      value = value << 8 | data[place + i] & 0xFF;
    }
    return value;
  }

  /** Writes the lowest bytes of a value at a place that was checked. */
  public void put(int place, int count, long value) {
    for (int i = 0; i < count; i++) {
      data[place + i] = (byte) (value >>> 8 * i);
    }
  }
}
