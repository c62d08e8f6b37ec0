/**
 * From gradients to new weights: {@link org.mirror4j.optim.Optimization}, a step of one or several
 * optimisers on one loss, with {@link org.mirror4j.optim.Clipping} of the gradients and {@link
 * org.mirror4j.optim.LossScaler} for activations in f16. Each {@link org.mirror4j.optim.AdamW} has
 * flat buffers of its own, a variant ({@link org.mirror4j.optim.BiasCorrection}, what decays) and a
 * {@link org.mirror4j.optim.LearningRateSchedule}, and may leave rows alone that no step reads
 * ({@link org.mirror4j.optim.TouchedRows}). Knows neither models nor objectives; depends on device
 * and tensor.
 */
package org.mirror4j.optim;
