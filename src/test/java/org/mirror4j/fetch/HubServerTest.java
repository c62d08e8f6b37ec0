package org.mirror4j.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.name.HuggingFaceCache;
import org.mirror4j.name.HuggingFaceName;
import org.mirror4j.name.ModelHome;
import org.mirror4j.name.ModelNames;

/** Downloads from a small server of this process, which does all that a network does wrong. */
abstract class HubServerTest {
  static final String CONFIG =
      """
      {"model_type": "bert", "vocab_size": 300, "hidden_size": 8, "num_hidden_layers": 1,
       "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 32}
      """;

  static final String WEIGHTS = "model.safetensors";
  static final int WEIGHT_BYTES = 300_007;

  static final HuggingFaceName NAME = HuggingFaceName.parse(HubServer.NAME).orElseThrow();

  @TempDir Path folder;
  final HubServer server = new HubServer();

  /** Long beside any pause of a busy machine, but where the server is to be given up. */
  Duration silence = Duration.ofSeconds(30);

  final List<String> notices = new ArrayList<>();
  final List<String> transfers = new ArrayList<>();
  HuggingFaceCache cache;
  ModelNames names;

  private final FetchListener listener =
      new FetchListener() {
        private long last;

        @Override
        public void notice(String message) {
          notices.add(message);
        }

        @Override
        public void begins(String what, long there, long bytes) {
          transfers.add("%s %d of %d".formatted(what, there, bytes));
          last = there;
        }

        @Override
        public void at(long there) {
          last = there;
        }

        @Override
        public void ends() {
          transfers.add("at " + last);
        }
      };

  @BeforeEach
  void aModel() {
    cache = new HuggingFaceCache(folder.resolve("hub"));
    names = new ModelNames(new ModelHome(folder.resolve("home")), cache);
    server.files.put("config.json", CONFIG.getBytes(StandardCharsets.UTF_8));
    server.files.put("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n".getBytes());
    server.files.put("README.md", "not needed".getBytes());
    server.files.put("pytorch_model.bin", new byte[100]);
    server.files.put("onnx/model.onnx", new byte[100]);
    byte[] weights = new byte[WEIGHT_BYTES];
    new Random(1).nextBytes(weights);
    server.files.put(WEIGHTS, weights);
    server.large.add(WEIGHTS);
  }

  @AfterEach
  void close() {
    server.close();
  }

  Path fetch() {
    return fetch(NAME, Optional.empty());
  }

  Path fetch(HuggingFaceName name, Optional<String> token) {
    Patience patience = new Patience(3, Duration.ofMillis(1), silence);
    return new HubModels(names, new HubEndpoint(server.address(), token), patience)
        .fetch(name, listener);
  }

  Path blob(String file) {
    return cache.folder(HubServer.NAME).resolve("blobs").resolve(server.digest(file));
  }

  Path incomplete() {
    return blob(WEIGHTS).resolveSibling(blob(WEIGHTS).getFileName() + ".incomplete");
  }

  List<String> ranges() {
    return server.requests.stream()
        .filter(request -> request.host().equals("other") && request.method().equals("GET"))
        .map(request -> String.valueOf(request.range()))
        .toList();
  }

  void requireWhole(Path snapshot) throws IOException {
    assertThat(snapshot.resolve(WEIGHTS)).hasBinaryContent(server.files.get(WEIGHTS));
    assertThat(incomplete()).doesNotExist();
    assertThat(cache.find(NAME)).contains(snapshot);
  }
}
