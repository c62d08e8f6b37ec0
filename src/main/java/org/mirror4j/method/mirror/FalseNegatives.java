package org.mirror4j.method.mirror;

/** What becomes of equal texts in a batch. */
public enum FalseNegatives {
  /** They are no negatives of each other. */
  MASK,
  /** They are negatives of each other, as in the paper's loss. */
  KEEP
}
