package org.mirror4j.train;

import org.mirror4j.tensor.DType;

/**
 * How the steps of a run are computed.
 *
 * @param precision type of activations and of weights in matrix products: f32, f16 or bf16; sums,
 *     parameters, gradients of parameters and moments are f32 with each
 * @param replay whether a device that can may record steps and replay them; no result depends on it
 */
public record ComputeOptions(DType precision, boolean replay) {
  /** All in f32, replayed where that is possible. */
  public static final ComputeOptions DEFAULT = new ComputeOptions(DType.F32, true);
}
