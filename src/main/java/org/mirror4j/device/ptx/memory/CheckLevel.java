package org.mirror4j.device.ptx.memory;

/** How closely accesses are watched. */
public enum CheckLevel {
  /**
   * Bounds, lifetime, alignment, read-only tensors, initialised bytes, races, unwritten outputs.
   */
  ALL,
  /** Bounds, lifetime, alignment and read-only tensors: what a card would do damage with. */
  BOUNDS
}
