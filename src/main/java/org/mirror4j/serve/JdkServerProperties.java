package org.mirror4j.serve;

/**
 * The limits that the JDK's server keeps itself, which it takes from properties of the system when
 * its classes load. A request has to come within a time from its first byte on, its head and body
 * alike, and a connection without one is closed; an answer has to be made and read within a time;
 * connections beyond the most are closed at once.
 */
final class JdkServerProperties {
  private static final String PREFIX = "sun.net.httpserver.";
  private static final int HEADER_BYTES = 16 << 10;
  private static final int HEADERS = 100;

  /** How long a connection without a request stays open: longer than clients keep theirs. */
  private static final int IDLE_SECONDS = 75;

  /** What is read of a body that is refused, so that the client reads why before it ends. */
  private static final int DRAINED_BYTES = 1 << 20;

  private JdkServerProperties() {}

  static void set(Limits limits) {
    long request = limits.requestTime().toSeconds();
    System.setProperty("jdk.httpserver.maxConnections", Integer.toString(limits.connections()));
    set("maxIdleConnections", limits.connections());
    set("maxReqTime", request);
    // The answer is read within the time that a request is given, too.
    set("maxRspTime", limits.answerTime().toSeconds() + request);
    set("maxReqHeaderSize", HEADER_BYTES);
    set("maxReqHeaders", HEADERS);
    set("idleInterval", IDLE_SECONDS);
    set("drainAmount", DRAINED_BYTES);
    // Head and body of an answer are written apart: the second would wait for the first's receipt.
    System.setProperty(PREFIX + "nodelay", "true");
  }

  private static void set(String name, long value) {
    System.setProperty(PREFIX + name, Long.toString(value));
  }
}
