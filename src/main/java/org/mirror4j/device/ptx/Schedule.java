package org.mirror4j.device.ptx;

/** In which order the lanes of a warp execute; a correct kernel gives the same bits in both. */
public enum Schedule {
  /** All lanes of a warp in step, as far as control flow allows. */
  LOCKSTEP,
  /** One lane after the other, each as far as it gets alone, in an order drawn from the seed. */
  LANE_SERIAL
}
