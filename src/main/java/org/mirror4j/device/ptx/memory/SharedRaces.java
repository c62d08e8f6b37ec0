package org.mirror4j.device.ptx.memory;

import java.util.Arrays;

/**
 * Who touched each granule of shared memory since the last barrier. Two accesses are ordered if a
 * barrier of the CTA lies between them, or if they are of one warp and a barrier of that warp does;
 * shuffles and votes order nothing. Unordered accesses of different lanes conflict if one of them
 * writes and not both are atomic, whatever the values.
 *
 * <p>A granule has two entries, of 64 bits each: epoch of the CTA (32 bits), of the warp (19),
 * thread (10) and three flags. The reader's entry is the first reader since the barrier, with flags
 * for more lanes of its warp and for more warps, so that a later write is held against all of them.
 * The writer's is the last plain writer (an earlier one it is not ordered after has been reported)
 * or the first atomic one with the same flags. Epochs of the CTA only grow, also from one CTA to
 * the next, so nothing is cleared.
 */
final class SharedRaces {
  private static final int WARPS = 32;
  private static final int SEVERAL_LANES = 1;
  private static final int SEVERAL_WARPS = 2;
  private static final int ATOMIC = 4;
  private static final int THREAD_SHIFT = 3;
  private static final int WARP_EPOCH_SHIFT = 13;
  private static final int WARP_EPOCH_MASK = 0x7FFFF;

  private final int shift;
  private final long[] readers;
  private final long[] writers;
  private final int[] warpEpochs = new int[WARPS];

  /** Not that of an entry that was never made, 0. */
  private int epoch = 1;

  SharedRaces(int bytes, int granuleBytes) {
    shift = Integer.numberOfTrailingZeros(granuleBytes);
    int granules = (bytes + granuleBytes - 1) >> shift;
    readers = new long[granules];
    writers = new long[granules];
  }

  /** Orders everything before it before everything after it; another CTA begins so as well. */
  void ctaBarrier() {
    epoch++;
    Arrays.fill(warpEpochs, 0);
  }

  /** Orders what one warp did before what it does next. */
  void warpBarrier(int warp) {
    warpEpochs[warp]++;
  }

  /**
   * A read by a thread.
   *
   * @return a thread it conflicts with, itself for several others, or -1
   */
  int read(int thread, int address, int bytes) {
    int last = (address + bytes - 1) >> shift;
    int conflict = -1;
    for (int g = address >> shift; g <= last; g++) {
      long writer = writers[g];
      if (conflicts(writer, thread)) {
        conflict = threadOf(writer);
      }
      readers[g] = merge(readers[g], thread);
    }
    return conflict;
  }

  /**
   * A read by all lanes of a warp.
   *
   * @return a thread it conflicts with, or -1
   */
  int readByWarp(int warp, int address, int bytes) {
    int first = warp * 32;
    int last = (address + bytes - 1) >> shift;
    int conflict = -1;
    for (int g = address >> shift; g <= last; g++) {
      long writer = writers[g];
      boolean several = (writer & SEVERAL_WARPS) != 0;
      if (isCurrent(writer) && (several || !isOrderedInWarp(writer, first))) {
        conflict = threadOf(writer);
      }
      readers[g] = merge(readers[g], first) | SEVERAL_LANES;
    }
    return conflict;
  }

  /**
   * A plain write by a thread.
   *
   * @return a thread it conflicts with, itself for several others, or -1
   */
  int write(int thread, int address, int bytes) {
    int last = (address + bytes - 1) >> shift;
    int conflict = -1;
    for (int g = address >> shift; g <= last; g++) {
      long writer = writers[g];
      if (conflicts(writer, thread)) {
        conflict = threadOf(writer);
      }
      long reader = readers[g];
      if (conflicts(reader, thread)) {
        conflict = threadOf(reader);
      }
      writers[g] = entry(thread);
    }
    return conflict;
  }

  /**
   * An atomic read and write by a thread.
   *
   * @return a thread it conflicts with, itself for several others, or -1
   */
  int atomic(int thread, int address, int bytes) {
    int last = (address + bytes - 1) >> shift;
    int conflict = -1;
    for (int g = address >> shift; g <= last; g++) {
      long writer = writers[g];
      boolean plain = isCurrent(writer) && (writer & ATOMIC) == 0;
      if (plain && conflicts(writer, thread)) {
        conflict = threadOf(writer);
      }
      long reader = readers[g];
      if (conflicts(reader, thread)) {
        conflict = threadOf(reader);
      }
      // Its own plain write stands: another lane's atomic is not ordered after that one either.
      boolean own = plain && threadOf(writer) == thread && !isOrderedInWarp(writer, thread);
      if (!own) {
        writers[g] = (plain ? entry(thread) : merge(writer, thread)) | ATOMIC;
      }
    }
    return conflict;
  }

  /** The thread that has written a byte last. */
  int writer(int address) {
    return threadOf(writers[address >> shift]);
  }

  private long entry(int thread) {
    long warpEpoch = warpEpochs[thread >> 5] & WARP_EPOCH_MASK;
    return (long) epoch << 32 | warpEpoch << WARP_EPOCH_SHIFT | (long) thread << THREAD_SHIFT;
  }

  private static int threadOf(long entry) {
    return (int) entry >> THREAD_SHIFT & 1023;
  }

  private boolean isCurrent(long entry) {
    return (int) (entry >>> 32) == epoch;
  }

  /** Whether an entry is of the warp of a thread, and ordered before it by the warp's barrier. */
  private boolean isOrderedInWarp(long entry, int thread) {
    int warp = thread >> 5;
    return threadOf(entry) >> 5 == warp
        && (int) entry >>> WARP_EPOCH_SHIFT != (warpEpochs[warp] & WARP_EPOCH_MASK);
  }

  /** Whether anyone in an entry is another lane that a thread is not ordered after. */
  private boolean conflicts(long entry, int thread) {
    if (!isCurrent(entry)) {
      return false;
    }
    if ((entry & SEVERAL_WARPS) != 0) {
      return true;
    }
    return !isOrderedInWarp(entry, thread)
        && (threadOf(entry) != thread || (entry & SEVERAL_LANES) != 0);
  }

  /** An entry with one more thread in it. */
  private long merge(long entry, int thread) {
    if (!isCurrent(entry)) {
      return entry(thread);
    }
    if (threadOf(entry) >> 5 != thread >> 5) {
      return entry | SEVERAL_WARPS;
    }
    if (isOrderedInWarp(entry, thread)) {
      // What this warp did before is ordered before whatever it does next; against another warp
      // this access counts as well as those did.
      return entry(thread) | entry & SEVERAL_WARPS;
    }
    return threadOf(entry) == thread ? entry : entry | SEVERAL_LANES;
  }
}
