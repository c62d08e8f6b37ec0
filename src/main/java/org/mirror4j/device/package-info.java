/**
 * What a machine must be able to do to train BERT: {@link org.mirror4j.device.Device} holds memory
 * and moves data, {@link org.mirror4j.device.Kernels} is every operation with its formula, shapes
 * and gradients. {@link org.mirror4j.device.CheckedKernels} refuses arguments that do not fit, for
 * every device alike. What decides numbers but belongs to no device is here too: the counters of
 * {@link org.mirror4j.device.Philox} behind {@link org.mirror4j.device.Dropout}, the kinds of
 * {@link org.mirror4j.device.Pooling} and {@link org.mirror4j.device.GeluForm}. Depends on tensor
 * alone; implementations are packages of their own.
 */
package org.mirror4j.device;
