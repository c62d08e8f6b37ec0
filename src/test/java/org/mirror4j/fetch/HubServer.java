package org.mirror4j.fetch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * A model on an endpoint as HuggingFace has them, and the host that it sends those to who ask for
 * large files: two servers of this process. Digests are computed here by their definitions.
 */
public final class HubServer implements AutoCloseable {
  public static final String NAME = "some-org/tiny.model-1";
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

  /** A request, with what matters of its headers. */
  public record Request(
      String host, String method, String path, String range, String authorization) {}

  /** Does something else than what is right, for one answer; returns whether it did. */
  @FunctionalInterface
  public interface Fault {
    boolean answer(HttpExchange exchange) throws IOException;
  }

  public final Map<String, byte[]> files = new TreeMap<>();
  public final List<Request> requests = new CopyOnWriteArrayList<>();

  /** By {@code METHOD path}, of either host; each is used once. */
  final Map<String, List<Fault>> faults = new ConcurrentHashMap<>();

  /** Files that lie on the other host. */
  public final List<String> large = new CopyOnWriteArrayList<>();

  /** What is said instead of the digest of a file. */
  final Map<String, String> tags = new ConcurrentHashMap<>();

  /** What is asked of who reads; empty for nothing. */
  String token = "";

  private final HttpServer hub = server(this::hub);
  private final HttpServer other = server(this::other);

  private static HttpServer server(Fault handler) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.createContext(
          "/",
          exchange -> {
            try (exchange) {
              handler.answer(exchange);
            }
          });
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public URI address() {
    return address(hub);
  }

  private static URI address(HttpServer server) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Has the next answers to a request be these. */
  public void fault(String request, Fault... answers) {
    faults.put(request, new CopyOnWriteArrayList<>(answers));
  }

  static String content(String file) {
    return "/%s/resolve/%s/%s".formatted(NAME, COMMIT, file);
  }

  static String listing(String revision) {
    return "/api/models/%s/revision/%s".formatted(NAME, revision);
  }

  private boolean isFaulty(String host, HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    requests.add(
        new Request(
            host,
            exchange.getRequestMethod(),
            path,
            exchange.getRequestHeaders().getFirst("Range"),
            exchange.getRequestHeaders().getFirst("Authorization")));
    List<Fault> next = faults.getOrDefault(exchange.getRequestMethod() + " " + path, List.of());
    return !next.isEmpty() && next.removeFirst().answer(exchange);
  }

  private boolean hub(HttpExchange exchange) throws IOException {
    if (isFaulty("hub", exchange)) {
      return true;
    }
    String asked = exchange.getRequestHeaders().getFirst("Authorization");
    if (!token.isEmpty() && !("Bearer " + token).equals(asked)) {
      return status(exchange, 401);
    }
    String path = exchange.getRequestURI().getPath();
    if (path.startsWith("/api/models/" + NAME + "/revision/")) {
      String siblings =
          files.keySet().stream()
              .map("{\"rfilename\": \"%s\"}"::formatted)
              .collect(Collectors.joining(", "));
      return send(
          exchange,
          "{\"id\": \"%s\", \"sha\": \"%s\", \"siblings\": [%s]}"
              .formatted(NAME, COMMIT, siblings)
              .getBytes());
    }
    String file = path.startsWith(content("")) ? path.substring(content("").length()) : "";
    if (!files.containsKey(file)) {
      return status(exchange, 404);
    }
    exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
    byte[] content = files.get(file);
    if (large.contains(file)) {
      exchange.getResponseHeaders().set("X-Linked-Etag", '"' + tag(file) + '"');
      exchange.getResponseHeaders().set("X-Linked-Size", "" + content.length);
      exchange.getResponseHeaders().set("Location", address(other) + "/" + file + "?signed=1");
      return status(exchange, 302);
    }
    exchange.getResponseHeaders().set("ETag", '"' + tag(file) + '"');
    return send(exchange, content);
  }

  private boolean other(HttpExchange exchange) throws IOException {
    return isFaulty("other", exchange)
        || send(exchange, files.get(exchange.getRequestURI().getPath().substring(1)));
  }

  /** How the cache is to name the content. */
  String digest(String file) {
    byte[] content = files.get(file);
    return large.contains(file)
        ? hex("SHA-256", content)
        : hex("SHA-1", ("blob " + content.length + "\0").getBytes(), content);
  }

  private String tag(String file) {
    return tags.getOrDefault(file, digest(file));
  }

  private static String hex(String algorithm, byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      Arrays.stream(parts).forEach(digest::update);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static boolean status(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
    return true;
  }

  /** All that is asked for. */
  static boolean send(HttpExchange exchange, byte[] content) throws IOException {
    return send(exchange, content, Integer.MAX_VALUE);
  }

  /** At most so many bytes of what is asked for; the connection breaks then. */
  static boolean send(HttpExchange exchange, byte[] content, int most) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    if (range != null) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
    }
    boolean head = exchange.getRequestMethod().equals("HEAD");
    if (head) {
      exchange.getResponseHeaders().set("Content-Length", "" + content.length);
    }
    int length = content.length - from;
    exchange.sendResponseHeaders(range == null ? 200 : 206, head || length == 0 ? -1 : length);
    if (!head && length > 0) {
      try (OutputStream body = exchange.getResponseBody()) {
        body.write(content, from, Math.min(length, most));
        body.flush();
        if (most < length) {
          throw new IOException("broken off, as the test wants");
        }
      }
    }
    return true;
  }

  /** Sends so many bytes of a content, and then nothing until the test is over. */
  public static Fault stalls(byte[] content, int most, CountDownLatch over) {
    return exchange -> {
      exchange.sendResponseHeaders(200, content.length);
      exchange.getResponseBody().write(content, 0, most);
      exchange.getResponseBody().flush();
      try {
        over.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return true;
    };
  }

  @Override
  public void close() {
    hub.stop(0);
    other.stop(0);
  }
}
