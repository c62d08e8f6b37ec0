package org.mirror4j.fetch;

/** Something cannot be downloaded. The message is one line: what, and what was found instead. */
public final class FetchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FetchException(String message) {
    super(message);
  }

  FetchException(String message, Throwable cause) {
    super(message, cause);
  }
}
