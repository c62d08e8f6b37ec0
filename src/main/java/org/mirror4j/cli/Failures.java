package org.mirror4j.cli;

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
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.mirror4j.checkpoint.CheckpointException;
import org.mirror4j.device.cuda.CudaException;
import org.mirror4j.device.kernel.KernelException;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.text.TextException;
import org.mirror4j.train.TrainingInterruptedException;

/**
 * What went wrong as one line for the user: without names of Java's classes, and with the reason
 * where the exception of a file carries nothing but its name.
 */
final class Failures {
  private static final String OPTIONS = "MIRROR4J_JAVA_OPTIONS";
  private static final Pattern EXCEPTION_NAME =
      Pattern.compile("\\b(?:[a-z]\\w*\\.)+[A-Z][\\w$]*(?:Exception|Error)(?:: )?");
  private static final Pattern PACKAGE =
      Pattern.compile("\\b(?:interface|class) (?:[a-z]\\w*\\.)+(?=[A-Z])");
  private static final Pattern NULL = Pattern.compile("(?:^|[:,]? )\\(?null\\)?$");

  private Failures() {}

  /** The line; it names what is to be done where the exception itself does not. */
  static String message(Throwable failure) {
    String message =
        switch (failure) {
          case CheckpointException e -> e.getMessage();
          case TextException e -> e.getMessage();
          case TrainingInterruptedException e -> e.getMessage();
          case CudaException e -> e.getMessage();
          case KernelException e -> e.getMessage();
          case PtxException e -> e.getMessage();
          case Allocator.OutOfMemoryException e -> e.getMessage();
          case UncheckedIOException e -> unchecked(e);
          case IOException e -> detail(e);
          case OutOfMemoryError e ->
              outOfMemory(Objects.toString(e.getMessage(), "no memory left"));
          case StackOverflowError e -> "the stack is full: something is nested too deeply";
          case UnsatisfiedLinkError e -> "native code cannot be loaded: " + e.getMessage();
          case ExecutionException e when e.getCause() != null -> message(e.getCause());
          case CompletionException e when e.getCause() != null -> message(e.getCause());
          case ExceptionInInitializerError e when e.getCause() != null -> message(e.getCause());
          case InvalidPathException e -> "'" + e.getInput() + "' is no path: " + e.getReason();
          case NumberFormatException e -> null;
          case IllegalArgumentException e -> e.getMessage();
          case IllegalStateException e -> e.getMessage();
          case UnsupportedOperationException e -> e.getMessage();
          case ArithmeticException e -> e.getMessage();
          default -> null;
        };
    String clear = message == null ? "" : withReason(message, failure);
    return clear.isBlank()
        ? "unexpected fault of mirror4j itself; run again with "
            + OutputOptions.VERBOSE
            + " to see where"
        : clear;
  }

  /** Line ends as blanks, what a terminal would obey as its number. */
  static String oneLine(String message) {
    return PrintableWriter.printable(message.strip().replaceAll("\\s*\\R\\s*", " "));
  }

  /** A message of another library without names of exceptions and packages and {@code null}. */
  static String clear(String message) {
    String nameless = EXCEPTION_NAME.matcher(message).replaceAll("");
    return NULL.matcher(oneLine(PACKAGE.matcher(nameless).replaceAll(""))).replaceAll("");
  }

  /** The message with the reason in the place of what the exception of a file says. */
  private static String withReason(String message, Throwable failure) {
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException io) {
        for (String said : new String[] {io.toString(), String.valueOf(io.getMessage())}) {
          if (message.endsWith(": " + said) && !message.contains("no such")) {
            return clear(reasoned(message.substring(0, message.length() - said.length() - 2), io));
          }
        }
      }
    }
    return clear(message);
  }

  private static String unchecked(UncheckedIOException exception) {
    IOException cause = exception.getCause();
    String message = exception.getMessage();
    if (message == null || message.equals(cause.toString())) {
      return detail(cause);
    }
    boolean says =
        message.contains("no such")
            || message.contains(reason(cause))
            || message.endsWith(": " + cause.getMessage());
    return says ? message : reasoned(message, cause);
  }

  /** The file is named once. */
  private static String reasoned(String message, IOException cause) {
    String file = file(cause);
    return message
        + ": "
        + (file != null && message.contains(file) ? reason(cause) : detail(cause));
  }

  private static String detail(IOException exception) {
    String file = file(exception);
    return file == null ? reason(exception) : reason(exception) + ": " + file;
  }

  private static String file(IOException exception) {
    return switch (exception) {
      case FileSystemException e -> e.getFile();
      case FileNotFoundException e when reasonAt(e) > 0 -> e.getMessage().substring(0, reasonAt(e));
      default -> null;
    };
  }

  /** Where the reason begins in {@code FILE (REASON)}. */
  private static int reasonAt(FileNotFoundException exception) {
    String message = exception.getMessage();
    return message != null && message.endsWith(")") ? message.lastIndexOf(" (") : -1;
  }

  private static String reason(IOException exception) {
    return switch (exception) {
      case NoSuchFileException e -> "no such file or directory";
      case AccessDeniedException e -> "no permission";
      case FileAlreadyExistsException e -> "exists already";
      case DirectoryNotEmptyException e -> "directory is not empty";
      case NotDirectoryException e -> "not a directory";
      case FileSystemLoopException e -> "links lead in a circle";
      case FileSystemException e -> Objects.requireNonNullElse(e.getReason(), "cannot be used");
      case FileNotFoundException e when reasonAt(e) > 0 ->
          e.getMessage().substring(reasonAt(e) + 2, e.getMessage().length() - 1);
      case CharacterCodingException e -> "not UTF-8";
      case EOFException e when e.getMessage() == null -> "it ends too early";
      case IOException e -> Objects.requireNonNullElse(e.getMessage(), "it cannot be used");
    };
  }

  private static String outOfMemory(String said) {
    if (said.contains("native thread")) {
      return "the system starts no further thread: " + said;
    }
    if (said.contains("direct buffer")) {
      return "the memory beside the Java heap is full (%s): give it more with %s=%s"
          .formatted(said, OPTIONS, "-XX:MaxDirectMemorySize=...");
    }
    return String.format(
        Locale.ROOT,
        "the Java heap of %,d MiB is full (%s): give it more with %s=-Xmx...",
        Runtime.getRuntime().maxMemory() >> 20,
        said,
        OPTIONS);
  }
}
