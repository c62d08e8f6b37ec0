package org.mirror4j.bench.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.mirror4j.DeviceChoice;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;

/**
 * Measures {@code serve} in a process of its own: 1, 16 and 200 clients on connections that stay
 * open, each with one text a request and the next as soon as the answer is there. Every vector is
 * compared with the encoder's own. The rate of the encoder, given all texts at once, is taken
 * before and after. The clients take time of the same processors, which the encoder alone has for
 * itself.
 */
public final class ServingLoad {
  private static final int[] CLIENTS = {1, 16, 200};
  private static final double WARM_UP_SECONDS = 3;

  /** Of the largest element: what the order of sums does, ten times. */
  private static final double ROUNDING = 1e-5;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final Path model;
  private final List<String> texts;
  private final double seconds;
  private final List<byte[]> requests;
  private float[][] expected;

  /**
   * What is to be measured.
   *
   * @param name what the results call the model
   * @param model its directory
   * @param texts each a request
   * @param seconds of each number of clients
   */
  public ServingLoad(String name, Path model, List<String> texts, double seconds) {
    this.name = name;
    this.model = model;
    this.texts = texts;
    this.seconds = seconds;
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

  /** What the clients of a number have seen. */
  private static final class Seen {
    private final List<Long> nanos = new ArrayList<>();
    private long wrong;
    private String failure;
  }

  /**
   * Measures.
   *
   * @param command that starts the program, as in {@code ./mirror4j}
   */
  public ObjectNode run(List<String> command) throws IOException {
    ObjectNode result = JSON.createObjectNode();
    result.put("model", name);
    result.put("texts", texts.size());
    double before = encoderRate();
    List<String> server = new ArrayList<>(command);
    server.addAll(List.of("serve", "--model", model.toString(), "--port", "0", "--device", "cpu"));
    server.addAll(List.of("--auto-truncate", "--json"));
    Process process =
        new ProcessBuilder(server).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      int port = port(said);
      ArrayNode rows = result.putArray("clients");
      for (int clients : CLIENTS) {
        load(port, clients, WARM_UP_SECONDS);
        rows.add(row(clients, load(port, clients, seconds)));
      }
      // Not by the process itself, which would close what it says.
      process.toHandle().destroy();
      said.transferTo(Writer.nullWriter());
    } finally {
      process.destroyForcibly();
    }
    result.putArray("encoderTextsPerSecond").add(before).add(encoderRate());
    return result;
  }

  private static int port(BufferedReader said) throws IOException {
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      JsonNode event = JSON.readTree(line);
      if (event.path("event").asText().equals("listening")) {
        return event.path("port").intValue();
      }
    }
    throw new IllegalStateException("the server has ended");
  }

  /** Texts a second of an encoder that is given all at once, the second time. */
  private double encoderRate() {
    try (Encoder encoder =
        Encoder.load(model, EncoderSettings.DEFAULT.withDevice(DeviceChoice.CPU))) {
      expected = encoder.embed(texts).clone();
      long start = System.nanoTime();
      encoder.embed(texts);
      return texts.size() / ((System.nanoTime() - start) * 1e-9);
    }
  }

  private List<Seen> load(int port, int clients, double duration) {
    long end = System.nanoTime() + (long) (duration * 1e9);
    List<Future<Seen>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < clients; i++) {
        int first = i * texts.size() / clients;
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
    return all;
  }

  /** Sends one text after the other until the time is over. */
  private Seen client(int port, int first, long end) {
    Seen seen = new Seen();
    try (LoadClient client = new LoadClient(port)) {
      for (int i = first; System.nanoTime() < end; i = (i + 1) % texts.size()) {
        long start = System.nanoTime();
        byte[] answer = client.send(requests.get(i));
        seen.nanos.add(System.nanoTime() - start);
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

  private ObjectNode row(int clients, List<Seen> all) {
    long[] sorted =
        all.stream()
            .flatMap(seen -> seen.nanos.stream())
            .mapToLong(Long::longValue)
            .sorted()
            .toArray();
    ObjectNode row = JSON.createObjectNode();
    row.put("clients", clients);
    row.put("requests", sorted.length);
    row.put("textsPerSecond", sorted.length / seconds);
    row.put("p50Millis", percentile(sorted, 0.5));
    row.put("p99Millis", percentile(sorted, 0.99));
    row.put("wrongVectors", all.stream().mapToLong(seen -> seen.wrong).sum());
    row.put("failedClients", all.stream().filter(seen -> seen.failure != null).count());
    all.stream()
        .map(seen -> seen.failure)
        .filter(failure -> failure != null)
        .findFirst()
        .ifPresent(failure -> row.put("failure", failure));
    return row;
  }

  /** The least time that a share of all requests does not go beyond. */
  private static double percentile(long[] sorted, double share) {
    int index = (int) Math.ceil(share * sorted.length) - 1;
    return sorted.length == 0 ? Double.NaN : sorted[Math.max(0, index)] * 1e-6;
  }

  /**
   * Measures by hand: {@code MODEL TEXTS SECONDS COMMAND...}, the texts one a line of a file, and
   * prints what was seen as JSON.
   */
  public static void main(String[] arguments) throws IOException {
    ServingLoad load =
        new ServingLoad(
            arguments[0],
            Path.of(arguments[0]),
            Files.readAllLines(Path.of(arguments[1])),
            Double.parseDouble(arguments[2]));
    List<String> command = Arrays.asList(arguments).subList(3, arguments.length);
    System.out.println(load.run(command).toPrettyString());
  }
}
