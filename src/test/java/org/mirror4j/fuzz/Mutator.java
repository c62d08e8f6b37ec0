package org.mirror4j.fuzz;

import java.util.SplittableRandom;

/** Damages a file in one place or a few. */
@FunctionalInterface
interface Mutator {
  /**
   * A damaged copy.
   *
   * @param content may be empty, and need not be valid any more
   * @param other the same file of another seed
   */
  byte[] mutate(byte[] content, byte[] other, SplittableRandom random);
}
