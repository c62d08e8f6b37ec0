package org.mirror4j.device.ptx.memory;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.mirror4j.device.ptx.report.Check;
import org.mirror4j.device.ptx.report.Findings;
import org.mirror4j.device.ptx.report.PtxException;

/**
 * Device memory whose addresses are addresses of this process. Blocks are aligned to 256 bytes and
 * lie between red zones; a freed block stays out of use until {@link #close}, so no address ever
 * means two things. With {@link CheckLevel#ALL} fresh memory holds {@code 0x7FFA7FFA}, a NaN in
 * every float type, and each byte is known as written or not: what a host library writes must be
 * {@link #markWritten marked}. One launch or host operation at a time.
 */
public final class GlobalMemory implements AutoCloseable {
  private static final String HOST = "host";

  private final CheckLevel level;
  private final Findings findings;
  private final TreeMap<Long, Allocation> allocations = new TreeMap<>();

  /** Stamps below this one are of earlier launches; 0 is no stamp. */
  private int nextStamp = 2;

  /**
   * Memory with nothing in it.
   *
   * @param findings where every check of this memory and of the launches on it reports
   */
  public GlobalMemory(CheckLevel level, Findings findings) {
    this.level = level;
    this.findings = findings;
  }

  /** How closely accesses are watched. */
  public CheckLevel level() {
    return level;
  }

  /** Where checks report. */
  public Findings findings() {
    return findings;
  }

  /** A new block, as a writable slice of bytes. */
  public Slice allocate(String name, long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("allocation '%s' of %d bytes".formatted(name, bytes));
    }
    Allocation allocation = new Allocation(name, bytes, level);
    allocations.put(allocation.whole.address(), allocation);
    return allocation.whole;
  }

  /**
   * Takes a block out of use.
   *
   * @throws IllegalArgumentException if no block in use starts at the address
   */
  public void free(long address) {
    Allocation allocation = allocations.get(address);
    if (allocation == null || allocation.freed()) {
      throw new IllegalArgumentException(
          "free of 0x%x: %s"
              .formatted(address, allocation == null ? "no allocation" : "freed before"));
    }
    checkRedZones(allocation);
    allocation.markFreed();
  }

  /**
   * A named part of a block in use.
   *
   * @param element label of the element type, as {@code f32}
   * @param shape shape for reports, as {@code [12,768]}
   * @throws PtxException if the range is not inside one block
   */
  public Slice slice(
      String name, long address, long bytes, String element, int elementBytes, String shape) {
    require(address, bytes, "slice '" + name + "'");
    return new Slice(name, address, bytes, element, elementBytes, shape, true);
  }

  /** Copies from host memory; the bytes count as written. */
  public void upload(long address, MemorySegment from) {
    Allocation allocation = require(address, from.byteSize(), "upload");
    NativeMemory.ALL.asSlice(address, from.byteSize()).copyFrom(from);
    allocation.markWritten(address, from.byteSize());
  }

  /** Copies to host memory; reports bytes that nothing has written. */
  public void download(long address, MemorySegment to) {
    requireWritten(address, to.byteSize(), "download");
    to.copyFrom(NativeMemory.ALL.asSlice(address, to.byteSize()));
  }

  /** Sets every byte; the bytes count as written. */
  public void fill(long address, long bytes, byte value) {
    Allocation allocation = require(address, bytes, "fill");
    NativeMemory.fill(address, bytes, value);
    allocation.markWritten(address, bytes);
  }

  /** Copies within device memory, which is a read; ranges may overlap. */
  public void copy(long to, long from, long bytes) {
    requireWritten(from, bytes, "copy from");
    Allocation allocation = require(to, bytes, "copy to");
    NativeMemory.ALL.asSlice(to, bytes).copyFrom(NativeMemory.ALL.asSlice(from, bytes));
    allocation.markWritten(to, bytes);
  }

  /** Says that a host library has written these bytes; reports if it wrote beside the block. */
  public void markWritten(long address, long bytes) {
    Allocation allocation = require(address, bytes, "mark");
    allocation.markWritten(address, bytes);
    checkRedZones(allocation);
  }

  /** Reports if a host operation is about to read bytes that nothing has written. */
  public void requireWritten(long address, long bytes, String operation) {
    Allocation allocation = require(address, bytes, operation);
    long unwritten = allocation.firstUnwritten(address, bytes);
    if (unwritten >= 0) {
      findings.report(
          Check.UNINITIALISED,
          operation,
          0,
          () ->
              "%s: byte %d of '%s' was never written"
                  .formatted(
                      operation, unwritten - allocation.whole.address(), allocation.whole.name()));
    }
  }

  /**
   * Memory for one launch, with all accesses of the launches before it forgotten.
   *
   * @param bindings the pointer arguments in order
   * @param ctas number of CTAs in the grid
   * @param granuleBytes narrowest element any load, store or atomic of the kernel moves in global
   *     memory: 1, 2 or 4 bytes (4 for wider ones); two CTAs conflict if they meet in a granule
   * @param threads how many threads execute CTAs; one needs no atomic bookkeeping
   */
  public LaunchMemory beginLaunch(List<Binding> bindings, int ctas, int granuleBytes, int threads) {
    if (ctas < 1 || ctas > (1 << 29) || Integer.bitCount(granuleBytes) != 1 || granuleBytes > 4) {
      throw new IllegalArgumentException(
          "launch of %d CTAs with granules of %d bytes".formatted(ctas, granuleBytes));
    }
    int stampsNeeded = 2 * ctas + 2;
    if (nextStamp > Integer.MAX_VALUE - stampsNeeded) {
      allocations.values().forEach(Allocation::dropStamps);
      nextStamp = 2;
    }
    int firstStamp = nextStamp;
    nextStamp += stampsNeeded;
    return new LaunchMemory(
        this, bindings, ctas, firstStamp, Integer.numberOfTrailingZeros(granuleBytes), threads > 1);
  }

  /** The block in which an address lies, freed ones included; null if there is none. */
  Allocation allocationAt(long address) {
    Map.Entry<Long, Allocation> below = allocations.floorEntry(address);
    return below != null && below.getValue().contains(address) ? below.getValue() : null;
  }

  private void checkRedZones(Allocation allocation) {
    if (!allocation.redZonesIntact()) {
      findings.report(
          Check.RED_ZONE,
          HOST,
          0,
          () ->
              "bytes beside %s changed without a kernel: a host library wrote past its end"
                  .formatted(allocation.whole));
    }
  }

  private Allocation require(long address, long bytes, String operation) {
    Map.Entry<Long, Allocation> below = allocations.floorEntry(address);
    if (below != null && bytes >= 0) {
      Allocation allocation = below.getValue();
      long offset = address - allocation.whole.address();
      if (offset <= allocation.whole.bytes() - bytes) {
        if (allocation.freed()) {
          throw new PtxException(
              "%s: %d bytes at byte %d of %s, which was freed"
                  .formatted(operation, bytes, offset, allocation.whole));
        }
        return allocation;
      }
    }
    throw new PtxException(
        "%s: %d bytes at 0x%x are not inside an allocation".formatted(operation, bytes, address));
  }

  /** Frees everything, after a last look at the red zones of what is in use. */
  @Override
  public void close() {
    allocations.values().stream().filter(a -> !a.freed()).forEach(this::checkRedZones);
    allocations.values().forEach(Allocation::release);
    allocations.clear();
  }
}
