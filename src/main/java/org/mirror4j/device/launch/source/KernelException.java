package org.mirror4j.device.launch.source;

/** A kernel's file or header is not as it must be; the message starts with {@code file:line}. */
public final class KernelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final int QUOTED_CHARACTERS = 100;
  private static final int MESSAGE_CHARACTERS = 500;

  /** An exception with the given message. */
  public KernelException(String message) {
    super(message);
  }

  /** An exception with that message and the failure that led to it. */
  public KernelException(String message, Throwable cause) {
    super(message, cause);
  }

  /** An exception about one line; the end of a long message is left out. */
  public static KernelException at(String file, int line, String message) {
    String shown =
        message.length() > MESSAGE_CHARACTERS
            ? message.substring(0, MESSAGE_CHARACTERS) + "..."
            : message;
    return new KernelException(file + ":" + line + ": " + shown);
  }

  /** A text of the file in quotation marks, its beginning where it is long. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("'");
    text.codePoints()
        .limit(QUOTED_CHARACTERS)
        .forEach(c -> quoted.appendCodePoint(KernelSource.isPrintable(c) ? c : '?'));
    return quoted.append(text.length() > QUOTED_CHARACTERS ? "...'" : "'").toString();
  }
}
