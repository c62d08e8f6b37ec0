package org.mirror4j.device.ptx.memory;

import org.mirror4j.device.ptx.lanes.LanePattern;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.report.InstructionSite;
import org.mirror4j.device.ptx.report.LaneRegisters;

/**
 * Checks of what one thread's CTAs do to global memory, a whole warp instruction a call. The bytes
 * themselves are moved by the caller, after the check.
 */
public final class GlobalAccess {
  private static final int LANES = 32;

  /** Marks of eight bytes that were written. */
  private static final long WRITTEN = 0x0101010101010101L;

  private final LaunchMemory launch;
  private final boolean all;
  private final GlobalRaces races;
  private final LaneRegisters registers;

  private int cta;
  private Region around;

  GlobalAccess(LaunchMemory launch, LaneRegisters registers) {
    this.launch = launch;
    this.registers = registers;
    this.all = launch.level() == CheckLevel.ALL;
    this.races = new GlobalRaces(launch.firstStamp, launch.ctas, launch.shift, launch.concurrent);
  }

  /**
   * What follows is done by another CTA.
   *
   * @param linear index in the grid, x fastest
   */
  public void beginCta(int linear) {
    cta = linear;
    races.beginCta(linear);
  }

  /**
   * Checks a load. A finding that makes the access meaningless ends the launch.
   *
   * @param mask active lanes
   * @param addresses address of each lane
   * @param bindings origin of each lane's address, from 1; 0 if unknown
   * @param bytes size of the whole, possibly vector, access of a lane: 1, 2, 4, 8 or 16
   */
  public void load(
      InstructionSite site, int warp, int mask, long[] addresses, int[] bindings, int bytes) {
    Region region = null;
    int binding = -1;
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      long address = addresses[lane];
      if (bindings[lane] != binding || binding == 0) {
        binding = bindings[lane];
        region = region(site, warp, lane, binding, address, bytes);
      }
      long offset = address - region.start;
      if (offset < 0 || offset > region.bytes - bytes || (address & (bytes - 1)) != 0) {
        refuse(site, warp, lane, region, address, bytes);
      }
      if (all) {
        if (!isWritten(address + region.writtenDelta, bytes)) {
          reportUnwritten(site, warp, lane, region, address, bytes);
        }
        int other = races.read(region.stampAddress(address), bytes);
        if (other != 0) {
          reportRace(site, warp, lane, region, address, bytes, "read, written", other);
        }
      }
    }
  }

  /** Checks a store; arguments as in {@link #load}. */
  public void store(
      InstructionSite site, int warp, int mask, long[] addresses, int[] bindings, int bytes) {
    Region region = null;
    int binding = -1;
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      long address = addresses[lane];
      if (bindings[lane] != binding || binding == 0) {
        binding = bindings[lane];
        region = region(site, warp, lane, binding, address, bytes);
        requireWritable(site, warp, lane, region, address, bytes);
      }
      long offset = address - region.start;
      if (offset < 0 || offset > region.bytes - bytes || (address & (bytes - 1)) != 0) {
        refuse(site, warp, lane, region, address, bytes);
      }
      if (all) {
        markWritten(address + region.writtenDelta, bytes);
        int other = races.write(region.stampAddress(address), bytes);
        if (other != 0) {
          reportRace(site, warp, lane, region, address, bytes, "written, read or written", other);
        }
      }
    }
  }

  /** Checks an atomic operation, which reads and writes; arguments as in {@link #load}. */
  public void atomic(
      InstructionSite site, int warp, int mask, long[] addresses, int[] bindings, int bytes) {
    for (int rest = mask; rest != 0; rest &= rest - 1) {
      int lane = Integer.numberOfTrailingZeros(rest);
      long address = addresses[lane];
      Region region = region(site, warp, lane, bindings[lane], address, bytes);
      requireWritable(site, warp, lane, region, address, bytes);
      long offset = address - region.start;
      if (offset < 0 || offset > region.bytes - bytes || (address & (bytes - 1)) != 0) {
        refuse(site, warp, lane, region, address, bytes);
      }
      if (all) {
        if (!isWritten(address + region.writtenDelta, bytes)) {
          reportUnwritten(site, warp, lane, region, address, bytes);
        }
        markWritten(address + region.writtenDelta, bytes);
        int other = races.atomic(region.stampAddress(address), bytes);
        if (other != 0) {
          reportRace(
              site,
              warp,
              lane,
              region,
              address,
              bytes,
              "changed atomically, read or written",
              other);
        }
      }
    }
  }

  /**
   * Checks a load by all lanes of a warp at once.
   *
   * @param first address of the first lane
   * @param binding origin of all lanes' addresses, from 1; 0 if unknown or not one
   * @return false where single lanes have to be looked at: nothing was found then, and {@link
   *     #load} has to follow
   */
  public boolean loadsAll(LanePattern pattern, long first, int binding, int bytes) {
    Region region = regionOfAll(pattern, first, binding);
    if (region == null || !all) {
      return region != null;
    }
    if (!pattern.isContiguous()) {
      return false;
    }
    long mark = first + region.writtenDelta;
    int span = LANES * bytes;
    for (int i = 0; i < span; i += Long.BYTES) {
      if (NativeMemory.getDoubleWord(mark + i) != WRITTEN) {
        return false;
      }
    }
    return races.readsAll(region.stampAddress(first), span);
  }

  /** Checks a store by all lanes of a warp at once; as {@link #loadsAll}. */
  public boolean storesAll(LanePattern pattern, long first, int binding, int bytes) {
    Region region = regionOfAll(pattern, first, binding);
    if (region == null || !region.writable || !all) {
      return region != null && region.writable;
    }
    int span = LANES * bytes;
    if (!pattern.isContiguous() || !races.writesAll(region.stampAddress(first), span)) {
      return false;
    }
    long mark = first + region.writtenDelta;
    for (int i = 0; i < span; i += Long.BYTES) {
      NativeMemory.putDoubleWord(mark + i, WRITTEN);
    }
    return true;
  }

  /** The one region of known origin in which all lanes' accesses lie, aligned; null without. */
  private Region regionOfAll(LanePattern pattern, long first, int binding) {
    if (binding == 0) {
      return null;
    }
    Region region = launch.region(binding);
    return pattern.isInside(first, region.start, region.bytes) ? region : null;
  }

  private Region region(
      InstructionSite site, int warp, int lane, int binding, long address, int bytes) {
    if (binding != 0) {
      return launch.region(binding);
    }
    if (around == null || address < around.start || address - around.start >= around.bytes) {
      around = launch.regionAround(address);
    }
    if (around == null) {
      launch
          .findings()
          .report(
              Check.OUT_OF_BOUNDS,
              site,
              () ->
                  "%d bytes at 0x%x, outside every allocation; %s"
                      .formatted(bytes, address, lane(warp, lane)));
    }
    return around;
  }

  private static boolean isWritten(long mark, int bytes) {
    return switch (bytes) {
      case 4 -> NativeMemory.getWord(mark) == 0x01010101;
      case 16 ->
          (NativeMemory.getDoubleWord(mark) & NativeMemory.getDoubleWord(mark + 8))
              == 0x0101010101010101L;
      case 8 -> NativeMemory.getDoubleWord(mark) == 0x0101010101010101L;
      case 2 -> NativeMemory.getHalf(mark) == 0x0101;
      default -> NativeMemory.getByte(mark) == 1;
    };
  }

  private static void markWritten(long mark, int bytes) {
    switch (bytes) {
      case 4 -> NativeMemory.putWord(mark, 0x01010101);
      case 16 -> {
        NativeMemory.putDoubleWord(mark, 0x0101010101010101L);
        NativeMemory.putDoubleWord(mark + 8, 0x0101010101010101L);
      }
      case 8 -> NativeMemory.putDoubleWord(mark, 0x0101010101010101L);
      case 2 -> NativeMemory.putHalf(mark, (short) 0x0101);
      default -> NativeMemory.putByte(mark, (byte) 1);
    }
  }

  private void requireWritable(
      InstructionSite site, int warp, int lane, Region region, long address, int bytes) {
    if (!region.writable) {
      launch
          .findings()
          .report(
              Check.READ_ONLY,
              site,
              () ->
                  "%d bytes at %s, but %s may only be read; %s"
                      .formatted(
                          bytes, region.elements(address, bytes), region.slice, lane(warp, lane)));
    }
  }

  private void refuse(
      InstructionSite site, int warp, int lane, Region region, long address, int bytes) {
    String what = bytes + " bytes at " + region.elements(address, bytes);
    String where = lane(warp, lane);
    if (region.freed()) {
      report(
          Check.USE_AFTER_FREE, site, what + " of " + region.slice + ", which was freed; ", where);
    }
    long offset = address - region.start;
    if (offset < 0) {
      report(
          Check.OUT_OF_BOUNDS, site, what + " before the start of " + region.slice + "; ", where);
    }
    if (offset > region.bytes - bytes) {
      report(Check.OUT_OF_BOUNDS, site, what + " past the end of " + region.slice + "; ", where);
    }
    String found = "%s of %s: address 0x%x is %d past a multiple of %d; ";
    report(
        Check.MISALIGNED,
        site,
        found.formatted(what, region.slice, address, address & (bytes - 1), bytes),
        where);
  }

  private void report(Check check, InstructionSite site, String message, String where) {
    launch.findings().report(check, site, () -> message + where);
  }

  private void reportUnwritten(
      InstructionSite site, int warp, int lane, Region region, long address, int bytes) {
    launch
        .findings()
        .report(
            Check.UNINITIALISED,
            site,
            () ->
                "%d bytes at %s of %s were never written; %s"
                    .formatted(
                        bytes, region.elements(address, bytes), region.slice, lane(warp, lane)));
  }

  private void reportRace(
      InstructionSite site,
      int warp,
      int lane,
      Region region,
      long address,
      int bytes,
      String how,
      int other) {
    launch
        .findings()
        .report(
            Check.GLOBAL_RACE,
            site,
            () ->
                "%s of %s %s by %s in the same launch; %s"
                    .formatted(
                        region.elements(address, bytes),
                        region.slice,
                        how,
                        races.who(other),
                        lane(warp, lane)));
  }

  private String lane(int warp, int lane) {
    return "cta %d, warp %d, lane %d%s".formatted(cta, warp, lane, registers.of(warp, lane));
  }
}
