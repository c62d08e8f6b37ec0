package org.mirror4j.calibrate.flow;

import org.mirror4j.tensor.Tensor;

/**
 * What a step's permutation has that is not learned.
 *
 * @param order i32[channels]: channel {@code order[c]} comes to place c
 * @param sign [channels], of the diagonal of a learned permutation; null for another
 */
record StepConstants(Tensor order, Tensor sign) {}
