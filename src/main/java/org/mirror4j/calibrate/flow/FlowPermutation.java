package org.mirror4j.calibrate.flow;

/** What mixes the channels between two couplings. */
public enum FlowPermutation {
  /** Their order is reversed; all configurations of BERT-flow that were released. */
  REVERSE,
  /**
   * An invertible matrix that is learned, as a permutation that is not and two triangular factors
   * (Kingma and Dhariwal 2018, section 3.2).
   */
  PLU
}
