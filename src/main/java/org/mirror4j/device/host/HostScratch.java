package org.mirror4j.device.host;

import org.mirror4j.tensor.Allocator;

/**
 * Scratch memory of one worker, grown when a piece of work needs more than any before it. Its
 * content lasts for one piece.
 */
final class HostScratch {
  private final Allocator memory;
  private long address;
  private long bytes;

  HostScratch(Allocator memory) {
    this.memory = memory;
  }

  /** Address of at least {@code count} floats of unspecified content, aligned. */
  long floats(long count) {
    if (4 * count > bytes) {
      if (bytes > 0) {
        memory.free(address);
        bytes = 0;
      }
      long wanted = Math.max(1 << 16, Long.highestOneBit(4 * count) << 1);
      address = memory.allocate(wanted);
      bytes = wanted;
    }
    return address;
  }
}
