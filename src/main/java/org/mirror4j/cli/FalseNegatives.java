package org.mirror4j.cli;

/** What becomes of equal texts in a batch. */
enum FalseNegatives {
  /** They are no negatives of each other. */
  MASK,
  /** They are negatives of each other, as in the paper's loss. */
  KEEP
}
