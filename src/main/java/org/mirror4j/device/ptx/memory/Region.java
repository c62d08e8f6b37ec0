package org.mirror4j.device.ptx.memory;

/** What a launch may touch through one binding, with the places of its shadows. */
final class Region {
  /** The kernel's name for the slice; null for an address of unknown origin. */
  final String parameter;

  final Slice slice;
  final long start;

  /** Bytes that may be touched; -1 if the slice is dead, so that every access fails. */
  final long bytes;

  final boolean writable;

  /** To be added to an address for the address of its written mark; 0 without marks. */
  final long writtenDelta;

  private final Allocation allocation;
  private final long stamps;
  private final int shift;

  Region(String parameter, Slice slice, Allocation allocation, CheckLevel level, int shift) {
    boolean alive =
        allocation != null
            && !allocation.freed()
            && slice.address() - allocation.whole.address()
                <= allocation.whole.bytes() - slice.bytes();
    this.parameter = parameter;
    this.slice = slice;
    this.start = slice.address();
    this.bytes = alive ? slice.bytes() : -1;
    this.writable = slice.writable();
    this.allocation = allocation;
    this.shift = shift;
    boolean all = alive && level == CheckLevel.ALL;
    this.writtenDelta = all ? allocation.writtenDelta() : 0;
    this.stamps = all ? allocation.stamps(shift) : 0;
  }

  boolean freed() {
    return allocation != null && allocation.freed();
  }

  /** Address of the stamps of the granule that an address lies in. */
  long stampAddress(long address) {
    return stamps + ((address - allocation.whole.address()) >> shift) * Long.BYTES;
  }

  /** {@code x[393216..393219]}: the elements an access covers, counted from the slice's start. */
  String elements(long address, int accessBytes) {
    long offset = address - start;
    long first = Math.floorDiv(offset, (long) slice.elementBytes());
    long last = Math.floorDiv(offset + accessBytes - 1, (long) slice.elementBytes());
    String name = parameter == null ? slice.name() : parameter;
    return first == last
        ? "%s[%d]".formatted(name, first)
        : "%s[%d..%d]".formatted(name, first, last);
  }
}
