package org.mirror4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.mirror4j.file.FileException;

/**
 * The token that clients have to bring: from a file, or from the environment. It is no argument, as
 * those are seen by every user of the machine.
 */
final class TokenFile {
  static final String VARIABLE = "MIRROR4J_TOKEN";

  private static final int MOST_BYTES = 4096;

  private TokenFile() {}

  /**
   * The token of a file, else of the environment.
   *
   * @throws FileException if it is none that a header can have
   */
  static Optional<String> token(Optional<Path> file) {
    return file.map(TokenFile::read)
        .or(
            () ->
                Optional.ofNullable(System.getenv(VARIABLE))
                    .map(value -> required(value, VARIABLE)));
  }

  private static String read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new FileException(
            "%s: more than %d bytes, expected a line with a token".formatted(file, MOST_BYTES));
      }
      return required(new String(bytes, StandardCharsets.UTF_8), file.toString());
    } catch (IOException e) {
      throw FileException.of(file, e);
    }
  }

  /** The token, which the message does not show. */
  private static String required(String text, String where) {
    String token = text.strip();
    if (token.isEmpty()) {
      throw new FileException(where + ": is empty, expected a token");
    }
    if (token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new FileException(
          where + ": expected one token of visible ASCII characters without blanks");
    }
    return token;
  }
}
