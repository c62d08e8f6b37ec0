package org.mirror4j.onnx;

import java.util.List;

/**
 * What a graph puts beside the tokens that it is given.
 *
 * @param before tokens between the first one and the text, those of a template
 * @param after tokens between the text and the last one
 * @param length rows that every text is padded to, these tokens among them; 0 for no padding
 * @param padId the token that is padded with
 */
record Surroundings(List<Long> before, List<Long> after, int length, int padId) {
  /** Copies the tokens. */
  Surroundings {
    before = List.copyOf(before);
    after = List.copyOf(after);
  }

  /** Number of tokens that are put between. */
  int inserted() {
    return before.size() + after.size();
  }

  /** Whether every text is padded to one length. */
  boolean pads() {
    return length > 0;
  }
}
