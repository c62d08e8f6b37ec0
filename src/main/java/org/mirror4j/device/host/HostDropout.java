package org.mirror4j.device.host;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Philox;

/**
 * Dropout's decisions for runs of elements of a row, a vector of Philox counters at a time. Equal,
 * element for element, to {@link Dropout#half}.
 *
 * <p>A lane holds one counter. A word of state sits in the low half of a 64-bit lane; what is in
 * the high half is ignored by the masked multiplication, which compiles to the 32 x 32 -> 64
 * product.
 */
final class HostDropout {
  /** Elements that are decided at a time: writes are rounded up to a multiple of this. */
  static final int GROUP = 64;

  private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
  private static final int COUNTERS = LONGS.length();
  private static final long LOW = 0xFFFFFFFFL;
  private static final LongVector LANE = LongVector.zero(LONGS).addIndex(1);
  private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

  /** By how much the bit of a lane is below the top, where bit e is lane e's. */
  static final IntVector TO_TOP =
      IntVector.broadcast(INTS, 31).sub(IntVector.zero(INTS).addIndex(1));

  private HostDropout() {}

  /** Floats that {@link #multipliers} writes for {@code count} elements; at least a group. */
  static int floats(int count) {
    return Math.max(1, (count + GROUP - 1) / GROUP) * GROUP;
  }

  /**
   * Multipliers of the four places of an encoder: 0 where dropped, {@link Dropout#scale} where
   * kept; all 1 when dropout is off.
   *
   * @param to address of {@link #floats} elements, overwritten
   * @param site Philox's third counter word
   * @param rowIndex row of the site, see {@link Dropout}
   * @param width elements of a row of the site
   * @param count leading elements of the row to decide
   */
  static void multipliers(long to, Dropout dropout, int site, long rowIndex, int width, int count) {
    multipliers(to, dropout, dropout.threshold(), dropout.scale(), site, rowIndex, width, count);
  }

  /**
   * The same with another threshold and multiplier, as drophead needs.
   *
   * @param threshold halves below it are dropped; 0 keeps all
   * @param kept what a kept element is multiplied by
   */
  static void multipliers(
      long to,
      Dropout dropout,
      int threshold,
      float kept,
      int site,
      long rowIndex,
      int width,
      int count) {
    if (threshold == 0) {
      ones(to, kept, count);
      return;
    }
    long block = rowIndex * (Dropout.rowStride(width) / 8);
    long key = dropout.seed();
    int step = dropout.step();
    for (int i = 0; i < count; i += GROUP) {
      expand(to + 4L * i, keepBits(block, 1, key, site, step, threshold), kept);
      block += 8;
    }
  }

  /** Bytes from the decisions of one row to those of the next, see {@link #rowBits}. */
  static int pitch(int count) {
    return (count + GROUP - 1) / GROUP * 8;
  }

  /**
   * What {@link #multipliers} decides, for short leading parts of many rows at a time: bit {@code e
   * % 8} of byte {@code e / 8} of a row is set when its element {@code e} is kept.
   *
   * @param to {@link #pitch} bytes a row; what is beyond {@code count} holds anything
   * @param firstRow index of the first row
   * @param rowStep from one row's index to the next's
   */
  static void rowBits(
      long to,
      Dropout dropout,
      int site,
      long firstRow,
      int rowStep,
      int rows,
      int width,
      int count) {
    long stride = Dropout.rowStride(width) / 8 * rowStep;
    long block = firstRow * (Dropout.rowStride(width) / 8);
    int pitch = pitch(count);
    for (int i = 0; i < rows; i += 8) {
      for (int c = 0; c < count; c += 8) {
        long first = block + i * stride + c / 8;
        long bits =
            keepBits(first, stride, dropout.seed(), site, dropout.step(), dropout.threshold());
        for (int r = i; r < Math.min(i + 8, rows); r++) {
          HostAllocator.ALL.set(JAVA_BYTE, to + (long) r * pitch + c / 8, (byte) bits);
          bits >>>= 8;
        }
      }
    }
  }

