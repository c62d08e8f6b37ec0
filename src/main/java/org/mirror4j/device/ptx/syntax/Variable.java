package org.mirror4j.device.ptx.syntax;

/**
 * An array or scalar in shared, local or constant memory.
 *
 * @param offset first byte within its space, counted from the start of the static part
 * @param bytes size; 0 for the array whose size the launch gives ({@code .extern .shared})
 * @param line where it is declared
 */
public record Variable(
    String name, StateSpace space, Type type, long offset, long bytes, int line) {}
