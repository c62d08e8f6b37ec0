package org.mirror4j.device.ptx;

/** In which order the lanes of a warp execute; a correct kernel gives the same bits in both. */
public enum Schedule {
  /** All lanes of a warp in step, as far as control flow allows. */
  LOCKSTEP,
  /** Few lanes after few others, each group as far as it gets alone, drawn from the seed. */
  LANE_SERIAL
}
