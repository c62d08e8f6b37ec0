/**
 * What a machine must be able to do to train BERT: {@link org.mirror4j.device.Device} holds memory,
 * moves data and executes the families of {@link org.mirror4j.device.operation.Kernels}.
 * Implementations are packages of their own.
 */
package org.mirror4j.device;
