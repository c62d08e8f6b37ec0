package org.mirror4j.file;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A file could not be read or written. The message is one line that says what was to be done with
 * which file, and why it was not: Java's own exceptions of files often carry a name alone.
 */
public final class FileException extends UncheckedIOException {
  private static final long serialVersionUID = 1L;

  /** With the message {@code FILE: REASON}. */
  public FileException(Path file, IOException failure) {
    this(file.toString(), failure);
  }

  /**
   * With the message {@code WHAT: REASON}, and the file that failed where {@code what} does not
   * have it.
   *
   * @param what the file and what was to be done with it
   */
  public FileException(String what, IOException failure) {
    super(what + ": " + (mentions(what, failure) ? reason(failure) : describe(failure)), failure);
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
}
