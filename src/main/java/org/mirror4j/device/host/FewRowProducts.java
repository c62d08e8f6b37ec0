package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import jdk.incubator.vector.FloatVector;
import org.mirror4j.tensor.Tensor;

/**
 * {@code C = A B^T} where A has few rows and B, the weights, many: a library first copies B into an
 * order of its own, which then costs more than the product. Here the few rows of A are transposed
 * and each element of B is read once, where it lies, for several vectors of rows of A.
 *
 * <p>Each element is one chain of fused multiply-adds in ascending order, so its bits do not depend
 * on the number of rows.
 */
final class FewRowProducts implements HostThreads.Task {
  /**
   * Most rows of A for which this is faster than the library: two vectors. Measured with B of 3072
   * x 768 read from memory, on one thread of a Zen 1 (8 lanes), GFLOP/s; three vectors at a time,
   * tried for more rows, were slower than the library:
   *
   * <pre>
   *   rows         1     8    16    20    24
   *   dnnl_sgemm  1.5  12.3  25.0  25.8  26.8
   *   this        2.6  20.4  26.3  20.7  24.2
   * </pre>
   */
  static final int MOST_ROWS = 2 * LANES;

  /** Rows of B that make a piece of work. */
  private static final int PIECE = 64;

  /** Most rows of B that are taken at a time. */
  private static final int MOST_BLOCK = 8;

  private final HostThreads threads;
  private final HostScratch[] scratch;
  private final HostScratch shared;
  private final ScalarStart start;
  private final HostThreads.Task scalars = this::runScalars;

  private Tensor b;
  private Tensor c;
  private int rows;
  private int stride;
  private int depth;
  private long transposed;
  private float[] values;

  FewRowProducts(
      HostThreads threads, HostScratch[] scratch, HostAllocator memory, ScalarStart start) {
    this.threads = threads;
    this.scratch = scratch;
    this.start = start;
    shared = new HostScratch(memory);
  }

  /**
   * {@code C = A B^T}.
   *
   * @param c [m, n], overwritten
   * @param a [m, k], m and k at least 1
   * @param b [n, k]
   */
  void multiply(Tensor c, Tensor a, Tensor b) {
    this.b = b;
    this.c = c;
    rows = a.rows();
    depth = a.columns();
    int pieces = (b.rows() + PIECE - 1) / PIECE;
    if (start.takes(rows * b.size())) {
      int size = rows * depth;
      values = HostAllocator.f32s(StoredRow.load(a, 0, size, shared.floats(size)), size);
      threads.run(pieces, scalars);
      values = null;
      return;
    }
    stride = SmallProducts.stride(rows);
    long whole = (long) depth * stride;
    transposed = shared.floats(whole + (long) rows * depth);
    if (stride > rows) {
      RowLoops.fill(transposed, 0f, depth * stride);
    }
    long loaded = StoredRow.load(a, 0, rows * depth, transposed + 4 * whole);
    SmallProducts.transpose(transposed, stride, loaded, depth, rows, depth);
    threads.run(pieces, this);
  }

  @Override
  public void run(int index, int worker) {
    int from = index * PIECE;
    int width = Math.min(PIECE, b.rows() - from);
    long products = (long) (PIECE + MOST_BLOCK) * stride;
    long block = (long) rows * PIECE;
    long room = scratch[worker].floats(products + block + (long) PIECE * depth);
    long loaded = room + 4 * (products + block);
    multiply(room, StoredRow.load(b, (long) from * depth, width * depth, loaded), width);

    long result = StoredRow.room(c, from, room + 4 * products);
    SmallProducts.transpose(result, StoredBlock.stride(c, width), room, stride, width, rows);
    StoredBlock.store(c, from, rows, width, result);
  }

