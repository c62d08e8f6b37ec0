package org.mirror4j.fuzz;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a refusal must say: as the command line shows it, one line that is fit for a terminal and of
 * use to whoever reads it; as the exception itself says it to an application, fit for a log.
 */
final class MessageRule {
  /** Beside the paths in it. */
  private static final int MOST_CHARACTERS = 700;

  private static final Pattern JAVA_NAME =
      Pattern.compile(
          "\\b(?:java|javax|jdk|sun|com|org|ai)\\.[a-z0-9.]+\\.[A-Z]\\w+|\\b[A-Z]\\w+(?:Exception|Error)\\b|\\[Source:"
              + " ");

  private MessageRule() {}

  /**
   * What is wrong with a message, if anything.
   *
   * @param shown as the command line shows it
   * @param directory path of the input's directory
   */
  static Optional<String> broken(String shown, String directory) {
    if (shown == null || shown.isBlank()) {
      return Optional.of("no message");
    }
    int control = control(shown);
    if (control >= 0) {
      return Optional.of("character U+%04X in the message".formatted(control));
    }
    if (shown.endsWith("null")) {
      return Optional.of("the message ends in null");
    }
    if (shown.startsWith("unexpected ")) {
      return Optional.of("unexpected");
    }
    Matcher name = JAVA_NAME.matcher(shown);
    if (name.find()) {
      return Optional.of("a Java name in the message: " + name.group());
    }
    Set<String> paths = new HashSet<>();
    Matcher path = Pattern.compile(Pattern.quote(directory) + "[^\\s:,']*").matcher(shown);
    int inPaths = 0;
    while (path.find()) {
      inPaths += path.group().length();
      if (!paths.add(path.group())) {
        return Optional.of("a path twice in the message");
      }
    }
    int characters = shown.length() - inPaths;
    return characters > MOST_CHARACTERS
        ? Optional.of("a message of %d characters".formatted(characters))
        : Optional.empty();
  }

  /**
   * What is wrong with an exception's own message, if anything, for applications that use a reader
   * without the command line.
   */
  static Optional<String> brokenOwn(Throwable thrown) {
    String message = thrown.getMessage();
    if (message == null || message.isBlank()) {
      return Optional.of("the exception has no message");
    }
    int control = control(message);
    if (control >= 0) {
      return Optional.of("character U+%04X in the exception's message".formatted(control));
    }
    if (message.endsWith("null")) {
      return Optional.of("the exception's message ends in null");
    }
    Matcher name = JAVA_NAME.matcher(message);
    if (name.find()) {
      return Optional.of("a Java name in the exception's message: " + name.group());
    }
    return Optional.empty();
  }

  /** Half of a surrogate pair is none: it is shown as a question mark. */
  private static int control(String text) {
    return text.codePoints()
        .filter(
            c ->
                switch (Character.getType(c)) {
                  case Character.CONTROL,
                      Character.FORMAT,
                      Character.LINE_SEPARATOR,
                      Character.PARAGRAPH_SEPARATOR ->
                      true;
                  default -> false;
                })
        .findFirst()
        .orElse(-1);
  }
}
