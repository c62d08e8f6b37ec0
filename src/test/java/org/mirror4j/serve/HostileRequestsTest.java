package org.mirror4j.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.serve.Client.Answer;

/**
 * What clients send that is no request, or one of too much: each is told so or cut off, holds no
 * memory afterwards, and the next one is answered. Slow clients are in {@code ServeCommandTest}.
 */
class HostileRequestsTest {
  private static final int BODY_BYTES = 100_000;
  private static final Limits LIMITS =
      new Limits(
          BODY_BYTES, 50, 200, 60, 1000, Duration.ofSeconds(30), Duration.ofSeconds(2), 1_000_000);

  private final GatedEngine engine = new GatedEngine(true);
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private EmbeddingServer server = start(engine, LIMITS, Optional.empty());
  private Client client = new Client(server);

  private EmbeddingServer start(TextEngine engine, Limits limits, Optional<String> token) {
    return EmbeddingServer.start(
        engine,
        GatedEngine.MODEL,
        new ServerSettings("gated", ServerSettings.LOOPBACK, 0, token, false, 8, limits),
        failures::add);
  }

  private void restart(TextEngine engine, Limits limits, Optional<String> token) {
    server.close();
    server = start(engine, limits, token);
    client = new Client(server);
  }

  @AfterEach
  void close() throws Exception {
    try {
      assertThat(client.post("/embed", "{\"inputs\":\"next\"}").status()).isIn(200, 401);
      assertThat(failures).isEmpty();
    } finally {
      server.close();
    }
  }

  private static String json(String texts) {
    return "{\"inputs\":" + texts + "}";
  }

