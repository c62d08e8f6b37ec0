package org.mirror4j.device.host;

import java.lang.foreign.MemorySegment;
import org.mirror4j.device.operation.Memory;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * Operations over all elements of a tensor, however long: {@link Memory#fill}, {@link Memory#copy},
 * {@link Memory#convert}, {@link Memory#add}, {@link Optimizer#scale}, {@link
 * Optimizer#sumOfSquares}.
 */
final class HostElementwise {
  /** Elements of a piece. */
  private static final int PIECE = 1 << 16;

  /** Bytes of a piece of a copy. */
  private static final int COPY = 4 * PIECE;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostScratch partialSums;
  private final HostThreads.Task fill = this::fill;
  private final HostThreads.Task copy = this::copy;
  private final HostThreads.Task convert = this::convert;
  private final HostThreads.Task add = this::add;
  private final HostThreads.Task scale = this::scale;
  private final HostThreads.Task squares = this::squares;
  private Tensor x;
  private Tensor y;
  private float value;
  private long partials;

  HostElementwise(HostThreads threads, HostScratch[] scratch, HostAllocator memory) {
    this.threads = threads;
    this.scratch = scratch;
    partialSums = new HostScratch(memory);
  }

  /** {@link Memory#fill}. */
  void fill(Tensor x, float value) {
    run(x, value, fill);
  }

  private void fill(int index, int worker) {
    // Zeros go to the C library: the first fill, of a whole model, comes before anything is
    // compiled.
    if (Float.floatToRawIntBits(value) == 0) {
      HostAllocator.zero(address(index), 4L * count(index));
    } else {
      RowLoops.fill(address(index), value, count(index));
    }
  }

  /** {@link Memory#copy}. */
  void copy(Tensor y, Tensor x) {
    this.y = y;
    this.x = x;
    threads.run((int) ((x.bytes() + COPY - 1) / COPY), copy);
  }

  private void copy(int index, int worker) {
    long first = (long) index * COPY;
    long bytes = Math.min(COPY, x.bytes() - first);
    MemorySegment.copy(
        HostAllocator.ALL, x.address() + first, HostAllocator.ALL, y.address() + first, bytes);
  }

  /** {@link Memory#convert}. */
  void convert(Tensor y, Tensor x) {
    if (y.dtype() == x.dtype()) {
      copy(y, x);
    } else {
      this.y = y;
      run(x, 0, convert);
    }
  }

  private void convert(int index, int worker) {
    long first = (long) index * PIECE;
    if (y.dtype() == DType.F32) {
      StoredRow.load(x, first, count(index), StoredRow.at(y, first));
    } else {
      StoredRow.store(y, first, count(index), StoredRow.at(x, first));
    }
  }

  /** {@link Memory#add}. */
  void add(Tensor y, Tensor x) {
    this.y = y;
    run(x, 0, add);
  }

  private void add(int index, int worker) {
    long first = (long) index * PIECE;
    int count = count(index);
    long room = y.dtype() == DType.F32 ? 0 : scratch[worker].floats(2L * PIECE);
    long sum = StoredRow.load(y, first, count, room);
    RowLoops.add(sum, StoredRow.load(x, first, count, room + 4L * PIECE), count);
    StoredRow.store(y, first, count, sum);
  }

  /** {@link Optimizer#scale}. */
  void scale(Tensor x, float factor) {
    run(x, factor, scale);
  }

  private void scale(int index, int worker) {
    RowLoops.scale(address(index), address(index), value, count(index));
  }

  /** {@link Optimizer#sumOfSquares}: pieces of fixed length, then over the pieces in order. */
  void sumOfSquares(Tensor result, Tensor x) {
    int pieces = pieces(x);
    partials = partialSums.floats(2L * pieces);
    run(x, 0, squares);
    double sum = 0;
    for (int i = 0; i < pieces; i++) {
      sum += HostAllocator.f64(partials, i);
    }
    HostAllocator.f32(result.address(), 0, (float) sum);
  }

  private void squares(int index, int worker) {
    long lanes = scratch[worker].floats(SquareSum.SCRATCH);
    double sum = SquareSum.of(address(index), count(index), lanes);
    HostAllocator.f64(partials, index, sum);
  }

  private void run(Tensor x, float value, HostThreads.Task task) {
    this.x = x;
    this.value = value;
    threads.run(pieces(x), task);
  }

  private static int pieces(Tensor x) {
    return (int) ((x.size() + PIECE - 1) / PIECE);
  }

  private long address(int index) {
    return x.address() + 4L * PIECE * index;
  }

  private int count(int index) {
    return (int) Math.min(PIECE, x.size() - (long) index * PIECE);
  }
}
