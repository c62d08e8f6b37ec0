package org.mirror4j.bench.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients of servers that answer right, wrong, late or not at all. */
class ClientsTest {
  private static final float[] VECTOR = {0.5f, -0.25f};
  private static final double SECONDS = 0.2;

  private final Clients clients = new Clients(List.of("a text"), new float[][] {VECTOR});
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;

  private int serve(HttpHandler handler) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/embeddings", handler);
    server.setExecutor(threads);
    server.start();
    return server.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private static HttpHandler answering(float... vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : vector) {
      bytes.putFloat(value);
    }
    String base64 = Base64.getEncoder().encodeToString(bytes.array());
    byte[] body =
        "{\"data\": [{\"embedding\": \"%s\"}]}".formatted(base64).getBytes(StandardCharsets.UTF_8);
    return exchange -> {
      exchange.getRequestBody().readAllBytes();
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    };
  }

  @Test
  void rightAnswersAreCounted() throws IOException {
    Clients.Load load = clients.run(serve(answering(VECTOR)), 2, SECONDS);
    assertThat(load.inTime()).isPositive();
    assertThat(load.nanos()).hasSizeBetween((int) load.inTime(), (int) load.inTime() + 2);
    assertThat(load.row().path("textsPerSecond").asDouble()).isEqualTo(load.inTime() / SECONDS);
  }

  @Test
  void anAnswerAfterTheEndIsNoPartOfTheRate() throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    HttpHandler right = answering(VECTOR);
    int port =
        serve(
            exchange -> {
              try {
                never.await((long) (3e3 * SECONDS), TimeUnit.MILLISECONDS);
              } catch (InterruptedException problem) {
                throw new IOException(problem);
              }
              right.handle(exchange);
            });
    Clients.Load load = clients.run(port, 2, SECONDS);
    assertThat(load.nanos()).hasSize(2);
    assertThat(load.row().path("textsPerSecond").asDouble()).isZero();
    assertThat(load.row().path("p50Millis").asDouble()).isGreaterThan(2e3 * SECONDS);
  }

  @Test
  void aWrongVectorIsRefused() throws IOException {
    int port = serve(answering(0.5f, -0.2501f));
    assertThatThrownBy(() -> clients.run(port, 1, SECONDS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageMatching(
            "serve: (\\d+) of \\1 vectors are wrong and 0 of 1 clients failed, expected none");
  }

  @Test
  void aClientThatCannotGoOnIsRefused() throws IOException {
    int port =
        serve(
            exchange -> {
              exchange.sendResponseHeaders(500, -1);
              exchange.close();
            });
    assertThatThrownBy(() -> clients.run(port, 2, SECONDS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(
            "serve: 0 of 0 vectors are wrong and 2 of 2 clients failed, expected none:"
                + " java.io.IOException: ");
  }
}
