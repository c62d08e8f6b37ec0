package org.mirror4j.serve;

import com.fasterxml.jackson.core.JsonFactory;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.mirror4j.EncodedText;
import org.mirror4j.file.FileException;
import org.mirror4j.serve.EmbeddingService.ClientGoneException;

/** What is between HTTP and the APIs: paths, methods, the token, types, statuses, metrics. */
final class RequestHandler implements HttpHandler {
  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  /** Seconds after which what was refused for want of room may be asked for again. */
  private static final String RETRY_SECONDS = "1";

  /**
   * What is at a path.
   *
   * @param method {@code GET}, with which {@code HEAD} goes, or {@code POST}
   * @param open whether it is for everybody, where there is a token
   * @param api says how refusals are told
   */
  private record Endpoint(String method, boolean open, EmbeddingApi api, Answer answer) {
    /** The methods that are taken, as the header {@code Allow} names them. */
    String allowed() {
      return method.equals("GET") ? "GET, HEAD" : method;
    }
  }

  /** Answers a request with status 200. */
  @FunctionalInterface
  private interface Answer {
    void send(HttpExchange exchange) throws IOException, ClientGoneException;
  }

  private final Limits limits;
  private final EmbeddingService service;
  private final HeldMemory held;
  private final Metrics metrics;
  private final Consumer<? super Throwable> failures;
  private final Optional<BearerToken> token;
  private final JsonFactory json;
  private final EmbeddingApi other;
  private final Map<String, Endpoint> endpoints;
  private final ClosedPeers peers = new ClosedPeers();
  private final AtomicInteger inWork = new AtomicInteger();
  private final AtomicBoolean stopping = new AtomicBoolean();

  RequestHandler(
      ServedModel model,
      ServerSettings settings,
      EmbeddingService service,
      HeldMemory held,
      Metrics metrics,
      Consumer<? super Throwable> failures) {
    limits = settings.limits();
    this.service = service;
    this.held = held;
    this.metrics = metrics;
    this.failures = failures;
    token = settings.token().map(BearerToken::new);
    json = JsonBody.factory(limits);
    OpenAiApi openAi = new OpenAiApi(model, settings.truncate());
    TextEmbeddingsInferenceApi inference =
        new TextEmbeddingsInferenceApi(model, settings.truncate(), limits);
    other = openAi;
    endpoints =
        Map.of(
            "/health",
            new Endpoint(
                "GET",
                true,
                openAi,
                e -> send(e, JSON, "{\"status\":\"ok\"}".getBytes(StandardCharsets.UTF_8))),
            "/metrics",
            new Endpoint(
                "GET",
                false,
                openAi,
                e -> send(e, TEXT, metrics.text().getBytes(StandardCharsets.UTF_8))),
            "/v1/models",
            new Endpoint("GET", false, openAi, e -> sendJson(e, 200, openAi::models)),
            "/v1/embeddings",
            new Endpoint("POST", false, openAi, e -> embed(e, openAi)),
            "/info",
            new Endpoint("GET", false, inference, e -> sendJson(e, 200, inference::info)),
            "/embed",
            new Endpoint("POST", false, inference, e -> embed(e, inference)),
            // Where clients of both post when they are given no path.
            "/",
            new Endpoint("POST", false, inference, e -> embed(e, inference)),
            "/embeddings",
            new Endpoint("POST", false, openAi, e -> embed(e, openAi)));
    metrics.gauge("mirror4j_requests_in_work", "Requests being read or answered.", inWork::get);
    metrics.gauge("mirror4j_held_bytes", "Bytes that requests hold.", held::bytes);
  }

  /** Requests that are being read or answered. */
  int inWork() {
    return inWork.get();
  }

  /** Refuses all requests from now on; whether that is new. */
  boolean refuseNew() {
    return stopping.compareAndSet(false, true);
  }

  /**
   * Answers.
   *
   * @throws IOException if the connection is to be closed: the JDK's server forgets it then, which
   *     it does late for an exchange that is closed without an answer
   */
  @Override
  public void handle(HttpExchange exchange) throws IOException {
    long start = System.nanoTime();
    inWork.incrementAndGet();
    String path = exchange.getRequestURI().getPath();
    Endpoint endpoint = path == null ? null : endpoints.get(path);
    String status = Metrics.CLOSED;
    try {
      status = Integer.toString(answer(exchange, Optional.ofNullable(endpoint)));
      exchange.close();
    } catch (ClientGoneException e) {
      throw new IOException("the client has gone", e);
    } finally {
      inWork.decrementAndGet();
      metrics.request(
          endpoint == null ? "other" : path, status, (System.nanoTime() - start) * 1e-9);
    }
  }