  private void requireNothingHeld() throws Exception {
    awaitMetric("mirror4j_held_bytes 0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {            | not valid JSON
          {"inputs":   | not valid JSON
          {"inputs":"a"} x | not valid JSON
          {"inputs":"a","inputs":"b"} | Duplicate field 'inputs'
          {'inputs':'a'} | not valid JSON
          {"inputs":"a","x":NaN} | not valid JSON
          {"inputs":"\\ud8"} | not valid JSON
          """)
  void whatIsNoJson(String body, String said) throws Exception {
    Answer answer = client.post("/embed", body);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains(said).doesNotContain("com.fasterxml", "Source");
    assertThat(client.post("/v1/embeddings", body).status()).isEqualTo(400);
    requireNothingHeld();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          [] | the body is an array, expected a JSON object
          7 | the body is a number, expected a JSON object
          {} | 'inputs' is missing, expected text
          {"inputs":null} | 'inputs' is null, expected a string or an array of strings
          {"inputs":7} | 'inputs' is a number, expected a string or an array of strings
          {"inputs":{"a":1}} | 'inputs' is an object, expected a string or an array of strings
          {"inputs":["a",null]} | 'inputs' holds null at 1, expected strings
          {"inputs":[1,2]} | 'inputs' holds token ids
          {"inputs":[[1,2],[3]]} | 'inputs' holds token ids
          {"inputs":[["a","b"]]} | 'inputs' holds an array at 0, expected strings
          {"inputs":["a",[]]} | 'inputs' holds an array at 1, expected strings
          {"inputs":"a","truncate":"yes"} | 'truncate' is a string, expected true or false
          {"inputs":"a","dimensions":3} | 'dimensions' is 3, expected an integer from 1 to 2
          {"inputs":"a","dimensions":0} | 'dimensions' is 0, expected an integer from 1 to 2
          {"inputs":"a","dimensions":1.5} | 'dimensions' is a number, expected an integer from 1 to 2
          {"inputs":"a","dimensions":99999999999} | 'dimensions' is 99999999999, expected an integer
          {"inputs":"a","prompt_name":"query"} | 'prompt_name' is 'query', expected none
          {"inputs":"a","truncation_direction":"Left"} | 'truncation_direction' is 'Left', expected Right
          {"inputs":"fail"} | the text fail cannot be computed
          """)
  void whatCannotBeDone(String body, String said) throws Exception {
    Answer answer = client.post("/embed", body);
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().path("error").asText()).startsWith(said);
    requireNothingHeld();
  }

  @Test
  void whatOpenAiCannotBeAsked() throws Exception {
    for (String body :
        List.of(
            "{\"input\":[]}",
            "{\"input\":[[1,2],[3]]}",
            "{\"input\":\"a\",\"dimensions\":-1}",
            "{\"input\":\"a\",\"encoding_format\":\"ubinary\"}",
            "{\"input\":\"a\",\"model\":7}",
            "{\"input\":\"fail\"}",
            "{\"input\":\"long\"}")) {
      Answer answer = client.post("/v1/embeddings", body);
      assertThat(answer.status()).as(body).isEqualTo(400);
      assertThat(answer.json().at("/error/type").asText()).isEqualTo("invalid_request_error");
    }
    assertThat(client.post("/v1/embeddings", "{\"input\":\"nan\"}").status()).isEqualTo(500);
    Answer backend = client.post("/embed", json("\"nan\""));
    assertThat(backend.status()).isEqualTo(424);
    assertThat(backend.json().path("error_type").asText()).isEqualTo("Backend");
    // What is the server's own fault is told where it runs.
    assertThat(failures)
        .extracting(Throwable::getMessage)
        .containsOnly("the vector of text 0 is not finite, counted from 0")
        .hasSize(2);
    failures.clear();
  }

  @Test
  void nestedDeeply() throws Exception {
    int depth = BODY_BYTES / 3;
    Answer answer = client.post("/embed", "{\"x\":" + "[".repeat(depth) + "]".repeat(depth) + "}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains("JSON beyond what is read: nesting of 32");
    answer = client.post("/embed", "{\"x\":" + "[".repeat(BODY_BYTES - 100));
    assertThat(answer.status()).isEqualTo(400);
    requireNothingHeld();
  }

  @Test
  void longNumbers() throws Exception {
    assertThat(client.post("/embed", "{\"inputs\":\"a\",\"x\":" + "7".repeat(1_000) + "}").status())
        .isEqualTo(200);
    for (String number : List.of("7".repeat(1_001), "0." + "7".repeat(1_001))) {
      Answer answer = client.post("/embed", "{\"inputs\":\"a\",\"x\":" + number + "}");
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("JSON beyond what is read", "numbers of 1,000 digits");
    }
    requireNothingHeld();
  }

  @Test
  void manyNames() throws Exception {
    String names =
        IntStream.range(0, 6_000).mapToObj(i -> "\"" + i + "\":0").collect(Collectors.joining(","));
    assertThat(client.post("/embed", "{" + names + "}").status()).isEqualTo(400);
    assertThat(client.post("/embed", "{\"" + "n".repeat(300) + "\":0}").status()).isEqualTo(400);
    requireNothingHeld();
  }

  @Test
  void manyTexts() throws Exception {
    String texts = "[" + "\"\",".repeat(50) + "\"\"]";
    Answer answer = client.post("/embed", json(texts));
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.json().path("error").asText())
        .isEqualTo("'inputs' holds more than 50 texts, expected at most as many");
    assertThat(
            client.post("/v1/embeddings", texts.transform(t -> "{\"input\":" + t + "}")).status())
        .isEqualTo(400);
    restart(
        engine,
        new Limits(
            8 << 20, 2048, 200, 2048, 1000, Duration.ofSeconds(9), Duration.ofSeconds(9), 1 << 24),
        Optional.empty());
    String hundredThousand = "[" + "\"text\",".repeat(100_000) + "\"\"]";
    assertThat(client.post("/embed", json(hundredThousand)).status()).isEqualTo(413);
    assertThat(engine.hasBegun()).isFalse();
    requireNothingHeld();
  }

  @Test
  void longTexts() throws Exception {
    String text = "a".repeat(199) + "\ud83d\ude00 and more";
    assertThat(client.post("/embed", json("\"" + text + "\"")).json().path("error").asText())
        .isEqualTo("text 0 of 'inputs' has 210 characters, expected at most 200");
    assertThat(client.post("/embed", "{\"inputs\":\"" + text + "\",\"truncate\":true}").status())
        .isEqualTo(200);
    // The pair is not parted.
    assertThat(engine.begun()).containsExactly("a".repeat(199));
  }

  @Test
  void largeBodies() throws Exception {
    String large = json("\"" + "a".repeat(BODY_BYTES) + "\"");
    for (int i = 0; i < 20; i++) {
      Answer answer = client.post("/embed", large);
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.json().path("error_type").asText()).isEqualTo("Validation");
    }
    requireNothingHeld();
  }

