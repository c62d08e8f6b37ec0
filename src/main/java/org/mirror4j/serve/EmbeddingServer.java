package org.mirror4j.serve;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.mirror4j.EncodedText;
import org.mirror4j.Encoder;

/**
 * Serves the vectors of an encoder over HTTP: see the package for what is answered.
 *
 * <p>The limits of connections and of a request's time are kept by the JDK's server, which reads
 * them once in a process: those of the first server that is started hold for all.
 */
public final class EmbeddingServer implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(10);

  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final TextBatcher batcher;
  private final RequestHandler handler;
  private final CountDownLatch stopped = new CountDownLatch(1);

  private EmbeddingServer(HttpServer http, TextBatcher batcher, RequestHandler handler) {
    this.http = http;
    this.batcher = batcher;
    this.handler = handler;
    http.createContext("/", handler);
    http.setExecutor(threads);
    http.start();
  }

  /**
   * Starts a server.
   *
   * @param encoder not closed by the server, and to be closed after it
   * @param failures is told what went wrong here while a request was answered
   * @throws IllegalStateException if the address cannot be listened on
   */
  public static EmbeddingServer start(
      Encoder encoder, ServerSettings settings, Consumer<? super Throwable> failures) {
    return start(
        texts -> encode(encoder, texts),
        new ServedModel(
            settings.model(),
            encoder.dimensions(),
            encoder.maxLength(),
            encoder.cutsLeft(),
            encoder.normalized()),
        settings,
        failures);
  }

  private static List<EncodedText> encode(Encoder encoder, List<String> texts) {
    List<EncodedText> encoded = new ArrayList<>(texts.size());
    encoder.embed(texts.iterator(), encoded::add);
    return encoded;
  }

  static EmbeddingServer start(
      TextEngine engine,
      ServedModel model,
      ServerSettings settings,
      Consumer<? super Throwable> failures) {
    Limits limits = settings.limits();
    JdkServerProperties.set(limits);
    HttpServer http = listen(settings);
    Metrics metrics = new Metrics();
    TextBatcher batcher =
        new TextBatcher(
            engine, model.maxLength(), settings.batchTexts(), limits.waitingTexts(), metrics);
    RequestHandler handler =
        new RequestHandler(
            model,
            settings,
            new EmbeddingService(model, limits, batcher),
            new HeldMemory(limits.heldBytes()),
            metrics,
            failures);
    metrics.gauge(
        "mirror4j_waiting_texts", "Texts that no batch has taken yet.", batcher::waitingTexts);
    return new EmbeddingServer(http, batcher, handler);
  }

  private static HttpServer listen(ServerSettings settings) {
    try {
      return HttpServer.create(
          new InetSocketAddress(InetAddress.getByName(settings.host()), settings.port()),
          settings.limits().connections());
    } catch (UnknownHostException e) {
      throw new IllegalStateException(settings.host() + ": no such host", e);
    } catch (IOException e) {
      throw new IllegalStateException(
          "%s, port %d: cannot be listened on: %s"
              .formatted(settings.host(), settings.port(), e.getMessage()),
          e);
    }
  }

  /** Where it listens, with the port that was taken where any was to be. */
  public InetSocketAddress address() {
    return http.getAddress();
  }

  /** Requests that are being read or answered. */
  public int requestsInWork() {
    return handler.inWork();
  }

  /**
   * Stops: takes no further connections, answers the requests that are in work, and closes what is
   * left after a time. The second call waits for the first.
   *
   * @param grace how long requests in work are waited for
   */
  public void stop(Duration grace) {
    if (handler.refuseNew()) {
      // Takes no connections from here on. What it waits for afterwards is a count of its own,
      // which it loses where a client goes away; so it is ended when our count is down.
      Thread closing =
          Thread.ofPlatform()
              .daemon()
              .name("mirror4j-closing")
              .start(() -> http.stop((int) grace.toSeconds() + 1));
      try {
        long end = System.nanoTime() + grace.toNanos();
        while (handler.inWork() > 0 && System.nanoTime() < end) {
          Thread.sleep(POLL);
        }
        closing.interrupt();
        closing.join();
      } catch (InterruptedException e) {
        closing.interrupt();
        Thread.currentThread().interrupt();
      }
      threads.shutdownNow();
      batcher.close();
      stopped.countDown();
    }
    awaitStop();
  }

  /** Waits until the server is stopped; an interrupted caller does not and stays interrupted. */
  public void awaitStop() {
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Stops without waiting for requests. */
  @Override
  public void close() {
    stop(Duration.ZERO);
  }
}
