/**
 * Executes the PTX kernels of the project without a GPU, as the PTX ISA defines them: warps of 32
 * lanes in lockstep, CTAs over Java threads, exact bits wherever the ISA fixes them.
 */
package org.mirror4j.device.ptx;
