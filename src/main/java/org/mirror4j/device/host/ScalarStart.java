package org.mirror4j.device.host;

/**
 * The first work of a device, which kernels that have them do in loops of scalars over arrays.
 * Until a loop of vectors is compiled each of its operations takes microseconds, half a second for
 * the products of a short text; a loop of scalars takes nanoseconds almost at once. Such a loop has
 * the operations of the other in the same order, and so the same bits.
 */
final class ScalarStart {
  /**
   * Multiplications that pay when a process has just begun: the products of a small model's layers,
   * 16 rows, and some.
   */
  static final long FIRST_TEXTS = 1L << 26;

  private long left;

  /**
   * A start.
   *
   * @param multiplications that scalars do; 0 for none
   */
  ScalarStart(long multiplications) {
    left = multiplications;
  }

  /**
   * Whether scalars do a call: one that is more than what is left pays for compiling.
   *
   * @param multiplications of the call, about
   */
  boolean takes(long multiplications) {
    if (multiplications > left) {
      return false;
    }
    left -= multiplications;
    return true;
  }
}
