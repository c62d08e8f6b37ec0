package org.mirror4j.device.ptx.syntax;

/**
 * A parameter of an entry.
 *
 * @param pointerSpace what {@code .ptr} says it points into, null if it is no pointer
 * @param pointerAlign alignment in bytes that {@code .ptr .align} promises, 1 if nothing is said
 * @param offset first byte in the parameter block
 */
public record Parameter(
    String name, Type type, StateSpace pointerSpace, int pointerAlign, int offset, int line) {
  /** True if {@code .ptr} marks it as an address. */
  public boolean isPointer() {
    return pointerSpace != null;
  }
}
