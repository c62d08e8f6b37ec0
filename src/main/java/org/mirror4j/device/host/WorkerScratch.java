package org.mirror4j.device.host;

/** Memory of its own for each member of the team, kept from call to call. */
final class WorkerScratch {
  /** Apart by more than a cache line and its prefetched neighbour. */
  private static final long ALIGNMENT = 256;

  private final HostMemory memory;
  private final int workers;
  private long address;
  private long bytes;

  WorkerScratch(HostThreads threads, HostMemory memory) {
    this.memory = memory;
    this.workers = threads.size();
  }

  /** Makes room for {@code needed} bytes a worker; contents are unspecified. Grows rarely. */
  void plan(long needed) {
    if (needed <= bytes) {
      return;
    }
    if (bytes > 0) {
      memory.free(address);
      bytes = 0;
    }
    long rounded = (needed + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    address = memory.allocate(rounded * workers);
    bytes = rounded;
  }

  /** Where the memory of a worker starts. */
  long address(int worker) {
    return address + worker * bytes;
  }
}
