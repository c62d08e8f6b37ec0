package org.mirror4j.serve;

import java.util.Optional;

/**
 * How a server serves.
 *
 * @param model what clients are told it is called
 * @param host name or address of the interface that is listened on
 * @param port 0 for any that is free
 * @param token that requests have to bring, if any
 * @param truncate whether texts that are too long are cut where a request does not say
 * @param batchTexts the most texts that are computed together
 * @param limits of what clients may ask for
 */
public record ServerSettings(
    String model,
    String host,
    int port,
    Optional<String> token,
    boolean truncate,
    int batchTexts,
    Limits limits) {
  /** Where nothing else is asked for: this machine alone. */
  public static final String LOOPBACK = "127.0.0.1";

  private static final int MOST_PORT = 65_535;

  /**
   * Requires what can be served.
   *
   * @throws IllegalArgumentException if there is no such port, or a batch has no text
   */
  public ServerSettings {
    if (port < 0 || port > MOST_PORT) {
      throw new IllegalArgumentException("port is %d, expected 0 to %d".formatted(port, MOST_PORT));
    }
    if (batchTexts < 1) {
      throw new IllegalArgumentException(
          "batchTexts is %d, expected at least 1".formatted(batchTexts));
    }
  }

  /** All but the token, which is a secret. */
  @Override
  public String toString() {
    return "ServerSettings[model=%s, host=%s, port=%d, token=%s, truncate=%s, batchTexts=%d, limits=%s]"
        .formatted(
            model, host, port, token.isPresent() ? "set" : "none", truncate, batchTexts, limits);
  }
}
