/**
 * The text of a PTX file as a typed program: {@link org.mirror4j.device.ptx.syntax.Instruction
 * instructions} with registers, variables, parameters and labels resolved. Anything outside the
 * supported subset is an error that names file and line; nothing is skipped.
 */
package org.mirror4j.device.ptx.syntax;
