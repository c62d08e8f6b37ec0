package org.mirror4j.device.ptx.syntax;

/**
 * The smallest piece of PTX text.
 *
 * @param text as written; for a string without its quotes
 * @param glued no white space before it
 */
record Token(Kind kind, String text, int line, boolean glued) {
  /** What a token is. */
  enum Kind {
    /** An identifier, {@code %} in front for most registers. */
    WORD,
    /** A dot and a word: a directive, or a part of an instruction's name. */
    DOTTED,
    NUMBER,
    STRING,
    PUNCTUATION,
    END
  }

  boolean is(String punctuation) {
    return kind == Kind.PUNCTUATION && text.equals(punctuation);
  }
}
