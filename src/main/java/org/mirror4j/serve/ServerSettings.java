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
 */
public record ServerSettings(
    String model,
    String host,
    int port,
    Optional<String> token,
    boolean truncate,
    int batchTexts,
    Limits limits) {
  /** All but the token, which is a secret. */
  @Override
  public String toString() {
    return "ServerSettings[model=%s, host=%s, port=%d, token=%s, truncate=%s, batchTexts=%d, limits=%s]"
        .formatted(
            model, host, port, token.isPresent() ? "set" : "none", truncate, batchTexts, limits);
  }

  /** Where nothing else is asked for: this machine alone. */
  public static final String LOOPBACK = "127.0.0.1";

  /** On any free port of this machine, for everybody on it. */
  public static ServerSettings local(String model) {
    return new ServerSettings(model, LOOPBACK, 0, Optional.empty(), false, 256, Limits.DEFAULT);
  }
}
