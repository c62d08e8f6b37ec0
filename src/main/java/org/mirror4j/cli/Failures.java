package org.mirror4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.mirror4j.checkpoint.CheckpointException;
import org.mirror4j.device.cuda.CudaException;
import org.mirror4j.device.kernel.KernelException;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.text.TextException;

/** What went wrong as one line for the user. */
final class Failures {
  private Failures() {}

  /** The line; it names what is to be done where the exception itself does not. */
  static String message(Throwable failure) {
    return oneLine(
        switch (failure) {
          case CheckpointException e -> e.getMessage();
          case TextException e -> e.getMessage();
          case CudaException e -> e.getMessage();
          case KernelException e -> e.getMessage();
          case PtxException e -> e.getMessage();
          case Allocator.OutOfMemoryException e -> e.getMessage();
          case UncheckedIOException e -> unchecked(e);
          case IOException e -> detail(e);
          case OutOfMemoryError e ->
              "the Java heap of %,d MiB is full (%s): give it more with MIRROR4J_JAVA_OPTIONS=-Xmx..."
                  .formatted(Runtime.getRuntime().maxMemory() >> 20, e.getMessage());
          case NumberFormatException e -> unexpected(e);
          case IllegalArgumentException e when e.getMessage() != null -> e.getMessage();
          case IllegalStateException e when e.getMessage() != null -> e.getMessage();
          case ArithmeticException e when e.getMessage() != null -> e.getMessage();
          default -> unexpected(failure);
        });
  }

  /** Line ends as blanks. */
  static String oneLine(String message) {
    return message.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  private static String unexpected(Throwable failure) {
    return "unexpected %s: %s; run again with %s"
        .formatted(failure.getClass().getSimpleName(), failure.getMessage(), OutputOptions.VERBOSE);
  }

  /** The message with the reason, where it does not say it already. */
  private static String unchecked(UncheckedIOException exception) {
    IOException cause = exception.getCause();
    String message = exception.getMessage();
    String detail = detail(cause);
    if (message == null || message.equals(cause.toString())) {
      return detail;
    }
    boolean says = cause.getMessage() != null && message.contains(cause.getMessage());
    return says && reason(cause) == null || message.contains("no such")
        ? message
        : message + ": " + detail;
  }

  private static String detail(IOException exception) {
    String reason = reason(exception);
    if (reason != null) {
      return reason + ": " + ((FileSystemException) exception).getFile();
    }
    if (exception instanceof CharacterCodingException) {
      return "not UTF-8";
    }
    return exception.getMessage() == null
        ? exception.getClass().getSimpleName()
        : exception.getMessage();
  }

  /** Exceptions of files carry nothing but the name of the file. */
  private static String reason(IOException exception) {
    return switch (exception) {
      case NoSuchFileException e -> "no such file or directory";
      case AccessDeniedException e -> "no permission";
      case FileAlreadyExistsException e -> "exists already";
      case DirectoryNotEmptyException e -> "directory is not empty";
      case NotDirectoryException e -> "not a directory";
      default -> null;
    };
  }
}
