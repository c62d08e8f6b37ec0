package org.mirror4j.serve;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which clients have closed their connections while they were waiting. The JDK's server reads
 * nothing before it has answered and shows no socket, so it does not see them go; Linux lists the
 * states of connections in {@code /proc/self/net/tcp}, a line each:
 *
 * <pre>   0: 0100007F:1F90 0100007F:A2C4 01 ...   local address and port, remote ones, state
 * </pre>
 *
 * in hexadecimal, addresses as words of the machine's byte order. State 1 is a connection whose two
 * ends are open. Where there is no such file, no client is known to have gone.
 */
final class ClosedPeers {
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));

  private static final String OPEN = "01";

  /** One reading serves all that ask within a while. */
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** Port and port of each connection whose ends are open; null where nothing can be read. */
  private Set<String> open;

  private long readAt = System.nanoTime() - FRESH_NANOS;

  /**
   * Whether the client's end of a connection is closed.
   *
   * @param local null where the connection itself is closed
   */
  synchronized boolean isClosed(InetSocketAddress local, InetSocketAddress remote) {
    if (local == null || remote == null) {
      return true;
    }
    if (System.nanoTime() - readAt >= FRESH_NANOS) {
      open = read();
      readAt = System.nanoTime();
    }
    return open != null && !open.contains(key(local, remote));
  }

  private static String key(InetSocketAddress local, InetSocketAddress remote) {
    byte[] address = remote.getAddress().getAddress();
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < address.length; i += Integer.BYTES) {
      for (int j = Integer.BYTES - 1; j >= 0; j--) {
        words.append(HexFormat.of().withUpperCase().toHexDigits(address[i + j]));
      }
    }
    return "%04X %s:%04X".formatted(local.getPort(), words, remote.getPort());
  }

  private static Set<String> read() {
    try {
      return TABLES.stream()
          .filter(Files::exists)
          .flatMap(ClosedPeers::lines)
          .map(line -> line.strip().split("\\s+", 5))
          .filter(fields -> fields.length == 5 && fields[3].equals(OPEN))
          .map(fields -> port(fields[1]) + " " + shortened(fields[2]))
          .collect(Collectors.collectingAndThen(Collectors.toSet(), s -> s.isEmpty() ? null : s));
    } catch (UncheckedIOException e) {
      return null;
    }
  }

  private static Stream<String> lines(Path table) {
    try {
      return Files.readAllLines(table).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String port(String end) {
    return end.substring(end.indexOf(':') + 1);
  }

  /** An address of IPv4 among those of IPv6 has its last word alone. */
  private static String shortened(String end) {
    String mapped = "0000000000000000FFFF0000";
    return end.startsWith(mapped) ? end.substring(mapped.length()) : end;
  }
}