  /** In chunks the length is not said before; nobody reads what is beyond the limit for long. */
  @Test
  void endlessBodies() throws Exception {
    byte[] chunk = ("1000\r\n" + "x".repeat(0x1000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    long sent = 0;
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      send(out, head("Transfer-Encoding: chunked") + "a\r\n{\"inputs\":\r\n1\r\n\"\r\n");
      for (; sent < 1L << 30; sent += chunk.length) {
        out.write(chunk);
      }
    } catch (IOException e) {
      // The connection was closed.
    }
    // The limit, what is read of a body that is refused, and the buffers of both ends.
    assertThat(sent).isLessThan(32 << 20);
    requireNothingHeld();
  }

  @Test
  void allMemoryIsHeld() throws Exception {
    restart(
        engine,
        new Limits(
            1 << 20, 50, 200, 60, 1000, Duration.ofSeconds(9), Duration.ofSeconds(9), 50_000),
        Optional.empty());
    // More than there is for all: waiting would not help.
    Answer answer = client.post("/embed", json("\"" + "a".repeat(60_000) + "\""));
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.headers().firstValue("Retry-After")).isEmpty();
    assertThat(answer.json().path("error").asText()).contains("more than the 50,000 bytes");
    try (Socket slow = connect()) {
      byte[] head =
          "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 45000\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII);
      slow.getOutputStream().write(head);
      slow.getOutputStream()
          .write(("{\"inputs\":\"" + "a".repeat(40_000)).getBytes(StandardCharsets.US_ASCII));
      slow.getOutputStream().flush();
      Answer other = null;
      for (int i = 0; i < 200 && (other == null || other.status() != 429); i++) {
        other = client.post("/embed", json("\"" + "a".repeat(20_000) + "\""));
      }
      assertThat(other.status()).isEqualTo(429);
      assertThat(other.headers().firstValue("Retry-After")).hasValue("1");
      assertThat(other.json().path("error_type").asText()).isEqualTo("Overloaded");
    }
    requireNothingHeld();
  }

  @Test
  void aFullQueueRefuses() throws Exception {
    GatedEngine gated = new GatedEngine(false);
    restart(gated, LIMITS, Optional.empty());
    try (Socket first = connect();
        Socket second = connect()) {
      sendPost(first, json("\"first\""));
      gated.begun();
      sendPost(second, json("[" + "\"a\",".repeat(49) + "\"a\"]"));
      awaitWaiting(50);
      Answer answer =
          client.post("/v1/embeddings", "{\"input\":[" + "\"b\",".repeat(10) + "\"b\"]}");
      assertThat(answer.status()).isEqualTo(429);
      assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
      assertThat(answer.json().at("/error/code").asText()).isEqualTo("rate_limit_exceeded");
      gated.let(1000);
      assertThat(read(first)).startsWith("HTTP/1.1 200 ");
      assertThat(read(second)).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void vectorsThatDoNotComeInTime() throws Exception {
    GatedEngine gated = new GatedEngine(false);
    restart(gated, LIMITS, Optional.empty());
    Answer answer = client.post("/embed", json("\"a\""));
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.json().path("error").asText())
        .isEqualTo("the vectors were not there after 2 seconds");
    gated.let(1000);
  }

  /** Its texts leave the queue within two looks at its connection, long before they are late. */
  @Test
  void aClientThatGoesAwayCostsNothingMore() throws Exception {
    GatedEngine gated = new GatedEngine(false);
    restart(
        gated,
        new Limits(
            BODY_BYTES, 50, 200, 60, 99, Duration.ofSeconds(30), Duration.ofSeconds(60), 1 << 20),
        Optional.empty());
    try (Socket first = connect()) {
      sendPost(first, json("\"first\""));
      gated.begun();
      try (Socket closed = connect();
          Socket reset = connect();
          Socket stays = connect()) {
        sendPost(closed, json("\"closed\""));
        sendPost(reset, json("\"reset\""));
        sendPost(stays, json("\"stays\""));
        awaitWaiting(3);
        leave(closed);
        reset.setSoLinger(true, 0);
        leave(reset);
        awaitWaiting(1);
        gated.let(1000);
        assertThat(gated.begun()).containsExactly("stays");
        assertThat(read(stays)).startsWith("HTTP/1.1 200 ");
      }
      awaitMetric("mirror4j_requests_total{path=\"/embed\",status=\"closed\"} 2");
    }
  }

  @Test
  void otherTypes() throws Exception {
    Answer answer =
        client.send(
            client
                .request("/embed")
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString(json("\"a\""))));
    assertThat(answer.status()).isEqualTo(415);
    answer =
        client.send(
            client
                .request("/embed")
                .header("Content-Type", "application/json; charset=utf-8")
                .header("Content-Encoding", "gzip")
                .POST(HttpRequest.BodyPublishers.ofString(json("\"a\""))));
    assertThat(answer.status()).isEqualTo(415);
  }

