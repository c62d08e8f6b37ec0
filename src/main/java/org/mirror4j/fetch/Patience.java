package org.mirror4j.fetch;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Objects;
import javax.net.ssl.SSLHandshakeException;
import org.mirror4j.file.FileException;

/**
 * How often what fails on the network is tried again.
 *
 * @param tries in all, without any progress between them
 * @param first pause; each later one is twice as long
 * @param silence how long a server may send nothing
 */
record Patience(int tries, Duration first, Duration silence) {
  static final Patience DEFAULT = new Patience(5, Duration.ofSeconds(1), Duration.ofSeconds(60));

  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** Something that may work at another time. */
  @FunctionalInterface
  interface Attempt<T> {
    T run() throws IOException, InterruptedException;
  }

  /** What a server cannot do at present. */
  static final class BusyException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Duration pause;

    /**
     * @param pause that the server asks for; zero if for none
     */
    BusyException(String message, Duration pause) {
      super(message);
      this.pause = pause;
    }
  }

  /**
   * Does something until it works.
   *
   * @param what it is, for messages
   * @throws FetchException when it has failed as often as is tried
   */
  <T> T until(String what, FetchListener listener, Attempt<T> attempt) {
    for (int failed = 1; ; failed++) {
      try {
        return attempt.run();
      } catch (IOException e) {
        if (failed >= tries || e instanceof SSLHandshakeException) {
          throw new FetchException(
              "%s: %s; what has come is kept, the same command goes on with it"
                  .formatted(what, reason(e)),
              e);
        }
        Duration pause = pause(failed, e);
        listener.notice(
            "%s: %s, trying again in %d s"
                .formatted(what, reason(e), Math.max(1, pause.toSeconds())));
        sleep(what, pause);
      } catch (InterruptedException e) {
        throw interrupted(what, e);
      }
    }
  }

  private Duration pause(int failed, IOException e) {
    Duration pause = first.multipliedBy(1L << Math.min(failed - 1, 16));
    if (e instanceof BusyException busy && busy.pause.compareTo(pause) > 0) {
      pause = busy.pause;
    }
    return pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
  }

  private static void sleep(String what, Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      throw interrupted(what, e);
    }
  }

  private static FetchException interrupted(String what, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new FetchException(what + ": interrupted", e);
  }

  private static String reason(IOException e) {
    return switch (e) {
      case HttpTimeoutException late -> "no answer in time";
      case UnknownHostException unknown -> "no such host";
      case ConnectException refused when refused.getCause() instanceof ConnectException cause ->
          reason(cause);
      case ConnectException refused when refused.getCause() instanceof UnresolvedAddressException ->
          "no such host";
      default ->
          FileException.clean(Objects.requireNonNullElse(e.getMessage(), "cannot be reached"));
    };
  }
}
