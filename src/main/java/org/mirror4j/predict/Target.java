package org.mirror4j.predict;

/**
 * A mask of a batch.
 *
 * @param mask which of its text
 * @param start row of the first piece of its text
 */
record Target(MaskedText text, int mask, int start) {
  /** Row of the mask. */
  int row() {
    return start + text.masks()[mask];
  }

  /** Place in its span, from 0. */
  int place() {
    return mask - text.firstOfSpan(mask);
  }

  /** Row of the token before its span. */
  int before() {
    return start + text.masks()[text.firstOfSpan(mask)] - 1;
  }

  /** Row of the token after its span. */
  int after() {
    return start + text.masks()[text.lastOfSpan(mask)] + 1;
  }
}
