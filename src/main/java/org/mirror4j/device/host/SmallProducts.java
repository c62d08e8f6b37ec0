package org.mirror4j.device.host;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static org.mirror4j.device.host.HostAllocator.ALL;
import static org.mirror4j.device.host.VectorMath.LANES;
import static org.mirror4j.device.host.VectorMath.ORDER;
import static org.mirror4j.device.host.VectorMath.SPECIES;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Products of matrices too small for a library call, in the forms attention needs. Each element is
 * one chain of fused multiply-adds in ascending order, so its bits do not depend on the sizes
 * around it.
 */
final class SmallProducts {
  /** Two neighbouring f32s, the first in the lower half. */
  private static final ValueLayout.OfLong PAIR =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private SmallProducts() {}

  /** {@code count} rounded up to whole vectors. */
  static int stride(int count) {
    return (count + LANES - 1) / LANES * LANES;
  }

  /** {@code to[t, j] = from[j, t]} for j below rows; elements from rows to stride stay. */
  static void transpose(long to, int stride, long from, int fromStride, int rows, int columns) {
    int j = 0;
    for (; j + 2 <= rows; j += 2) {
      long row = from + 4L * j * fromStride;
      transposePair(to + 4L * j, 4L * stride, row, row + 4L * fromStride, columns);
    }
    if (j < rows) {
      transposeRow(to + 4L * j, 4L * stride, from + 4L * j * fromStride, columns);
    }
  }

  /** Two rows, two elements at a time: half as many loads and stores. */
  private static void transposePair(long to, long stride, long first, long second, int columns) {
    int t = 0;
    for (; t + 2 <= columns; t += 2) {
      long x = ALL.get(PAIR, first + 4L * t);
      long y = ALL.get(PAIR, second + 4L * t);
      ALL.set(PAIR, to, x & 0xFFFFFFFFL | y << 32);
      ALL.set(PAIR, to + stride, x >>> 32 | y & ~0xFFFFFFFFL);
      to += 2 * stride;
    }
    for (; t < columns; t++) {
      HostAllocator.f32(to, 0, HostAllocator.f32(first, t));
      HostAllocator.f32(to, 1, HostAllocator.f32(second, t));
      to += stride;
    }
  }

  private static void transposeRow(long to, long stride, long from, int columns) {
    for (int t = 0; t < columns; t++) {
      HostAllocator.f32(to, 0, HostAllocator.f32(from, t));
      to += stride;
    }
  }

  /**
   * {@code to[i, j] = a[i] . b[j]} b given transposed. Columns of the result are as defined as
   * those of b.
   *
   * @param to [rows rounded up to 4, stride]; the added rows are overwritten with anything
   * @param transposed [depth, width]
   */
  static void dots(
      long to, int stride, long a, int aStride, int rows, long transposed, int width, int depth) {
    for (int i = 0; i < rows; i += 4) {
      long a0 = a + 4L * i * aStride;
      long a1 = a + 4L * Math.min(i + 1, rows - 1) * aStride;
      long a2 = a + 4L * Math.min(i + 2, rows - 1) * aStride;
      long a3 = a + 4L * Math.min(i + 3, rows - 1) * aStride;
      for (int j = 0; j < width; j += LANES) {
        long b = transposed + 4L * j;
        dotBlock(to + 4L * (i * stride + j), stride, a0, a1, a2, a3, b, width, depth);
      }
    }
  }

