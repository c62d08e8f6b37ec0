package org.mirror4j.device.ptx.lanes;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors that lanes of a warp are computed with: those that the processor prefers, but of no
 * fewer than 128 bits, so that half of one is one, and no more than 512, so that a warp's double
 * words are several.
 */
public final class LaneSpecies {
  private static final int BITS = Math.clamp(IntVector.SPECIES_PREFERRED.vectorBitSize(), 128, 512);

  /** Of words. */
  public static final VectorSpecies<Integer> WORDS =
      VectorSpecies.of(int.class, VectorShape.forBitSize(BITS));

  /** Of double words. */
  public static final VectorSpecies<Long> WIDES =
      VectorSpecies.of(long.class, VectorShape.forBitSize(BITS));

  /** Of as many words as there are double words in the others. */
  public static final VectorSpecies<Integer> WORDS_OF_WIDES =
      VectorSpecies.of(int.class, VectorShape.forBitSize(BITS / 2));

  /** Of f64. */
  public static final VectorSpecies<Double> DOUBLES =
      VectorSpecies.of(double.class, VectorShape.forBitSize(BITS));

  /** Of as many f32 as there are f64 in the others. */
  public static final VectorSpecies<Float> FLOATS_OF_DOUBLES =
      VectorSpecies.of(float.class, VectorShape.forBitSize(BITS / 2));

  private LaneSpecies() {}
}
