package org.mirror4j;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A model, a file, a text or a device that cannot be used, a computation that failed, or a wait
 * that was interrupted. The message is one line that names the thing, what was found and what was
 * expected; the cause is what happened within.
 *
 * <p>What is the caller's own mistake is none of these: an argument that is wrong in itself is an
 * {@link IllegalArgumentException} or {@link NullPointerException}, the use of what is closed an
 * {@link IllegalStateException}.
 */
public final class Mirror4jException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What inner parts call by its option of the command line, and applications by a method. */
  private static final Map<String, String> METHODS =
      Map.of(
          "--resume", "withResume()",
          "--overwrite", "withOverwrite()",
          "--batch-size", "withBatchSize()",
          "--epochs", "withEpochs()",
          "--max-length", "withMaxLength()",
          "--precision", "withPrecision()",
          "--template", "withTemplate()",
          "--second-template", "withSecondTemplate()",
          "the same command", "the same tuning",
          "--prompt ''", "withPrompt(\"\")");

  /** These where they stand alone: what is part of the name of a file is no option. */
  private static final Pattern OPTION =
      Pattern.compile(
          METHODS.keySet().stream()
              .map(Pattern::quote)
              .collect(Collectors.joining("|", "(?<![\\w./-])(?:", ")(?![\\w./-])")));

  private Mirror4jException(String message, Throwable cause) {
    super(message, cause);
  }

  /** A failure of another thread or of an inner part, as the application is told of it. */
  static Mirror4jException of(Throwable failure) {
    return new Mirror4jException(message(failure), failure);
  }

  private static String message(Throwable failure) {
    return withMethods(failure.getMessage() == null ? failure.toString() : failure.getMessage());
  }

  /** A message of an inner part, as the application is told of it. */
  static String withMethods(String message) {
    return OPTION
        .matcher(message)
        .replaceAll(option -> Matcher.quoteReplacement(METHODS.get(option.group())));
  }

  /** The same where wrong settings may be the reason. */
  static RuntimeException ofSettings(Throwable failure) {
    return failure instanceof IllegalArgumentException
        ? new IllegalArgumentException(message(failure), failure)
        : of(failure);
  }

  /** Of a thread that was interrupted, and stays so. */
  static Mirror4jException interrupted(String what, InterruptedException failure) {
    Thread.currentThread().interrupt();
    return new Mirror4jException("interrupted while " + what, failure);
  }
}
