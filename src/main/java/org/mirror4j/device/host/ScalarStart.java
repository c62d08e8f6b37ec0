package org.mirror4j.device.host;

/**
 * The first work of a device, which kernels that have them do in loops of scalars over arrays.
 * Until a loop of vectors is compiled each of its operations takes microseconds, half a second for
 * the products of a short text; a loop of scalars takes nanoseconds almost at once. Such a loop has
 * the operations of the other in the same order, and so the same bits.
 */
final class ScalarStart {
  /** Multiplications: of the products of a small model's layers, 16 rows, and some. */
  private static final long FIRST_TEXTS = 1L << 26;

  private long left;

  private ScalarStart(long work) {
    left = work;
  }

  /** As much as pays when a process has just begun. */
  static ScalarStart ofFirstTexts() {
    return new ScalarStart(FIRST_TEXTS);
  }

  /** Scalars do nothing. */
  static ScalarStart never() {
    return new ScalarStart(0);
  }

  /** Scalars do all they can. */
  static ScalarStart always() {
    return new ScalarStart(Long.MAX_VALUE);
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