  private static void ones(long to, float kept, int count) {
    FloatVector vector = FloatVector.broadcast(VectorMath.SPECIES, kept);
    for (int i = 0; i < count; i += VectorMath.LANES) {
      vector.intoMemorySegment(HostAllocator.ALL, to + 4L * i, VectorMath.ORDER);
    }
  }

  /** Bit {@code e} of byte {@code i} is set when element e of counter block + i stride is kept. */
  private static long keepBits(
      long block, long stride, long key, int site, int step, int threshold) {
    long bits = 0;
    for (int i = 0; i < 8; i += COUNTERS) {
      bits |= counterBits(block + i * stride, stride, key, site, step, threshold) << (8 * i);
    }
    return bits;
  }

  /** The same of {@link #COUNTERS} counters; the stride is less than 2^32. */
  private static long counterBits(
      long block, long stride, long key, int site, int step, int threshold) {
    LongVector c0 = LANE.and(LOW).mul(LongVector.broadcast(LONGS, stride).and(LOW)).add(block);
    LongVector c1 = c0.lanewise(VectorOperators.LSHR, 32);
    LongVector c2 = LongVector.broadcast(LONGS, site & LOW);
    LongVector c3 = LongVector.broadcast(LONGS, step & LOW);
    LongVector m0 = LongVector.broadcast(LONGS, Philox.MULTIPLIER_0 & LOW);
    LongVector m1 = LongVector.broadcast(LONGS, Philox.MULTIPLIER_1 & LOW);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < Philox.ROUNDS; round++) {
      LongVector p0 = c0.and(LOW).mul(m0.and(LOW));
      LongVector p1 = c2.and(LOW).mul(m1.and(LOW));
      c0 = p1.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, c1);
      c0 = c0.lanewise(VectorOperators.XOR, (long) k0);
      c2 = p0.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, c3);
      c2 = c2.lanewise(VectorOperators.XOR, (long) k1);
      c1 = p1;
      c3 = p0;
      k0 += Philox.WEYL_0;
      k1 += Philox.WEYL_1;
    }
    // Words 0 and 1 hold halves 0 to 3 of each counter, words 2 and 3 halves 4 to 7.
    LongVector first = c0.and(LOW).or(c1.lanewise(VectorOperators.LSHL, 32));
    LongVector second = c2.and(LOW).or(c3.lanewise(VectorOperators.LSHL, 32));
    ShortVector low = first.reinterpretAsShorts();
    ShortVector high = second.reinterpretAsShorts();
    short least = (short) threshold;
    return spread(low.compare(VectorOperators.UGE, least).toLong())
        | spread(high.compare(VectorOperators.UGE, least).toLong()) << 4;
  }

  /**
   * Four bits to the lower half of each byte. {@link Long#expand} does it by an instruction that
   * takes hundreds of cycles on AMD's processors before Zen 3.
   */
  private static long spread(long bits) {
    bits = (bits | bits << 16) & 0x0000FFFF0000FFFFL;
    bits = (bits | bits << 8) & 0x00FF00FF00FF00FFL;
    return (bits | bits << 4) & 0x0F0F0F0F0F0F0F0FL;
  }

  /**
   * Writes {@code kept} where the bit is set and 0 elsewhere, 64 elements: a lane's bit is shifted
   * to the top and from there over all of it. Masks made from bits are slow where they are vectors.
   */
  private static void expand(long to, long bits, float kept) {
    int keptBits = Float.floatToRawIntBits(kept);
    for (int i = 0; i < GROUP; i += VectorMath.LANES) {
      IntVector.broadcast(INTS, (int) (bits >>> i))
          .lanewise(VectorOperators.LSHL, TO_TOP)
          .lanewise(VectorOperators.ASHR, 31)
          .and(keptBits)
          .reinterpretAsFloats()
          .intoMemorySegment(HostAllocator.ALL, to + 4L * i, VectorMath.ORDER);
    }
  }
}
