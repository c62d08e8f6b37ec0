package org.mirror4j.train;

/**
 * Where the released code of a paper and the paper differ, which one is followed. What that means
 * is said by the settings of each method.
 */
public enum Fidelity {
  /** The paper. */
  CLEAN,
  /** The released code. */
  RELEASED
}
