package org.mirror4j.device.host;

import java.util.stream.IntStream;

/**
 * Memory that is kept from call to call and grown when more is needed than ever before. What it
 * holds lasts until {@link #floats} is called again.
 */
final class HostScratch {
  private static final long SMALLEST = 1 << 16;

  private final HostAllocator memory;
  private long address;
  private long bytes;

  HostScratch(HostAllocator memory) {
    this.memory = memory;
  }

  /** One for each member of a team; what a member keeps there lasts for one piece of work. */
  static HostScratch[] ofWorkers(HostThreads threads, HostAllocator memory) {
    return IntStream.range(0, threads.size())
        .mapToObj(worker -> new HostScratch(memory))
        .toArray(HostScratch[]::new);
  }

  /** Address of at least {@code count} floats of unspecified content, aligned. */
  long floats(long count) {
    if (4 * count > bytes) {
      if (bytes > 0) {
        memory.free(address);
        bytes = 0;
      }
      long wanted = Math.max(SMALLEST, Long.highestOneBit(4 * count) << 1);
      address = memory.allocate(wanted);
      bytes = wanted;
    }
    return address;
  }
}
