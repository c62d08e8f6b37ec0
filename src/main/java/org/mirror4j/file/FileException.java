package org.mirror4j.file;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A file or directory is not what it should be, or cannot be read or written. The message is one
 * line that names the file, what was found and what was expected, or why it is out of reach: Java's
 * own exceptions of files often carry a name alone.
 */
public final class FileException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_QUOTE = 120;
  private static final int LONGEST_LIST = 200;

  /** An exception with that message. */
  public FileException(String message) {
    super(message);
  }

  /** An exception with that message and the failure that led to it. */
  public FileException(String message, Throwable cause) {
    super(message, cause);
  }

  /** That a file cannot be read or written: {@code FILE: REASON}. */
  public static FileException of(Path file, IOException failure) {
    return of(file.toString(), failure);
  }

  /**
   * That something could not be done: {@code WHAT: REASON}, and the file that failed where {@code
   * what} does not have it.
   *
   * @param what the file and what was to be done with it
   */
  public static FileException of(String what, IOException failure) {
    String reason = mentions(what, failure) ? reason(failure) : describe(failure);
    return new FileException(what + ": " + clean(reason), failure);
  }

  private static boolean mentions(String what, IOException failure) {
    return file(failure) != null && what.contains(file(failure));
  }

  /** Why, and the file where the failure names one. */
  public static String describe(IOException failure) {
    String file = file(failure);
    return file == null ? reason(failure) : reason(failure) + ": " + file;
  }

  /** Why, in words, without the file and without the name of a class. */
  public static String reason(IOException failure) {
    return switch (failure) {
      case NoSuchFileException e -> "no such file or directory";
      case AccessDeniedException e -> "no permission";
      case FileAlreadyExistsException e -> "exists already";
      case DirectoryNotEmptyException e -> "directory is not empty";
      case NotDirectoryException e -> "not a directory";
      case FileSystemLoopException e -> "links lead in a circle";
      case FileSystemException e -> Objects.requireNonNullElse(e.getReason(), "no reason given");
      case FileNotFoundException e when reasonAt(e) > 0 ->
          e.getMessage().substring(reasonAt(e) + 2, e.getMessage().length() - 1);
      case CharacterCodingException e -> "not UTF-8";
      case EOFException e when e.getMessage() == null -> "it ends too early";
      default -> Objects.requireNonNullElse(failure.getMessage(), "no reason given");
    };
  }

  private static String file(IOException failure) {
    return switch (failure) {
      case FileSystemException e -> e.getFile();
      case FileNotFoundException e when reasonAt(e) > 0 -> e.getMessage().substring(0, reasonAt(e));
      default -> null;
    };
  }

  /** Where the reason begins in {@code FILE (REASON)}. */
  private static int reasonAt(FileNotFoundException failure) {
    String message = failure.getMessage();
    return message != null && message.endsWith(")") ? message.lastIndexOf(" (") : -1;
  }

  /**
   * A name from a file in single quotes, fit for a message: control characters become question
   * marks and what is longer than 120 characters is cut, so that a hostile name can neither break
   * the line nor fill the screen.
   */
  public static String quote(String name) {
    return "'" + clean(name) + "'";
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
