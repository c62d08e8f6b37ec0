package org.mirror4j.train;

import org.mirror4j.device.Precision;

/**
 * How the steps of a run are computed.
 *
 * @param precision what is trained is computed in
 * @param replay whether a device that can may record steps and replay them; no result depends on it
 */
public record ComputeOptions(Precision precision, boolean replay) {
  /** All in f32, replayed where that is possible. */
  public static final ComputeOptions DEFAULT = new ComputeOptions(Precision.F32, true);
}
