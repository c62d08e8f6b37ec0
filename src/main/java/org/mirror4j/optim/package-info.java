/**
 * From gradients to new weights: {@link org.mirror4j.optim.AdamW} with gradient clipping, over one
 * flat buffer of parameters, {@link org.mirror4j.optim.LossScaler} for activations in f16, and
 * {@link org.mirror4j.optim.LearningRateSchedule}. Knows neither models nor objectives; depends on
 * device and tensor.
 */
package org.mirror4j.optim;