  private int answer(HttpExchange exchange, Optional<Endpoint> endpoint)
      throws IOException, ClientGoneException {
    EmbeddingApi api = endpoint.map(Endpoint::api).orElse(other);
    Refusal refusal;
    try {
      endpoint(exchange, endpoint).answer().send(exchange);
      return 200;
    } catch (Refusal e) {
      refusal = e;
    } catch (RuntimeException | Error e) {
      refusal = Refusal.failed("a fault of the server itself", e);
    }
    if (refusal.getCause() != null) {
      failures.accept(refusal.getCause());
    }
    if (exchange.getResponseCode() != -1) {
      throw new IOException("failed in the middle of an answer", refusal);
    }
    return refuse(exchange, api, refusal);
  }

  /** What is asked for, if the client may. */
  private Endpoint endpoint(HttpExchange exchange, Optional<Endpoint> found) {
    if (stopping.get()) {
      throw new Refusal(Refusal.Kind.STOPPING, "the server is being stopped");
    }
    if (!found.map(Endpoint::open).orElse(false)) {
      token.ifPresent(t -> t.require(exchange.getRequestHeaders().getFirst("Authorization")));
    }
    Endpoint endpoint =
        found.orElseThrow(
            () ->
                new Refusal(
                    Refusal.Kind.NOT_FOUND,
                    "no such path, expected one of "
                        + String.join(", ", endpoints.keySet().stream().sorted().toList())));
    String method = exchange.getRequestMethod();
    boolean head = method.equals("HEAD") && endpoint.method().equals("GET");
    if (!head && !method.equals(endpoint.method())) {
      exchange.getResponseHeaders().set("Allow", endpoint.allowed());
      throw new Refusal(
          Refusal.Kind.WRONG_METHOD,
          "the method is %s, expected %s"
              .formatted(FileException.quote(method), endpoint.method()));
    }
    return endpoint;
  }

  private void embed(HttpExchange exchange, EmbeddingApi api)
      throws IOException, ClientGoneException {
    requireJson(exchange.getRequestHeaders());
    try (HeldMemory.Share share = held.share()) {
      // Not closed here: of a body that is refused the rest is read, after the client was told.
      InputStream body =
          new RequestBody(exchange.getRequestBody(), length(exchange), limits.bodyBytes(), share);
      EmbeddingRequest request = JsonBody.read(json, limits, body, api::read);
      InetSocketAddress local = exchange.getLocalAddress();
      InetSocketAddress remote = exchange.getRemoteAddress();
      List<EncodedText> encoded =
          service.embed(request, share, () -> peers.isClosed(local, remote));
      sendJson(exchange, 200, out -> api.write(out, request, encoded));
    }
  }

  /** The JDK's server has refused what is no number. */
  private static long length(HttpExchange exchange) {
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    return length == null ? -1 : Long.parseLong(length);
  }

  /** What browsers send for a page without asking the server is of other types. */
  private static void requireJson(Headers headers) {
    String type = headers.getFirst("Content-Type");
    if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase(JSON)) {
      throw new Refusal(
          Refusal.Kind.WRONG_TYPE,
          "Content-Type is %s, expected %s"
              .formatted(type == null ? "absent" : FileException.quote(type), JSON));
    }
    String encoding = headers.getFirst("Content-Encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new Refusal(
          Refusal.Kind.WRONG_TYPE,
          "Content-Encoding is %s, expected none".formatted(FileException.quote(encoding)));
    }
  }

  private int refuse(HttpExchange exchange, EmbeddingApi api, Refusal refusal) throws IOException {
    metrics.refused(refusal.kind());
    Headers headers = exchange.getResponseHeaders();
    switch (refusal.kind()) {
      case OVERLOADED, LATE -> headers.set("Retry-After", RETRY_SECONDS);
      // Of a body that is too large not all is read, so that nothing can follow it.
      case STOPPING, TOO_LARGE -> headers.set("Connection", "close");
      case UNAUTHORIZED -> headers.set("WWW-Authenticate", "Bearer realm=\"mirror4j\"");
      default -> {}
    }
    int status = api.status(refusal.kind());
    sendJson(exchange, status, out -> api.write(out, refusal));
    return status;
  }

  private static void sendJson(HttpExchange exchange, int status, JsonAnswers.Value value)
      throws IOException {
    Reply reply = new Reply(exchange, status, JSON);
    JsonAnswers.write(reply, value);
    reply.close();
  }

  private static void send(HttpExchange exchange, String type, byte[] body) throws IOException {
    Reply reply = new Reply(exchange, 200, type);
    reply.write(body, 0, body.length);
    reply.close();
  }
}
