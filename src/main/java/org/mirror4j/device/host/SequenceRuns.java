package org.mirror4j.device.host;

/**
 * Packed sequences cut into runs: consecutive sequences shorter than {@link #LONG}, of together at
 * most {@link #ROWS} rows, or one longer one. What is computed of a sequence does not depend on its
 * run.
 */
final class SequenceRuns {
  /** Rows of a sequence from which a call of the matrix library pays. */
  static final int LONG = 40;

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
      int limit = HostAllocator.i32(cuSeqlens, first) + ROWS;
      boolean isLong = rows(cuSeqlens, first) >= LONG;
      first++;
      while (!isLong
          && first < sequences
          && HostAllocator.i32(cuSeqlens, first + 1) <= limit
          && rows(cuSeqlens, first) < LONG) {
        first++;
      }
    }
    starts[count] = sequences;
  }

  private static int rows(long cuSeqlens, int sequence) {
    return HostAllocator.i32(cuSeqlens, sequence + 1) - HostAllocator.i32(cuSeqlens, sequence);
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
