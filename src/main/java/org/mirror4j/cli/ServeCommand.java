package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;
import org.mirror4j.encode.Bundled;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.ProcessEnd;
import org.mirror4j.serve.EmbeddingServer;
import org.mirror4j.serve.ServerSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code serve}: vectors over HTTP, until it is ended. */
@Command(
    name = "serve",
    sortOptions = false,
    customSynopsis = "mirror4j serve --model DIR [--port N] [OPTION...]",
    description = {
      "Serves vectors over HTTP: POST /v1/embeddings and GET /v1/models as OpenAI has them, POST"
          + " /embed and GET /info as text-embeddings-inference, GET /health, GET /metrics for"
          + " Prometheus. Texts of requests that wait are computed together.",
      "SIGINT and SIGTERM let what is in work be answered, for 20 seconds, and end the program."
    })
final class ServeCommand implements Runnable {
  private static final int MOST_PORT = 65_535;

  /** How long requests are waited for at the end: less than what ends programs gives them. */
  private static final Duration GRACE = Duration.ofSeconds(20);

  /** A text with the mask token of BERT and with that of RoBERTa: pooling mask takes its vector. */
  private static final String WARM_UP = "[MASK] <mask>";

  @Spec private CommandSpec command;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description =
          "Model directory, a name (see fetch), or bundled for the model that comes with the"
              + " program.")
  private ModelArgument model;

  @Option(
      names = "--host",
      paramLabel = "NAME",
      description =
          "What is listened on; 0.0.0.0 for all that reach this machine. Default: ${DEFAULT-VALUE},"
              + " this machine alone.")
  private String host = ServerSettings.LOOPBACK;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "0 for any that is free, which is then said. Default: ${DEFAULT-VALUE}.")
  private int port = 8080;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "File of one line: what requests have to bring as Authorization: Bearer TOKEN, but for"
              + " /health. Default: what MIRROR4J_TOKEN holds, or none.")
  private Path tokenFile;

  @Option(
      names = "--auto-truncate",
      description =
          "Cut texts that have too many tokens where a request does not say; otherwise they are"
              + " refused.")
  private boolean truncate;

  @Mixin private ServingLimits limits;
  @Mixin private EncoderOptions encoding;
  @Mixin private DeviceOptions deviceOptions;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    if (port < 0 || port > MOST_PORT) {
      throw new ParameterException(
          command.commandLine(), "--port is %d, expected 0 to %d".formatted(port, MOST_PORT));
    }
    Console console = output.console();
    EncoderSettings encoderSettings = deviceOptions.on(encoding.settings());
    Optional<String> token = TokenFile.token(Optional.ofNullable(tokenFile));
    ServerSettings settings =
        new ServerSettings(
            servedName(), host, port, token, truncate, encoding.batchSize(), limits.limits());
    try (Encoder encoder = load(console, encoderSettings)) {
      encoder.notes().forEach(console::notice);
      // What is compiled and unpacked at first use is not to be waited for by the first client.
      encoder.embed(WARM_UP);
      serve(console, encoder, settings);
    }
  }

  /** What clients are told: the name alone, not where it lies on this machine. */
  private String servedName() {
    Path name = Path.of(model.text()).toAbsolutePath().normalize().getFileName();
    return model.isPath() && name != null ? name.toString() : model.text();
  }

  /** What is wrong is said by its option, not by a method of applications. */
  private Encoder load(Console console, EncoderSettings settings) {
    try (Bundled bundled = Bundled.open()) {
      return model.isBundled()
          ? Encoder.bundled(settings)
          : Encoder.load(model.path(console, bundled), settings);
    } catch (IllegalArgumentException e) {
      throw e.getCause() instanceof IllegalArgumentException cause ? cause : e;
    }
  }

  private void serve(Console console, Encoder encoder, ServerSettings settings) {
    try (EmbeddingServer server =
            EmbeddingServer.start(
                encoder,
                settings,
                failure -> console.warning("a request failed: " + Failures.message(failure)));
        ProcessEnd.Registration _ = ProcessEnd.stopping(() -> stop(console, server))) {
      int taken = server.address().getPort();
      console.settings(
          JsonFiles.object()
              .put("model", settings.model())
              .put("dimensions", encoder.dimensions())
              .put("maxLength", encoder.maxLength())
              .put("normalize", encoder.normalized())
              .put("device", encoder.device())
              .put("host", host)
              .put("port", taken)
              .put("token", settings.token().isPresent())
              .put("autoTruncate", truncate)
              .put("batchSize", settings.batchTexts())
              .setAll(limits.json()));
      boolean reachable = !server.address().getAddress().isLoopbackAddress();
      if (reachable && settings.token().isEmpty()) {
        console.warning("whoever reaches this machine can use it: see --token-file");
      }
      ObjectNode fields = JsonFiles.object().put("host", host).put("port", taken);
      String url = "http://%s:%d".formatted(bracketed(host), taken);
      console.result("listening", fields.put("url", url), "listening on " + url);
      server.awaitStop();
    }
  }

  /** As it stands in an address: one of IPv6, which may have been given so, in brackets. */
  private static String bracketed(String host) {
    return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
  }

  private static void stop(Console console, EmbeddingServer server) {
    DefaultSignals.restore();
    try {
      int inWork = server.requestsInWork();
      if (console.json()) {
        console.event("stopping", JsonFiles.object().put("requests", inWork));
      } else {
        console.notice("stopping; %,d requests in work".formatted(inWork));
      }
    } finally {
      // Also where nobody reads any more what is said.
      server.stop(GRACE);
    }
  }
}
