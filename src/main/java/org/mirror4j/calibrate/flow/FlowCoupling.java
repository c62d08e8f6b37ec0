package org.mirror4j.calibrate.flow;

/** How the second half of the channels is changed by a function of the first. */
public enum FlowCoupling {
  /** A shift is added (Dinh et al. 2015); all configurations of BERT-flow that were released. */
  ADDITIVE(1),
  /** A shift is added, and a scale between 0 and 1 multiplied (Dinh et al. 2017). */
  AFFINE(2);

  private final int outputs;

  FlowCoupling(int outputs) {
    this.outputs = outputs;
  }

  /** Values that the network gives for a channel. */
  int outputs() {
    return outputs;
  }
}
