package org.mirror4j.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mirror4j.DeviceChoice;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;
import org.mirror4j.serve.Client.Answer;

/** The bundled model over HTTP, beside the encoder itself. */
class EmbeddingServerTest {
  /**
   * Vectors of a text in different batches differ by the order of their sums: by four units in the
   * last place of the largest element, 4e-7 of it, at most when this was written. Those of other
   * texts are thousands of times as far away.
   */
  private static final double ROUNDING = 2e-6;

  private static Encoder encoder;
  private static EmbeddingServer server;
  private static Client client;

  private static ServerSettings settings(int port, int batchTexts) {
    return settings("bundled", port, batchTexts);
  }

  private static ServerSettings settings(String model, int port, int batchTexts) {
    return new ServerSettings(
        model, ServerSettings.LOOPBACK, port, Optional.empty(), false, batchTexts, Limits.DEFAULT);
  }

  @BeforeAll
  static void start() {
    encoder = Encoder.bundled(EncoderSettings.DEFAULT.withDevice(DeviceChoice.CPU).withThreads(1));
    server =
        EmbeddingServer.start(
            encoder,
            settings(0, 256),
            failure -> {
              throw new AssertionError(failure);
            });
    client = new Client(server);
  }

  @AfterAll
  static void stop() {
    server.close();
    encoder.close();
  }

  @Test
  void openAiEmbeddings() throws Exception {
    Answer answer =
        client.post("/v1/embeddings", "{\"input\":[\"king\",\"queen\"],\"model\":\"any\"}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    JsonNode json = answer.json();
    assertThat(json.path("object").asText()).isEqualTo("list");
    assertThat(json.path("model").asText()).isEqualTo("any");
    assertThat(json.path("usage").path("prompt_tokens").asInt()).isEqualTo(6);
    assertThat(json.path("usage").path("total_tokens").asInt()).isEqualTo(6);
    float[][] expected = encoder.embed(List.of("king", "queen"));
    assertThat(json.path("data")).hasSize(2);
    for (int i = 0; i < 2; i++) {
      JsonNode item = json.path("data").get(i);
      assertThat(item.path("object").asText()).isEqualTo("embedding");
      assertThat(item.path("index").asInt()).isEqualTo(i);
      // One request alone is one batch, like one call.
      assertThat(Client.vector(item.path("embedding"))).isEqualTo(expected[i]);
    }
    assertThat(client.post("/v1/embeddings", "{\"input\":\"king\"}").json().path("model").asText())
        .isEqualTo("bundled");
  }

  @Test
  void openAiForms() throws Exception {
    float[] expected = encoder.embed("king");
    byte[] bytes =
        Base64.getDecoder()
            .decode(
                client
                    .post("/v1/embeddings", "{\"encoding_format\":\"base64\",\"input\":\"king\"}")
                    .json()
                    .at("/data/0/embedding")
                    .asText());
    float[] decoded = new float[expected.length];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(decoded);
    assertThat(decoded).isEqualTo(expected);
    JsonNode cut =
        client
            .post(
                "/v1/embeddings",
                "{\"input\":\"king\",\"dimensions\":3,\"user\":\"me\",\"other\":{\"a\":[1]}}")
            .json();
    assertThat(Client.vector(cut.at("/data/0/embedding")))
        .isEqualTo(new float[] {expected[0], expected[1], expected[2]});
  }

  @Test
  void textEmbeddingsInference() throws Exception {
    float[] expected = encoder.embed("king");
    JsonNode plain = client.post("/embed", "{\"inputs\":\"king\",\"normalize\":false}").json();
    assertThat(Client.vector(plain.get(0))).isEqualTo(expected);
    float[] normalized =
        Client.vector(client.post("/embed", "{\"inputs\":[\"king\"]}").json().get(0));
    double length = 0;
    for (float value : expected) {
      length += (double) value * value;
    }
    for (int i = 0; i < expected.length; i++) {
      assertThat(normalized[i]).isEqualTo((float) (expected[i] / Math.sqrt(length)));
    }
    String tooLong = "king ".repeat(100);
    Answer refused = client.post("/embed", "{\"inputs\":[\"king\",\"" + tooLong + "\"]}");
    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.json().path("error_type").asText()).isEqualTo("Validation");
    assertThat(refused.json().path("error").asText())
        .isEqualTo("text 1 of 'inputs' has more tokens than the 64 that bundled takes");
    JsonNode cut =
        client
            .post(
                "/embed", "{\"inputs\":\"" + tooLong + "\",\"truncate\":true,\"normalize\":false}")
            .json();
    assertThat(Client.vector(cut.get(0))).isEqualTo(encoder.embed(tooLong));
    assertThat(
            client
                .post("/v1/embeddings", "{\"input\":\"" + tooLong + "\"}")
                .json()
                .at("/error/code")
                .asText())
        .isEqualTo("context_length_exceeded");
  }

  /** The empty text has a vector; half a surrogate pair and NUL are what the tokenizer makes. */
  @Test
  void awkwardTexts() throws Exception {
    List<String> texts = List.of("", " ", "a\0b", "\ud83d", "\ud83d\ude00", "\u202e", "\ufffd");
    JsonNode answer =
        client
            .post(
                "/embed",
                "{\"normalize\":false,\"inputs\":[\"\",\" \",\"a\\u0000b\",\"\\ud83d\","
                    + "\"\\ud83d\\ude00\",\"\\u202e\",\"\ufffd\"]}")
            .json();
    float[][] expected = encoder.embed(texts);
    for (int i = 0; i < expected.length; i++) {
      assertThat(Client.vector(answer.get(i))).as("text " + i).isEqualTo(expected[i]);
    }
    assertThat(expected[3]).isEqualTo(expected[6]);
  }

