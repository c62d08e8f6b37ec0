package org.mirror4j.device.host;

/**
 * The first work of a kernel, which it does in loops of scalars over arrays. Until a loop of
 * vectors is compiled each of its operations takes microseconds, half a second for the products of
 * a short text; a loop of scalars takes nanoseconds almost at once. Its twin has the same
 * operations in the same order, and so the same bits.
 */
final class ScalarStart {
  private long left;

  /**
   * @param work that scalars do, in the unit of the kernel: about that of the first short texts
   */
  ScalarStart(long work) {
    left = work;
  }

  /** Whether scalars do the next call; one that is more than what is left pays for vectors. */
  boolean takes(long work) {
    if (work > left) {
      return false;
    }
    left -= work;
    return true;
  }
}
