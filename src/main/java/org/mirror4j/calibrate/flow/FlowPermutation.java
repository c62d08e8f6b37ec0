package org.mirror4j.calibrate.flow;

/** What mixes the channels between two couplings. */
public enum FlowPermutation {
  /** Their order is reversed; all configurations of BERT-flow that were released. */
  REVERSE
}
