/**
 * The instruction set of the engine: ten families of operations, each with formulas, the checks of
 * its operands, and what a device has to compute. Model code is only calls on {@link
 * org.mirror4j.device.operation.Kernels}.
 */
package org.mirror4j.device.operation;
