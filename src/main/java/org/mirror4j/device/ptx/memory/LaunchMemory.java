package org.mirror4j.device.ptx.memory;

import java.util.List;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.report.LaneRegisters;

/** Global memory during one launch. Each interpreting thread takes a {@link GlobalAccess} of it. */
public final class LaunchMemory {
  private static final int MAX_RANGES_SHOWN = 4;

  final int ctas;
  final int firstStamp;
  final int shift;
  final boolean concurrent;

  private final GlobalMemory memory;
  private final Region[] regions;

  LaunchMemory(
      GlobalMemory memory,
      List<Binding> bindings,
      int ctas,
      int firstStamp,
      int shift,
      boolean concurrent) {
    this.memory = memory;
    this.ctas = ctas;
    this.firstStamp = firstStamp;
    this.shift = shift;
    this.concurrent = concurrent;
    this.regions = new Region[bindings.size() + 1];
    for (int i = 0; i < bindings.size(); i++) {
      Binding binding = bindings.get(i);
      Slice slice = binding.slice();
      Allocation allocation = memory.allocationAt(slice.address());
      regions[i + 1] = new Region(binding.parameter(), slice, allocation, memory.level(), shift);
    }
  }

  /**
   * A checker for one thread; not to be shared.
   *
   * @param registers what reports tell of the lane
   */
  public GlobalAccess access(LaneRegisters registers) {
    return new GlobalAccess(this, registers);
  }

  /**
   * Reports if the launch left elements of an output unwritten; call it when all CTAs are done and
   * before the next launch begins. Says nothing at {@link CheckLevel#BOUNDS}.
   *
   * @param binding which binding, from 1
   * @param kernelFile name of the kernel's file, for the report
   */
  public void requireAllWritten(int binding, String kernelFile) {
    Region region = regions[binding];
    if (memory.level() != CheckLevel.ALL || region.bytes <= 0) {
      return;
    }
    StringBuilder ranges = new StringBuilder();
    long elements = region.slice.elements();
    long missing = 0;
    int shown = 0;
    long first = -1;
    for (long i = 0; i <= elements; i++) {
      boolean written = i == elements || isWritten(region, i);
      if (!written) {
        missing++;
        first = first < 0 ? i : first;
      } else if (first >= 0) {
        if (shown++ < MAX_RANGES_SHOWN) {
          ranges.append(ranges.isEmpty() ? "" : ", ").append('[').append(first);
          ranges.append(i - first == 1 ? "" : ".." + (i - 1)).append(']');
        }
        first = -1;
      }
    }
    if (missing > 0) {
      long count = missing;
      String more = shown > MAX_RANGES_SHOWN ? " and more" : "";
      findings()
          .report(
              Check.UNWRITTEN_OUTPUT,
              kernelFile,
              0,
              () ->
                  "%s: %d of %d elements of output %s = %s not written: %s%s"
                      .formatted(
                          kernelFile,
                          count,
                          elements,
                          region.parameter,
                          region.slice,
                          ranges,
                          more));
    }
  }

  private boolean isWritten(Region region, long element) {
    int elementBytes = region.slice.elementBytes();
    long address = region.start + element * elementBytes;
    for (long b = 0; b < elementBytes; b += 1L << shift) {
      long stamps = region.stampAddress(address + b);
      if (NativeMemory.getWord(stamps + GlobalRaces.WRITER) < firstStamp) {
        return false;
      }
    }
    return true;
  }

  Findings findings() {
    return memory.findings();
  }

  CheckLevel level() {
    return memory.level();
  }

  Region region(int binding) {
    return regions[binding];
  }

  /** The whole block around an address of unknown origin; null outside every block. */
  Region regionAround(long address) {
    Allocation allocation = memory.allocationAt(address);
    // Two threads may make the race shadow of a block at the same time.
    synchronized (this) {
      return allocation == null
          ? null
          : new Region(null, allocation.whole, allocation, memory.level(), shift);
    }
  }
}