  /** {@link #run} by scalars. */
  private void runScalars(int index, int worker) {
    int from = index * PIECE;
    int width = Math.min(PIECE, b.rows() - from);
    long block = (long) rows * PIECE;
    long room = scratch[worker].floats(block + (long) PIECE * depth);
    int size = width * depth;
    long loaded = StoredRow.load(b, (long) from * depth, size, room + 4 * block);
    float[] weights = HostAllocator.f32s(loaded, size);
    long result = StoredRow.room(c, from, room);
    int resultStride = StoredBlock.stride(c, width);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < width; j++) {
        float product = product(values, i * depth, weights, j * depth, depth);
        HostAllocator.f32(result, i * resultStride + j, product);
      }
    }
    StoredBlock.store(c, from, rows, width, result);
  }

  private static float product(float[] a, int fromA, float[] b, int fromB, int depth) {
    float sum = 0;
    for (int t = 0; t < depth; t++) {
      sum = Math.fma(a[fromA + t], b[fromB + t], sum);
    }
    return sum;
  }

  /**
   * {@code to[j, i] = a[i] . b[j]} for j below {@code width} and the added rows of a.
   *
   * @param to [width rounded up to {@link #MOST_BLOCK}, stride]; what is added is overwritten with
   *     anything
   */
  private void multiply(long to, long b, int width) {
    int last = width - 1;
    boolean single = stride == LANES;
    for (int j = 0; j < width; j += single ? MOST_BLOCK : MOST_BLOCK / 2) {
      long row = to + 4L * j * stride;
      if (single) {
        one(row, transposed, stride, b, j, last, depth);
      } else {
        two(row, transposed, stride, b, j, last, depth);
      }
    }
  }

  private static long row(long b, int j, int last, int depth) {
    return b + 4L * Math.min(j, last) * depth;
  }

  private static void two(long to, long a, int stride, long b, int j, int last, int depth) {
    long b0 = row(b, j, last, depth);
    long b1 = row(b, j + 1, last, depth);
    long b2 = row(b, j + 2, last, depth);
    long b3 = row(b, j + 3, last, depth);
    FloatVector s00 = FloatVector.zero(SPECIES);
    FloatVector s01 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    for (int t = 0; t < depth; t++) {
      long at = a + 4L * t * stride;
      FloatVector a0 = fromMemorySegment(SPECIES, ALL, at, ORDER);
      FloatVector a1 = fromMemorySegment(SPECIES, ALL, at + 4L * LANES, ORDER);
      FloatVector w = FloatVector.broadcast(SPECIES, HostAllocator.f32(b0, t));
      s00 = w.fma(a0, s00);
      s01 = w.fma(a1, s01);
      w = FloatVector.broadcast(SPECIES, HostAllocator.f32(b1, t));
      s10 = w.fma(a0, s10);
      s11 = w.fma(a1, s11);
      w = FloatVector.broadcast(SPECIES, HostAllocator.f32(b2, t));
      s20 = w.fma(a0, s20);
      s21 = w.fma(a1, s21);
      w = FloatVector.broadcast(SPECIES, HostAllocator.f32(b3, t));
      s30 = w.fma(a0, s30);
      s31 = w.fma(a1, s31);
    }
    s00.intoMemorySegment(ALL, to, ORDER);
    s01.intoMemorySegment(ALL, to + 4L * LANES, ORDER);
    to += 4L * stride;
    s10.intoMemorySegment(ALL, to, ORDER);
    s11.intoMemorySegment(ALL, to + 4L * LANES, ORDER);
    to += 4L * stride;
    s20.intoMemorySegment(ALL, to, ORDER);
    s21.intoMemorySegment(ALL, to + 4L * LANES, ORDER);
    to += 4L * stride;
    s30.intoMemorySegment(ALL, to, ORDER);
    s31.intoMemorySegment(ALL, to + 4L * LANES, ORDER);
  }

  private static void one(long to, long a, int stride, long b, int j, int last, int depth) {
    long b0 = row(b, j, last, depth);
    long b1 = row(b, j + 1, last, depth);
    long b2 = row(b, j + 2, last, depth);
    long b3 = row(b, j + 3, last, depth);
    long b4 = row(b, j + 4, last, depth);
    long b5 = row(b, j + 5, last, depth);
    long b6 = row(b, j + 6, last, depth);
    long b7 = row(b, j + 7, last, depth);
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    for (int t = 0; t < depth; t++) {
      FloatVector x = fromMemorySegment(SPECIES, ALL, a + 4L * t * stride, ORDER);
      s0 = x.fma(FloatVector.broadcast(SPECIES, HostAllocator.f32(b0, t)), s0);
      s1 = x.fma(FloatVector.broadcast(SPECIES, HostAllocator.f32(b1, t)), s1);
      s2 = x.fma(FloatVector.broadcast(SPECIES, HostAllocator.f32(b2, t)), s2);
      s3 = x.fma(FloatVector.broadcast(SPECIES, HostAllocator.f32(b3, t)), s3);
      s4 = x.fma(FloatVector.broadcast(SPECIES, HostAllocator.f32(b4, t)), s4);
      s5 = x.fma(FloatVector.broadcast(SPECIES, HostAllocator.f32(b5, t)), s5);
      s6 = x.fma(FloatVector.broadcast(SPECIES, HostAllocator.f32(b6, t)), s6);
      s7 = x.fma(FloatVector.broadcast(SPECIES, HostAllocator.f32(b7, t)), s7);
    }
    long bytes = 4L * stride;
    s0.intoMemorySegment(ALL, to, ORDER);
    s1.intoMemorySegment(ALL, to + bytes, ORDER);
    s2.intoMemorySegment(ALL, to + 2 * bytes, ORDER);
    s3.intoMemorySegment(ALL, to + 3 * bytes, ORDER);
    s4.intoMemorySegment(ALL, to + 4 * bytes, ORDER);
    s5.intoMemorySegment(ALL, to + 5 * bytes, ORDER);
    s6.intoMemorySegment(ALL, to + 6 * bytes, ORDER);
    s7.intoMemorySegment(ALL, to + 7 * bytes, ORDER);
  }
}
