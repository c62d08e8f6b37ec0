package org.mirror4j.bench.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.mirror4j.DeviceChoice;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;

/**
 * Measures {@code serve} in a process of its own: 1, 16 and 200 {@link Clients}, whose vectors are
 * compared with the encoder's own. The rate of the encoder, given all texts at once, is taken
 * before and after. The clients take time of the same processors, which the encoder alone has for
 * itself.
 */
public final class ServingLoad {
  private static final int[] CLIENTS = {1, 16, 200};
  private static final double WARM_UP_SECONDS = 3;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final Path model;
  private final List<String> texts;
  private final double seconds;

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
  }

  /** All vectors, and texts a second when all are given at once the second time. */
  private record Alone(float[][] vectors, double rate) {}

  /**
   * Measures.
   *
   * @param command that starts the program, as in {@code ./mirror4j}
   * @throws IllegalStateException if a vector is wrong or a client could not go on
   */
  public ObjectNode run(List<String> command) throws IOException {
    ObjectNode result = JSON.createObjectNode();
    result.put("model", name);
    result.put("texts", texts.size());
    Alone before = encoder();
    Clients clients = new Clients(texts, before.vectors());
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
      for (int number : CLIENTS) {
        clients.run(port, number, WARM_UP_SECONDS);
        rows.add(clients.run(port, number, seconds).row());
      }
      // Not by the process itself, which would close what it says.
      process.toHandle().destroy();
      said.transferTo(Writer.nullWriter());
    } finally {
      process.destroyForcibly();
    }
    result.putArray("encoderTextsPerSecond").add(before.rate()).add(encoder().rate());
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

  private Alone encoder() {
    try (Encoder encoder =
        Encoder.load(model, EncoderSettings.DEFAULT.withDevice(DeviceChoice.CPU))) {
      float[][] vectors = encoder.embed(texts).clone();
      long start = System.nanoTime();
      encoder.embed(texts);
      return new Alone(vectors, texts.size() / ((System.nanoTime() - start) * 1e-9));
    }
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
