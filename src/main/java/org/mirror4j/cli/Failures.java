package org.mirror4j.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.Mirror4jException;
import org.mirror4j.device.cuda.CudaException;
import org.mirror4j.device.launch.source.KernelException;
import org.mirror4j.device.ptx.report.PtxException;
import org.mirror4j.fetch.FetchException;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.text.TextException;
import org.mirror4j.train.TrainingInterruptedException;

/** What went wrong as one line for the user, without names of Java's classes. */
final class Failures {
  private static final String OPTIONS = "MIRROR4J_JAVA_OPTIONS";
  private static final Pattern EXCEPTION_NAME =
      Pattern.compile("\\b(?:[a-z]\\w*\\.)+[A-Z][\\w$]*(?:Exception|Error)(?:: )?");
  private static final Pattern PACKAGE =
      Pattern.compile("\\b(?:interface|class) (?:[a-z]\\w*\\.)+(?=[A-Z])");
  private static final Pattern MISSING = Pattern.compile("((?:\\w+/)*\\w+)/[\\w$]+");
  private static final Pattern NULL = Pattern.compile("(?:^|[:,]? )\\(?null\\)?$");

  /** Java's word for a size that is no int. */
  private static final String OVERFLOW = "integer overflow";

  private Failures() {}

  /** The line; it names what is to be done where the exception itself does not. */
  static String message(Throwable failure) {
    String message =
        switch (failure) {
          case FileException e -> e.getMessage();
          case TextException e -> e.getMessage();
          case TrainingInterruptedException e -> e.getMessage();
          case FetchException e -> e.getMessage();
          case CudaException e -> e.getMessage();
          case KernelException e -> e.getMessage();
          case PtxException e -> e.getMessage();
          case Allocator.OutOfMemoryException e -> e.getMessage();
          case UncheckedIOException e -> FileException.describe(e.getCause());
          case IOException e -> FileException.describe(e);
          case OutOfMemoryError e ->
              outOfMemory(Objects.toString(e.getMessage(), "no memory left"));
          case StackOverflowError e -> "the stack is full: something is nested too deeply";
          case UnsatisfiedLinkError e -> "native code cannot be loaded: " + e.getMessage();
          case NoClassDefFoundError e when missingPackage(e).isPresent() ->
              "this installation lacks the library with the package " + missingPackage(e).get();
          // What an application is told names its methods, where the cause names options.
          case Mirror4jException e when e.getCause() != null -> message(e.getCause());
          case ExecutionException e when e.getCause() != null -> message(e.getCause());
          case CompletionException e when e.getCause() != null -> message(e.getCause());
          case ExceptionInInitializerError e when e.getCause() != null -> message(e.getCause());
          case InvalidPathException e -> "'" + e.getInput() + "' is no path: " + e.getReason();
          case NumberFormatException e -> null;
          case IllegalArgumentException e -> e.getMessage();
          case IllegalStateException e -> e.getMessage();
          case UnsupportedOperationException e -> e.getMessage();
          case ArithmeticException e when OVERFLOW.equals(e.getMessage()) ->
              "what was asked for has more than %d values in one place: ask for less"
                  .formatted(Integer.MAX_VALUE);
          case ArithmeticException e -> e.getMessage();
          default -> null;
        };
    String clear = message == null ? "" : clear(message);
    return clear.isBlank()
        ? "unexpected fault of mirror4j itself; run again with "
            + OutputOptions.VERBOSE
            + " to see where"
        : clear;
  }

  /** Of a class that is not there; one that cannot be initialised is another fault. */
  private static Optional<String> missingPackage(NoClassDefFoundError failure) {
    return Optional.of(MISSING.matcher(Objects.toString(failure.getMessage(), "")))
        .filter(Matcher::matches)
        .map(matcher -> matcher.group(1).replace('/', '.'));
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

  private static String outOfMemory(String said) {
    if (said.contains("native thread")) {
      return "the system starts no further thread: " + said;
    }
    if (said.contains("direct buffer")) {
      return "the memory beside the Java heap is full (%s): give it more with -XX:MaxDirectMemorySize=..., in %s for ./mirror4j"
          .formatted(said, OPTIONS);
    }
    return String.format(
        Locale.ROOT,
        "the Java heap of %,d MiB is full (%s): give it more with -Xmx..., in %s for ./mirror4j",
        Runtime.getRuntime().maxMemory() >> 20,
        said,
        OPTIONS);
  }
}
