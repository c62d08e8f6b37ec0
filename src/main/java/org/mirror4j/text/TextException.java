package org.mirror4j.text;

/**
 * Text, vocabulary or tokenizer files that cannot be used; the message is one line for the user.
 */
public final class TextException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A message that names the file or value, what was found and what was expected. */
  public TextException(String message) {
    super(message);
  }

  /** As {@link #TextException(String)}, keeping what led to it. */
  public TextException(String message, Throwable cause) {
    super(message, cause);
  }
}
