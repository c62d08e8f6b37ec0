package org.mirror4j.checkpoint;

/**
 * A model file or directory is not what it should be. The message is one line that names the file,
 * what was found and what was expected.
 */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_QUOTE = 120;

  /** An exception with that message. */
  public CheckpointException(String message) {
    super(message);
  }

  /** An exception with that message and the failure that led to it. */
  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * A name from a file in single quotes, fit for a message: control characters become question
   * marks and what is longer than 120 characters is cut, so that a hostile name can neither break
   * the line nor fill the screen.
   */
  public static String quote(String name) {
    return "'" + clean(name) + "'";
  }

  static String clean(String text) {
    String cut =
        text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE - 3) + "...";
    StringBuilder clean = new StringBuilder(cut.length());
    for (int i = 0; i < cut.length(); i++) {
      char c = cut.charAt(i);
      int type = Character.getType(c);
      boolean breaksLine =
          Character.isISOControl(c)
              || type == Character.LINE_SEPARATOR
              || type == Character.PARAGRAPH_SEPARATOR
              || type == Character.FORMAT;
      clean.append(breaksLine ? '?' : c);
    }
    return clean.toString();
  }
}
