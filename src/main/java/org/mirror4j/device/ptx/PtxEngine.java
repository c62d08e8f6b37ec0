package org.mirror4j.device.ptx;

/** What executes the instructions of a launch; results, findings and counts are the same. */
public enum PtxEngine {
  /** One instruction after the other, as the decoder made it. */
  REFERENCE,
  /** Straight runs of instructions as methods of the Java machine, lanes as its vectors. */
  COMPILED
}
