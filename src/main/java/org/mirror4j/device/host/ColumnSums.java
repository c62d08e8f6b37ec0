package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.mirror4j.tensor.Tensor;

/**
 * Sums over all rows of a matrix, in an order that depends on the number of rows alone: first
 * inside blocks of {@link #ROWS} rows, each summed by whoever takes it, then over the blocks in
 * order. With B blocks the error is at most {@code (ROWS + B) u} of the sum of magnitudes.
 *
 * <p>Use: {@link #plan}, then for each block add its rows to the memory at {@link #block}, then
 * {@link #addTo}.
 */
final class ColumnSums {
  /** Rows of a block. */
  static final int ROWS = 32;

  /** Columns of a piece of the reduction over the blocks. */
  private static final int CHUNK = 128;

  private final HostThreads threads;
  private final HostScratch scratch;
  private final HostThreads.Task reduce = this::reduce;
  private long partials;
  private int blocks;
  private int width;
  private long target;
  private int first;
  private int columns;

  ColumnSums(HostThreads threads, HostAllocator memory) {
    this.threads = threads;
    scratch = new HostScratch(memory);
  }

  /**
   * Makes room for the partial sums of {@code width} columns over {@code rows} rows.
   *
   * @return the number of blocks
   */
  int plan(int rows, int width) {
    blocks = (rows + ROWS - 1) / ROWS;
    this.width = width;
    partials = scratch.floats((long) blocks * width);
    return blocks;
  }

  /** The partial sums of one block, set to 0. */
  long block(int index) {
    long address = partials + 4L * index * width;
    RowLoops.fill(address, 0f, width);
    return address;
  }

  /** Adds {@code columns} of the planned columns, from {@code first}, to the start of a tensor. */
  void addTo(Tensor sums, int first, int columns) {
    target = sums.address();
    this.first = first;
    this.columns = columns;
    threads.run((columns + CHUNK - 1) / CHUNK, reduce);
  }

  private void reduce(int index, int worker) {
    int from = index * CHUNK;
    reduce(
        target + 4L * from,
        partials + 4L * (first + from),
        Math.min(CHUNK, columns - from),
        blocks,
        4L * width);
  }

  private static void reduce(long target, long partials, int count, int blocks, long stride) {
    int i = 0;
    for (; i < SPECIES.loopBound(count); i += LANES) {
      FloatVector sum = fromMemorySegment(SPECIES, ALL, partials + 4L * i, ORDER);
      for (int block = 1; block < blocks; block++) {
        sum = fromMemorySegment(SPECIES, ALL, partials + block * stride + 4L * i, ORDER).add(sum);
      }
      fromMemorySegment(SPECIES, ALL, target + 4L * i, ORDER)
          .add(sum)
          .intoMemorySegment(ALL, target + 4L * i, ORDER);
    }
    if (i < count) {
      reduceTail(target, partials, i, count, blocks, stride);
    }
  }

  private static void reduceTail(
      long target, long partials, int i, int count, int blocks, long stride) {
    VectorMask<Float> mask = SPECIES.indexInRange(i, count);
    FloatVector sum = fromMemorySegment(SPECIES, ALL, partials + 4L * i, ORDER, mask);
    for (int block = 1; block < blocks; block++) {
      sum =
          fromMemorySegment(SPECIES, ALL, partials + block * stride + 4L * i, ORDER, mask).add(sum);
    }
    fromMemorySegment(SPECIES, ALL, target + 4L * i, ORDER, mask)
        .add(sum)
        .intoMemorySegment(ALL, target + 4L * i, ORDER, mask);
  }
}