  @Test
  void whatElseThereIs() throws Exception {
    assertThat(client.get("/health").body()).isEqualTo("{\"status\":\"ok\"}");
    assertThat(client.get("/v1/models").json().at("/data/0/id").asText()).isEqualTo("bundled");
    assertThat(client.get("/info").json().path("max_input_length").asInt()).isEqualTo(64);
    Answer head =
        client.send(client.request("/health").method("HEAD", HttpRequest.BodyPublishers.noBody()));
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    Answer absent = client.get("/v1/nothing");
    assertThat(absent.status()).isEqualTo(404);
    assertThat(absent.json().at("/error/type").asText()).isEqualTo("invalid_request_error");
    Answer method = client.get("/embed");
    assertThat(method.status()).isEqualTo(405);
    assertThat(method.headers().firstValue("Allow")).hasValue("POST");
    Answer post = client.post("/health", "{}");
    assertThat(post.status()).isEqualTo(405);
    assertThat(post.headers().firstValue("Allow")).hasValue("GET, HEAD");
    assertThat(post.json().at("/error/message").asText()).endsWith("expected GET");
  }

  /** A long answer goes out in chunks, and of none to HEAD. */
  @Test
  void headOfALongAnswer() throws Exception {
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    try (EmbeddingServer named =
        EmbeddingServer.start(encoder, settings("x".repeat(40_000), 0, 1), failures::add)) {
      Client other = new Client(named);
      assertThat(other.get("/v1/models").body()).hasSizeGreaterThan(40_000);
      Answer head =
          other.send(
              other.request("/v1/models").method("HEAD", HttpRequest.BodyPublishers.noBody()));
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      assertThat(other.get("/metrics").body())
          .contains("mirror4j_requests_total{path=\"/v1/models\",status=\"200\"} 2");
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void settingsThatCannotBeAreRefused() {
    assertThatThrownBy(() -> settings(0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("batchTexts is 0, expected at least 1");
    for (int port : new int[] {-1, 65_536}) {
      assertThatThrownBy(() -> settings(port, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("port is %d, expected 0 to 65535", port);
    }
    assertThat(settings(65_535, 1).port()).isEqualTo(65_535);
  }

  @Test
  void metricsOfPrometheus() throws Exception {
    client.post("/embed", "{\"inputs\":\"king\"}");
    client.post("/embed", "{\"inputs\":[]}");
    Answer answer = client.get("/metrics");
    assertThat(answer.headers().firstValue("Content-Type"))
        .get()
        .asString()
        .startsWith("text/plain");
    assertThat(answer.body())
        .containsPattern("(?m)^mirror4j_requests_total\\{path=\"/embed\",status=\"200\"} [1-9]")
        .containsPattern("(?m)^mirror4j_requests_total\\{path=\"/embed\",status=\"400\"} [1-9]")
        .containsPattern("(?m)^mirror4j_refused_total\\{reason=\"empty\"} [1-9]")
        .containsPattern("(?m)^mirror4j_request_seconds_bucket\\{path=\"/embed\",le=\"\\+Inf\"} ")
        .containsPattern("(?m)^mirror4j_request_seconds_sum\\{path=\"/embed\"} [0-9.E-]+$")
        .containsPattern("(?m)^mirror4j_batch_texts_count [1-9]")
        .containsPattern("(?m)^mirror4j_waiting_texts 0$");
    assertThat(answer.body().lines())
        .allMatch(
            line ->
                line.matches("# (HELP|TYPE) [a-z0-9_]+ .+")
                    || line.matches("[a-z0-9_]+(\\{[^{}]+})? [0-9.E+-]+"));
  }

  /** Every vector is that of the text it was asked for, whatever was computed beside it. */
  @Test
  void twoHundredClientsGetTheirOwn() throws Exception {
    int clients = 200;
    List<List<String>> asked = new ArrayList<>();
    Random random = new Random(3);
    List<String> words = List.of("king", "river", "old", "song", "war", "blue", "tea", "of", "the");
    for (int i = 0; i < clients; i++) {
      asked.add(
          IntStream.range(0, 1 + random.nextInt(i % 4 == 0 ? 9 : 2))
              .mapToObj(
                  j ->
                      String.join(
                          " ",
                          random
                              .ints(1 + random.nextInt(12), 0, words.size())
                              .mapToObj(words::get)
                              .toList()))
              .toList());
    }
    List<Future<Answer>> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (List<String> texts : asked) {
        answers.add(
            threads.submit(
                () -> client.post("/v1/embeddings", "{\"input\":" + Client.array(texts) + "}")));
      }
    }
    for (int i = 0; i < clients; i++) {
      Answer answer = answers.get(i).get();
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      JsonNode data = answer.json().path("data");
      assertThat(data).hasSize(asked.get(i).size());
      for (int j = 0; j < data.size(); j++) {
        float[] vector = Client.vector(data.get(j).path("embedding"));
        float[] expected = encoder.embed(asked.get(i).get(j));
        assertThat(distance(vector, expected)).as(asked.get(i).get(j)).isLessThan(ROUNDING);
      }
    }
    // They were not computed one by one.
    String texts = client.get("/metrics").body();
    assertThat(value(texts, "mirror4j_batch_texts_count"))
        .isLessThan(
            value(texts, "mirror4j_requests_total{path=\"/v1/embeddings\",status=\"200\"}"));
  }

  /** The largest difference of two elements, as a share of the largest element. */
  private static double distance(float[] vector, float[] expected) {
    assertThat(vector).hasSameSizeAs(expected);
    double difference = 0;
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      difference = Math.max(difference, Math.abs((double) vector[i] - expected[i]));
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    return difference / largest;
  }

  private static double value(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .sum();
  }
}
