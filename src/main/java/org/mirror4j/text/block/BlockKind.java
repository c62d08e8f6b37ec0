package org.mirror4j.text.block;

/** How the lines of documents become blocks of tokens. An empty line ends a document. */
public enum BlockKind {
  /**
   * Lines are joined and cut at the block's length, wherever that is; what a document leaves over
   * is a block of its own if it has eight tokens or more. One segment.
   */
  STREAM,
  /**
   * Sentences are joined while they fit; the next one starts the next block (Joshi et al. 2020,
   * section 4.2; the released code's break mode {@code doc}). A sentence that is longer than a
   * block is cut, and all of it is kept. One segment.
   */
  SENTENCES,
  /**
   * Two segments of sentences: half of the time the second is what follows the first in the
   * document, else it starts at a random sentence of another one (Devlin et al. 2019, section 3.1
   * and appendix A.2; the order of the draws as in the released code). A segment that has no
   * sentence after it is always followed by one of another document.
   */
  PAIRS
}
