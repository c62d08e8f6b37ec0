package org.mirror4j.bench.serving;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Clients on connections that stay open, each with one text a request and the next as soon as the
 * answer is there. Every vector is compared with the one that is expected.
 */
final class Clients {
  /** Of the largest element: what the order of sums does, ten times. */
  private static final double ROUNDING = 1e-5;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<byte[]> requests;
  private final float[][] expected;

  /**
   * What the clients send.
   *
   * @param texts each a request
   * @param expected the vector of each
   */
  Clients(List<String> texts, float[][] expected) {
    this.expected = expected;
    requests =
        texts.stream()
            .map(
                text ->
                    LoadClient.request(
                        JSON.createObjectNode()
                            .put("input", text)
                            .put("encoding_format", "base64")
                            .toString()))
            .toList();
  }

  /** What one client has seen. */
  private static final class Seen {
    private final List<Long> nanos = new ArrayList<>();
    private long inTime;
    private long wrong;
    private String failure;
  }

  /**
   * What a number of clients has seen in a time.
   *
   * @param nanos of each request that was sent in that time, ascending
   * @param inTime how many of them were answered in it too
   */
  record Load(int clients, double seconds, long[] nanos, long inTime) {
    ObjectNode row() {
      ObjectNode row = JSON.createObjectNode();
      row.put("clients", clients);
      row.put("requests", nanos.length);
      row.put("textsPerSecond", inTime / seconds);
      row.put("p50Millis", percentile(0.5));
      row.put("p99Millis", percentile(0.99));
      return row;
    }

    /** The least time that a share of all requests does not go beyond. */
    private double percentile(double share) {
      int index = (int) Math.ceil(share * nanos.length) - 1;
      return nanos.length == 0 ? Double.NaN : nanos[Math.max(0, index)] * 1e-6;
    }
  }

  /**
   * Lets so many clients send one text after the other for so many seconds.
   *
   * @throws IllegalStateException if a vector is wrong or a client could not go on
   */
  Load run(int port, int clients, double seconds) {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    List<Future<Seen>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < clients; i++) {
        int first = (int) ((long) i * requests.size() / clients);
        running.add(threads.submit(() -> client(port, first, end)));
      }
    }
    List<Seen> all = new ArrayList<>();
    for (Future<Seen> one : running) {
      try {
        all.add(one.get());
      } catch (InterruptedException | ExecutionException problem) {
        throw new IllegalStateException("a client failed", problem);
      }
    }
    long[] nanos =
        all.stream()
            .flatMap(seen -> seen.nanos.stream())
            .mapToLong(Long::longValue)
            .sorted()
            .toArray();
    require(clients, nanos.length, all);
    return new Load(clients, seconds, nanos, all.stream().mapToLong(seen -> seen.inTime).sum());
  }

  /** A server that answers wrong or not at all is not measured. */
  private static void require(int clients, int answers, List<Seen> all) {
    long wrong = all.stream().mapToLong(seen -> seen.wrong).sum();
    List<String> failures =
        all.stream().map(seen -> seen.failure).filter(Objects::nonNull).toList();
    if (wrong > 0 || !failures.isEmpty()) {
      throw new IllegalStateException(
          "serve: %d of %d vectors are wrong and %d of %d clients failed, expected none%s"
              .formatted(
                  wrong,
                  answers,
                  failures.size(),
                  clients,
                  failures.stream().findFirst().map(": "::concat).orElse("")));
    }
  }

  private Seen client(int port, int first, long end) {
    Seen seen = new Seen();
    try (LoadClient client = new LoadClient(port)) {
      for (int i = first; System.nanoTime() - end < 0; i = (i + 1) % requests.size()) {
        long start = System.nanoTime();
        byte[] answer = client.send(requests.get(i));
        long answered = System.nanoTime();
        seen.nanos.add(answered - start);
        seen.inTime += answered - end < 0 ? 1 : 0;
        seen.wrong += isRight(answer, expected[i]) ? 0 : 1;
      }
    } catch (IOException problem) {
      seen.failure = problem.toString();
    }
    return seen;
  }

  private static boolean isRight(byte[] answer, float[] expected) throws IOException {
    String base64 = JSON.readTree(answer).at("/data/0/embedding").asText();
    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.remaining() != expected.length * Float.BYTES) {
      return false;
    }
    double difference = 0;
    double largest = 0;
    for (float value : expected) {
      difference = Math.max(difference, Math.abs((double) bytes.getFloat() - value));
      largest = Math.max(largest, Math.abs(value));
    }
    return difference <= ROUNDING * largest;
  }
}