  @Test
  void bytesThatAreNoText() throws Exception {
    for (byte[] bytes :
        List.of(
            new byte[] {(byte) 0xff, (byte) 0xfe},
            new byte[] {(byte) 0xc3, '('},
            new byte[] {(byte) 0xf8, (byte) 0x88, (byte) 0x80, (byte) 0x80, (byte) 0x80},
            new byte[] {0},
            new byte[] {'\n'},
            new byte[] {0x1b, '['})) {
      try (Socket socket = connect()) {
        OutputStream out = socket.getOutputStream();
        send(out, head("Content-Length: " + (bytes.length + 13)) + "{\"inputs\":\"");
        out.write(bytes);
        send(out, "\"}");
        assertThat(read(socket)).startsWith("HTTP/1.1 400 ").contains("not valid JSON");
      }
    }
    requireNothingHeld();
  }

  @Test
  void headsThatLie() throws Exception {
    // Less comes than is said: the client is taken for gone.
    try (Socket socket = connect()) {
      send(socket.getOutputStream(), head("Content-Length: 1000") + "{\"inputs\":\"a\"");
      socket.shutdownOutput();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    // More comes: the rest is no request.
    try (Socket socket = connect()) {
      send(
          socket.getOutputStream(),
          head("Content-Length: 14") + json("\"a\"") + "\r\n\r\nrest\r\n\r\n");
      assertThat(read(socket)).startsWith("HTTP/1.1 200 ").contains("HTTP/1.1 400 ");
    }
    for (String head :
        List.of(
            head("Content-Length: -1"),
            head("Content-Length: 99999999999999999999"),
            head("Content-Length: a"),
            head("Content-Length: 1\r\nContent-Length: 2"),
            head("Content-Length: 1\r\nTransfer-Encoding: chunked"),
            "\0\0\0\r\n\r\n",
            "GET\r\n\r\n",
            "GET /\0 HTTP/1.1\r\n\r\n")) {
      try (Socket socket = connect()) {
        send(socket.getOutputStream(), head);
        assertThat(read(socket)).as(head).startsWith("HTTP/1.1 400 ");
      }
    }
    try (Socket socket = connect()) {
      send(socket.getOutputStream(), head("Content-Length: 999999999999"));
      assertThat(read(socket)).startsWith("HTTP/1.1 413 ");
    }
  }

  @Test
  void aToken() throws Exception {
    restart(engine, LIMITS, Optional.of("secret-1"));
    assertThat(client.get("/health").status()).isEqualTo(200);
    for (String path : List.of("/metrics", "/v1/models", "/info", "/nothing")) {
      Answer answer = client.get(path);
      assertThat(answer.status()).as(path).isEqualTo(401);
      assertThat(answer.headers().firstValue("WWW-Authenticate"))
          .hasValue("Bearer realm=\"mirror4j\"");
    }
    assertThat(client.post("/v1/embeddings", "{\"input\":\"a\"}").json().at("/error/code").asText())
        .isEqualTo("invalid_api_key");
    for (String wrong :
        List.of("secret-1", "Basic secret-1", "Bearer", "Bearer secret", "Bearer secret-12")) {
      assertThat(client.send(client.request("/info").header("Authorization", wrong)).status())
          .as(wrong)
          .isEqualTo(401);
    }
    for (String right : List.of("Bearer secret-1", "bearer secret-1")) {
      assertThat(client.send(client.request("/info").header("Authorization", right)).status())
          .as(right)
          .isEqualTo(200);
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static void leave(Socket socket) throws IOException {
    socket.close();
  }

  private static String head(String length) {
    return "POST /embed HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        + length
        + "\r\n\r\n";
  }

  private static void send(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static void sendPost(Socket socket, String body) throws IOException {
    send(
        socket.getOutputStream(),
        head("Connection: close\r\nContent-Length: " + body.length()) + body);
  }

  /** What comes until the connection is closed or nothing comes for a while. */
  private static String read(Socket socket) throws IOException {
    StringBuilder text = new StringBuilder();
    InputStream in = socket.getInputStream();
    byte[] buffer = new byte[1 << 16];
    try {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        text.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
        socket.setSoTimeout(500);
      }
    } catch (IOException e) {
      assertThat(text).as(e.getMessage()).isNotEmpty();
    }
    return text.toString();
  }

  private void awaitWaiting(int texts) throws Exception {
    awaitMetric("mirror4j_waiting_texts " + texts);
  }

  /** What a request does at its end may come after its answer. */
  private void awaitMetric(String line) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    for (String metrics = ""; !metrics.contains("\n" + line + "\n"); Thread.sleep(20)) {
      metrics = client.get("/metrics").body();
      assertThat(System.nanoTime()).as("no '%s' in %s", line, metrics).isLessThan(end);
    }
  }
}
