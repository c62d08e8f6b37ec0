package org.mirror4j.serve;

import java.time.Duration;

/**
 * What clients may ask for. Together these bound memory, threads and waiting, whatever is sent.
 *
 * @param bodyBytes of a request
 * @param texts of a request
 * @param characters of a text, in units of UTF-16
 * @param waitingTexts of all requests that no batch has taken yet; what is more is refused
 * @param connections that are open at a time; what is more is closed
 * @param requestTime from the first byte of a request to its last; a slower one is closed
 * @param answerTime from a request's last byte to its vectors
 * @param heldBytes of all requests at a time: bodies as they come, and vectors until they are sent
 */
public record Limits(
    int bodyBytes,
    int texts,
    int characters,
    int waitingTexts,
    int connections,
    Duration requestTime,
    Duration answerTime,
    long heldBytes) {
  /**
   * Enough for OpenAI's largest request of sentences. A sixteenth of the heap is held: a body of
   * one text takes five times as much while it is read, as bytes, characters and their copies.
   */
  public static final Limits DEFAULT =
      new Limits(
          8 << 20,
          2048,
          100_000,
          8192,
          1024,
          Duration.ofSeconds(30),
          Duration.ofSeconds(120),
          Runtime.getRuntime().maxMemory() / 16);

  /**
   * Requires limits that a request can keep to.
   *
   * @throws IllegalArgumentException if one is not positive, or a request of the most texts could
   *     never wait
   */
  public Limits {
    requirePositive("bodyBytes", bodyBytes);
    requirePositive("texts", texts);
    requirePositive("characters", characters);
    requirePositive("connections", connections);
    requirePositive("requestTime in seconds", requestTime.toSeconds());
    requirePositive("answerTime in seconds", answerTime.toSeconds());
    requirePositive("heldBytes", heldBytes);
    if (waitingTexts < texts) {
      throw new IllegalArgumentException(
          "waitingTexts is %d, expected at least the %d texts of a request"
              .formatted(waitingTexts, texts));
    }
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", expected at least 1");
    }
  }
}
