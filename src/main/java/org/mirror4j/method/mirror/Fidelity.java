package org.mirror4j.method.mirror;

/** Where the released code of the paper and the paper differ, which one is followed. */
public enum Fidelity {
  /**
   * The paper: the mean over real tokens, equal texts of a batch no negatives of each other, blank
   * lines of the corpus skipped, the tokenizer as it is saved. Not of the paper: a prompt before
   * sentences, where the recipe has one.
   */
  CLEAN,
  /**
   * The released code: the mean over padding too, equal texts of a batch negatives of each other,
   * blank lines kept, a BERT tokenizer forced to lower-case.
   */
  RELEASED
}
