package org.mirror4j.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.mirror4j.file.FileException;

/**
 * A model file or directory is not what it should be. The message is one line that names the file,
 * what was found and what was expected.
 */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_QUOTE = 120;
  private static final int LONGEST_LIST = 200;

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

  /** That a file cannot be read, and why. */
  public static CheckpointException unreadable(Path file, IOException failure) {
    return new CheckpointException(
        file + ": cannot be read: " + clean(FileException.reason(failure)), failure);
  }

  /**
   * Things in one line: as many as fit into 200 characters, but one at least, and how many more
   * there are.
   */
  public static String some(String separator, List<String> things) {
    StringBuilder line = new StringBuilder();
    int said = 0;
    for (String thing : things) {
      if (said > 0 && line.length() + separator.length() + thing.length() > LONGEST_LIST) {
        break;
      }
      line.append(said == 0 ? "" : separator).append(thing);
      said++;
    }
    int more = things.size() - said;
    return more == 0 ? line.toString() : line + separator + "and " + more + " more";
  }

  /**
   * Text from a file as {@link #quote} has it, without the quotes; for values that bring their own.
   */
  public static String clean(String text) {
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
