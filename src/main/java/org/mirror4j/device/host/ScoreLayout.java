package org.mirror4j.device.host;

import static org.mirror4j.device.host.VectorMath.LANES;

/**
 * Where the attention scores of a run of sequences lie: a row for each query, in which the
 * sequence's keys take neighbouring columns. Sequences of few keys share a vector of columns, so
 * that one multiplication serves several: each has a slot as wide as the next power of two, at a
 * multiple of its width. Hence no slot crosses the end of a vector, and the sum of a row in the
 * order of {@link VectorMath#sumAt}, all else being zero, does not depend on which slot it is.
 *
 * <p>A group is what shares a vector, or one sequence of one or more vectors.
 */
final class ScoreLayout {
  private int[] sequences = new int[4 * 65];
  private int[] groups = new int[3 * 65];
  private int sequenceCount;
  private int groupCount;
  private int rows;
  private int stride;
  private int columns;
  private int mostKeys;

  /** Lays out sequences {@code from} to {@code to} of a packed batch. */
  void plan(long cuSeqlens, long keyLengths, int from, int to) {
    reserve(to - from);
    int first = HostAllocator.i32(cuSeqlens, from);
    sequenceCount = 0;
    groupCount = 0;
    rows = 0;
    stride = LANES;
    columns = 0;
    mostKeys = 0;
    int taken = LANES;
    for (int s = from; s < to; s++) {
      int keys = HostAllocator.i32(keyLengths, s);
      int width = slot(keys);
      int lane = width < LANES ? (taken + width - 1) / width * width : LANES;
      if (lane + width > LANES) {
        lane = 0;
        groups[3 * groupCount] = sequenceCount;
        groups[3 * groupCount + 1] = columns;
        groups[3 * groupCount + 2] = Math.max(width, LANES);
        columns += Math.max(width, LANES);
        groupCount++;
      }
      taken = lane + width;
      int at = 4 * sequenceCount++;
      sequences[at] = rows;
      sequences[at + 1] = keys;
      sequences[at + 2] = lane;
      sequences[at + 3] = s;
      rows = HostAllocator.i32(cuSeqlens, s + 1) - first;
      stride = Math.max(stride, width);
      mostKeys = Math.max(mostKeys, keys);
    }
    sequences[4 * sequenceCount] = rows;
    groups[3 * groupCount] = sequenceCount;
  }

  private void reserve(int count) {
    if (4 * (count + 1) > sequences.length) {
      sequences = new int[8 * (count + 1)];
      groups = new int[6 * (count + 1)];
    }
  }

  private static int slot(int keys) {
    return keys >= LANES
        ? SmallProducts.stride(keys)
        : keys <= 1 ? 1 : Integer.highestOneBit(keys - 1) << 1;
  }

  /** Number of sequences. */
  int sequences() {
    return sequenceCount;
  }

  /** Queries of all sequences. */
  int rows() {
    return rows;
  }

  /** First row of a sequence; of sequence {@link #sequences}, the number of rows. */
  int row(int sequence) {
    return sequences[4 * sequence];
  }

  /** Keys of a sequence. */
  int keys(int sequence) {
    return sequences[4 * sequence + 1];
  }

  /** Column of a sequence's first key. */
  int lane(int sequence) {
    return sequences[4 * sequence + 2];
  }

  /** Number of a sequence in the batch. */
  int number(int sequence) {
    return sequences[4 * sequence + 3];
  }

  /** Keys of the sequence that has most. */
  int mostKeys() {
    return mostKeys;
  }

  /** Elements from one row of scores to the next: whole vectors. */
  int stride() {
    return stride;
  }

  /** Number of groups. */
  int groups() {
    return groupCount;
  }

  /** First sequence of a group; of group {@link #groups}, the number of sequences. */
  int sequence(int group) {
    return groups[3 * group];
  }

  /** Where the columns of a group begin if those of all groups stand side by side. */
  int column(int group) {
    return groups[3 * group + 1];
  }

  /** Columns of a group: whole vectors. */
  int width(int group) {
    return groups[3 * group + 2];
  }

  /** Columns of all groups. */
  int columns() {
    return columns;
  }
}