  private static void dotBlock(
      long to,
      int stride,
      long a0,
      long a1,
      long a2,
      long a3,
      long transposed,
      int width,
      int depth) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int t = 0; t < depth; t++) {
      FloatVector b = fromMemorySegment(SPECIES, ALL, transposed + 4L * (t * width), ORDER);
      s0 = b.fma(FloatVector.broadcast(SPECIES, HostAllocator.f32(a0, t)), s0);
      s1 = b.fma(FloatVector.broadcast(SPECIES, HostAllocator.f32(a1, t)), s1);
      s2 = b.fma(FloatVector.broadcast(SPECIES, HostAllocator.f32(a2, t)), s2);
      s3 = b.fma(FloatVector.broadcast(SPECIES, HostAllocator.f32(a3, t)), s3);
    }
    s0.intoMemorySegment(ALL, to, ORDER);
    s1.intoMemorySegment(ALL, to + 4L * stride, ORDER);
    s2.intoMemorySegment(ALL, to + 4L * (2 * stride), ORDER);
    s3.intoMemorySegment(ALL, to + 4L * (3 * stride), ORDER);
  }

  /**
   * {@code to[i] = factor * sum_j weight[i, j] x[j]} for rows i and terms j, each a vector of
   * {@code width} elements.
   *
   * @param weightRow elements from weight[i, j] to weight[i + 1, j]
   * @param weightColumn elements from weight[i, j] to weight[i, j + 1]
   */
  static void weightedSums(
      long to,
      int toStride,
      int rows,
      long weights,
      int weightRow,
      int weightColumn,
      long x,
      int xStride,
      int terms,
      int width,
      float factor) {
    for (int i = 0; i < rows; i += 2) {
      long out = to + 4L * i * toStride;
      long w = weights + 4L * i * weightRow;
      boolean last = i + 1 == rows;
      // The second row of the last pair is the first again.
      long secondOut = last ? out : out + 4L * toStride;
      long secondW = last ? w : w + 4L * weightRow;
      int c = 0;
      for (; c + 2 * LANES <= width; c += 2 * LANES) {
        long at = 4L * c;
        sums(out + at, secondOut + at, w, secondW, weightColumn, x + at, xStride, terms, factor);
      }
      for (; c < width; c += LANES) {
        long at = 4L * c;
        int rest = width - c;
        sumTail(out + at, w, weightColumn, x + at, xStride, terms, rest, factor);
        sumTail(secondOut + at, secondW, weightColumn, x + at, xStride, terms, rest, factor);
      }
    }
  }

  /** Two vectors of two rows. */
  private static void sums(
      long to,
      long secondTo,
      long w,
      long secondW,
      int weightColumn,
      long x,
      int xStride,
      int terms,
      float factor) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int j = 0; j < terms; j++) {
      FloatVector weight = FloatVector.broadcast(SPECIES, HostAllocator.f32(w, j * weightColumn));
      FloatVector second =
          FloatVector.broadcast(SPECIES, HostAllocator.f32(secondW, j * weightColumn));
      long row = x + 4L * j * xStride;
      FloatVector x0 = fromMemorySegment(SPECIES, ALL, row, ORDER);
      FloatVector x1 = fromMemorySegment(SPECIES, ALL, row + 4L * LANES, ORDER);
      s0 = x0.fma(weight, s0);
      s1 = x1.fma(weight, s1);
      s2 = x0.fma(second, s2);
      s3 = x1.fma(second, s3);
    }
    s0.mul(factor).intoMemorySegment(ALL, to, ORDER);
    s1.mul(factor).intoMemorySegment(ALL, to + 4L * LANES, ORDER);
    s2.mul(factor).intoMemorySegment(ALL, secondTo, ORDER);
    s3.mul(factor).intoMemorySegment(ALL, secondTo + 4L * LANES, ORDER);
  }

  private static void sumTail(
      long to, long w, int weightColumn, long x, int xStride, int terms, int width, float factor) {
    VectorMask<Float> mask = SPECIES.indexInRange(0, width);
    FloatVector s = FloatVector.zero(SPECIES);
    for (int j = 0; j < terms; j++) {
      FloatVector weight = FloatVector.broadcast(SPECIES, HostAllocator.f32(w, j * weightColumn));
      s = fromMemorySegment(SPECIES, ALL, x + 4L * j * xStride, ORDER, mask).fma(weight, s);
    }
    s.mul(factor).intoMemorySegment(ALL, to, ORDER, mask);
  }

  /** {@code to = sum_i x[i]}, rows in ascending order. */
  static void sumRows(long to, long x, int xStride, int rows, int width) {
    for (int c = 0; c < width; c += LANES) {
      sumColumn(to + 4L * c, x + 4L * c, xStride, rows, width - c);
    }
  }

  private static void sumColumn(long to, long x, int xStride, int rows, int width) {
    VectorMask<Float> mask = SPECIES.indexInRange(0, width);
    FloatVector s = FloatVector.zero(SPECIES);
    for (int i = 0; i < rows; i++) {
      s = fromMemorySegment(SPECIES, ALL, x + 4L * i * xStride, ORDER, mask).add(s);
    }
    s.intoMemorySegment(ALL, to, ORDER, mask);
  }

  /** {@code x[i] = 0} for each row i. */
  static void zeroRows(long x, int xStride, int rows, int width) {
    for (int i = 0; i < rows; i++) {
      RowLoops.fill(x + 4L * i * xStride, 0f, width);
    }
  }
}
