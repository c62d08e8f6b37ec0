package org.mirror4j.device.host;

/**
 * Packed sequences cut into runs: consecutive sequences of together at most {@link #ROWS} rows, or
 * one longer one. A run and a head make a piece of work that is neither too small to hand out nor
 * dependent on the number of threads.
 */
final class SequenceRuns {
  /** Most rows of a run of several sequences. */
  private static final int ROWS = 64;

  private int[] starts = new int[64];
  private int count;

  /** Cuts the sequences anew. */
  void plan(long cuSeqlens, int sequences) {
    if (starts.length <= sequences) {
      starts = new int[2 * sequences];
    }
    count = 0;
    int first = 0;
    while (first < sequences) {
      starts[count++] = first;
      int limit = HostMemory.i32(cuSeqlens, first) + ROWS;
      int next = first + 1;
      while (next < sequences && HostMemory.i32(cuSeqlens, next + 1) <= limit) {
        next++;
      }
      first = next;
    }
    starts[count] = sequences;
  }

  /** Number of runs. */
  int count() {
    return count;
  }

  /** First sequence of a run; of run {@link #count}, the number of sequences. */
  int start(int run) {
    return starts[run];
  }
}
