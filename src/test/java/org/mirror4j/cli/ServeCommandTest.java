package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server in a process of its own: its options, slow clients, and its end. */
class ServeCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path shared;
  private static Path model;

  @TempDir Path folder;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private JsonNode settings;
  private int port;

  @BeforeAll
  static void makeModel() {
    model = CommandRun.model(shared.resolve("model"));
  }

  /** Starts a server and waits until it listens. */
  private CommandProcess serve(Object... more) throws Exception {
    List<Object> arguments =
        new ArrayList<>(List.of("serve", "--model", model, "--port", 0, "--threads", 1, "--json"));
    arguments.addAll(Arrays.asList(more));
    CommandProcess server =
        CommandProcess.start(
            folder, CommandProcess.builder(List.of("-Xmx256m"), arguments.toArray()));
    Path out = folder.resolve("out");
    server.await(() -> Files.readString(out).contains("\"event\":\"listening\""));
    for (String line : Files.readAllLines(out)) {
      JsonNode event = JSON.readTree(line);
      if (event.path("event").asText().equals("settings")) {
        settings = event;
      } else if (event.path("event").asText().equals("listening")) {
        port = event.path("port").asInt();
        assertThat(event.path("url").asText()).isEqualTo("http://127.0.0.1:" + port);
      }
    }
    return server;
  }

  private HttpRequest post(String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/embeddings"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    return (headers.length == 0 ? request : request.headers(headers)).build();
  }

  private HttpResponse<String> send(HttpRequest request) throws Exception {
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  /** The vectors of {@code embed}, bit for bit: one request alone is one batch, as one file is. */
  @Test
  void vectorsAreThoseOfEmbedAndASignalEndsIt() throws Exception {
    Path texts = Files.write(folder.resolve("texts.txt"), List.of("one text", "another", ""));
    CommandRun embedded =
        CommandRun.embed(model, texts, "-", "--json", "--device", "cpu", "--threads", 1);
    Path token = Files.writeString(folder.resolve("token"), "secret\n");
    CommandRun ended;
    try (CommandProcess server = serve("--token-file", token)) {
      assertThat(settings.path("model").asText()).isEqualTo("model");
      assertThat(settings.path("token").asBoolean()).isTrue();
      assertThat(settings.toString()).doesNotContain("secret");
      HttpResponse<String> answer =
          send(
              post(
                  "{\"input\":[\"one text\",\"another\",\"\"]}", "Authorization", "Bearer secret"));
      assertThat(answer.statusCode()).isEqualTo(200);
      JsonNode data = JSON.readTree(answer.body()).path("data");
      List<JsonNode> expected = embedded.objects();
      assertThat(data).hasSize(3);
      for (int i = 0; i < 3; i++) {
        assertThat(data.get(i).path("embedding")).isEqualTo(expected.get(i).path("vector"));
      }
      assertThat(send(post("{\"input\":\"a\"}")).statusCode()).isEqualTo(401);
      ended = server.end("TERM");
    }
    assertThat(ended.exit()).isEqualTo(143);
    assertThat(ended.events("stopping")).hasSize(1);
    assertThat(ended.err()).doesNotContain("mirror4j:", "\tat ");
  }

  /** The first text of all is the server's own, and has the token whose vector is taken. */
  @Test
  void theVectorOfTheMaskIsServed() throws Exception {
    try (CommandProcess server = serve("--pooling", "mask")) {
      assertThat(send(post("{\"input\":\"a [MASK]\"}")).statusCode()).isEqualTo(200);
      assertThat(send(post("{\"input\":\"a\"}")).body()).contains("has no [MASK]");
      assertThat(server.end("TERM").exit()).isEqualTo(143);
    }
  }

  /** What was begun is answered; the texts take the interpreter of kernels a while. */
  @Test
  void whatIsInWorkAtASignalIsAnswered() throws Exception {
    CompletableFuture<HttpResponse<String>> answer;
    CommandRun ended;
    try (CommandProcess server = serve("--device", "ptx", "--max-length", 16, "--auto-truncate")) {
      String texts = "\"a text of some words\",".repeat(11) + "\"a text\"";
      answer =
          http.sendAsync(post("{\"input\":[" + texts + "]}"), HttpResponse.BodyHandlers.ofString());
      HttpRequest metrics =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build();
      server.await(
          () -> {
            try {
              return send(metrics).body().contains("mirror4j_requests_in_work 2\n");
            } catch (IOException e) {
              throw e;
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          });
      ended = server.end("INT");
    }
    assertThat(ended.exit()).isEqualTo(130);
    assertThat(ended.event("stopping").path("requests").asInt()).isEqualTo(1);
    assertThat(answer.get().statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(answer.get().body()).path("data")).hasSize(12);
  }

  /** One byte at a time is no way round the limit: that is on the whole request. */
  @Test
  void slowClientsAreCutOff() throws Exception {
    try (CommandProcess server =
        serve("--request-seconds", 2, "--answer-seconds", 1, "--max-connections", 4)) {
      String head = "POST /v1/embeddings HTTP/1.1\r\nContent-Type: application/json\r\n";
      requireCutOff("");
      requireCutOff(head);
      requireCutOff(head + "Content-Length: 1000\r\n\r\n{\"input\":\"");
      requireCutOff(head + "Transfer-Encoding: chunked\r\n\r\n");
      // Four at most: the fifth is closed at once.
      List<Socket> sockets = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        sockets.add(connect());
      }
      try (Socket fifth = connect()) {
        assertThat(endsWithin(fifth, 1_500)).isTrue();
      }
      for (Socket socket : sockets) {
        socket.close();
      }
      server.await(() -> answers());
      assertThat(server.end("TERM").exit()).isEqualTo(143);
    }
  }

  private boolean answers() throws IOException {
    try {
      return send(post("{\"input\":\"a\"}")).statusCode() == 200;
    } catch (IOException e) {
      return false; // closed, as there were too many
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  /** Sends a beginning and then a byte every now and then, until the server has had enough. */
  private void requireCutOff(String beginning) throws Exception {
    long start = System.nanoTime();
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(beginning.getBytes(StandardCharsets.US_ASCII));
      boolean ended = false;
      while (!ended && System.nanoTime() - start < 60e9) {
        ended = endsWithin(socket, 300);
        if (!ended && !beginning.isEmpty()) {
          out.write('1');
        }
      }
      assertThat(ended).as(beginning).isTrue();
    } catch (IOException e) {
      // Closed in the middle of a byte.
    }
    assertThat((System.nanoTime() - start) * 1e-9).as(beginning).isBetween(1.0, 50.0);
  }

  /** Whether the server closes a connection, whatever it says before. */
  private static boolean endsWithin(Socket socket, int millis) throws IOException {
    socket.setSoTimeout(millis);
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true; // reset
    }
  }

  /**
   * Bodies that together are larger than the heap of 256 MiB: each is answered, and so is what
   * comes after them.
   */
  @Test
  void memoryIsBounded() throws Exception {
    byte[] body =
        ("{\"input\":\"" + "many words ".repeat(700_000) + "\"}")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] head =
        ("POST /v1/embeddings HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    try (CommandProcess server = serve("--auto-truncate")) {
      List<Socket> sockets = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        sockets.add(connect());
        sockets.getLast().getOutputStream().write(head);
      }
      // All but the end of each, so that all are there at once.
      for (Socket socket : sockets) {
        try {
          socket.getOutputStream().write(body, 0, body.length - 9);
        } catch (IOException e) {
          // Refused, and cut off for what was still to come.
        }
      }
      int answered = 0;
      for (Socket socket : sockets) {
        try (socket) {
          socket.getOutputStream().write(body, body.length - 9, 9);
          byte[] status = socket.getInputStream().readNBytes(12);
          answered +=
              List.of("HTTP/1.1 200", "HTTP/1.1 429")
                      .contains(new String(status, StandardCharsets.US_ASCII))
                  ? 1
                  : 0;
        } catch (IOException e) {
          // As above.
        }
      }
      assertThat(answered).isPositive();
      server.await(() -> answers());
      CommandRun ended = server.end("TERM");
      assertThat(ended.exit()).isEqualTo(143);
      assertThat(ended.out() + ended.err()).doesNotContain("heap", "a request failed");
    }
  }

  @Test
  void whatCannotBeServed() throws Exception {
    String start = "serve --model " + model + " --device cpu --threads 1 ";
    assertThat(CommandRun.of((Object[]) (start + "--port 70000").split(" ")).err())
        .startsWith("mirror4j: --port is 70000, expected 0 to 65535");
    assertThat(CommandRun.of((Object[]) (start + "--max-texts 0").split(" ")).exit()).isEqualTo(2);
    assertThat(
            CommandRun.of((Object[]) (start + "--max-texts 9 --max-waiting-texts 8").split(" "))
                .err())
        .startsWith("mirror4j: --max-waiting-texts is 8, expected at least the 9 of --max-texts");
    Path empty = Files.writeString(folder.resolve("empty"), "\n");
    assertThat(CommandRun.of((Object[]) (start + "--token-file " + empty).split(" ")).err())
        .isEqualTo("mirror4j: " + empty + ": is empty, expected a token\n");
    Path two = Files.writeString(folder.resolve("two"), "secret words\n");
    assertThat(CommandRun.of((Object[]) (start + "--token-file " + two).split(" ")).err())
        .contains("expected one token of visible ASCII characters")
        .doesNotContain("secret");
    assertThat(CommandRun.of((Object[]) (start + "--prompt a --template b").split(" ")).exit())
        .isEqualTo(2);
    CommandRun prompt = CommandRun.of((Object[]) (start + "--prompt-name query").split(" "));
    assertThat(prompt.exit()).isEqualTo(1);
    assertThat(prompt.err()).contains("query").doesNotContain("unexpected", "with");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CommandRun run =
          CommandRun.of((Object[]) (start + "--port " + taken.getLocalPort()).split(" "));
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err())
          .contains("127.0.0.1, port " + taken.getLocalPort() + ": cannot be listened on: ");
    }
  }
}
