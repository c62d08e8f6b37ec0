/**
 * Arithmetic of PTX that Java does not have: narrow floats in every rounding mode ({@link
 * org.mirror4j.device.ptx.number.NarrowFloat}), float to integer ({@link
 * org.mirror4j.device.ptx.number.FloatToInt}), minimum and maximum ({@link
 * org.mirror4j.device.ptx.number.MinMax}) and the approximate instructions at any place of their
 * bounds ({@link org.mirror4j.device.ptx.number.Approximation}). Bits in, bits out; depends on
 * nothing.
 */
package org.mirror4j.device.ptx.number;
