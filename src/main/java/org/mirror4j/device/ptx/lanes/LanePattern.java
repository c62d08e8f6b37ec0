package org.mirror4j.device.ptx.lanes;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Where the accesses of all lanes of a warp lie from that of the first lane. An instruction mostly
 * has the same pattern again and again, at other places; what follows from a pattern is found once.
 */
public final class LanePattern {
  private static final int LANES = 32;
  private static final VectorSpecies<Long> LONGS = LaneSpecies.WIDES;
  private static final VectorSpecies<Integer> INTS = LaneSpecies.WORDS;

  private final long[] distances = new long[LANES];

  /** Size of a lane's access; 0 while no pattern was taken. */
  private int bytes;

  private long least;
  private long most;
  private long bits;

  /** Where a lane's access does not lie right behind that of the lane before. */
  private int breaks;

  /**
   * Makes this the pattern of addresses.
   *
   * @param accessBytes size of a lane's access, a power of two
   * @return whether it was before
   */
  public boolean take(long[] addresses, int accessBytes) {
    if (accessBytes == bytes && isOf(addresses)) {
      return true;
    }
    bytes = accessBytes;
    least = 0;
    most = 0;
    bits = 0;
    breaks = 1;
    for (int i = 0; i < LANES; i++) {
      long distance = addresses[i] - addresses[0];
      distances[i] = distance;
      least = Math.min(least, distance);
      most = Math.max(most, distance);
      bits |= distance;
      if (i > 0 && distance - distances[i - 1] != bytes) {
        breaks |= 1 << i;
      }
    }
    return false;
  }

  private boolean isOf(long[] addresses) {
    LongVector other = LongVector.zero(LONGS);
    for (int i = 0; i < LANES; i += LONGS.length()) {
      LongVector found = LongVector.fromArray(LONGS, addresses, i).sub(addresses[0]);
      LongVector expected = LongVector.fromArray(LONGS, distances, i);
      other = other.or(found.lanewise(VectorOperators.XOR, expected));
    }
    return other.compare(VectorOperators.EQ, 0).allTrue();
  }

  /** Lanes, a bit each, whose access does not lie right behind that of the lane before. */
  public int breaks() {
    return breaks;
  }

  /** Whether all lanes' accesses follow each other. */
  public boolean isContiguous() {
    return breaks == 1;
  }

  /**
   * Whether the accesses of so many lanes follow each other, then those of as many others, and so
   * on.
   *
   * @param lanes a power of two, at most 16
   */
  public boolean isContiguous(int lanes) {
    // A bit at each multiple of the number.
    int first = Integer.divideUnsigned(-1, (1 << lanes) - 1);
    return (breaks & ~first) == 0;
  }

  /**
   * Whether accesses with this pattern are within a range, each at a multiple of its size.
   *
   * @param first address of the first lane
   * @param start of the range
   * @param rangeBytes below zero for a range in which nothing is
   */
  public boolean isInside(long first, long start, long rangeBytes) {
    long lowest = first + least - start;
    long highest = first + most - start;
    // Distances of more than 63 bits turn the order.
    return lowest >= 0
        && highest >= lowest
        && highest <= rangeBytes - bytes
        && ((first | bits) & bytes - 1) == 0;
  }

  /** Whether all lanes have the same number, that of the first lane at a place. */
  public static boolean areEqual(int[] numbers, int place) {
    IntVector other = IntVector.zero(INTS);
    for (int i = 0; i < LANES; i += INTS.length()) {
      IntVector found = IntVector.fromArray(INTS, numbers, place + i);
      other = other.or(found.lanewise(VectorOperators.XOR, numbers[place]));
    }
    return other.compare(VectorOperators.EQ, 0).allTrue();
  }
}
