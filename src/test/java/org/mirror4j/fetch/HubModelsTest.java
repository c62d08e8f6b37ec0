package org.mirror4j.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;
import org.mirror4j.name.HuggingFaceCache;
import org.mirror4j.name.HuggingFaceName;
import org.mirror4j.name.ModelHome;
import org.mirror4j.name.ModelNames;

/** Downloads from a small server of this process, which does all that a network does wrong. */
class HubModelsTest {
  private static final String CONFIG =
      """
      {"model_type": "bert", "vocab_size": 300, "hidden_size": 8, "num_hidden_layers": 1,
       "num_attention_heads": 2, "intermediate_size": 16, "max_position_embeddings": 32}
      """;

  private static final String WEIGHTS = "model.safetensors";
  private static final int WEIGHT_BYTES = 300_007;

  private static final HuggingFaceName NAME = HuggingFaceName.parse(HubServer.NAME).orElseThrow();

  @TempDir Path folder;
  private final HubServer server = new HubServer();

  /** Long beside any pause of a busy machine, but where the server is to be given up. */
  private Duration silence = Duration.ofSeconds(30);

  private final List<String> notices = new ArrayList<>();
  private final List<String> transfers = new ArrayList<>();
  private HuggingFaceCache cache;
  private ModelNames names;

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

  private Path fetch() {
    return fetch(NAME, Optional.empty());
  }

  private Path fetch(HuggingFaceName name, Optional<String> token) {
    Patience patience = new Patience(3, Duration.ofMillis(1), silence);
    return new HubModels(names, new HubEndpoint(server.address(), token), patience)
        .fetch(name, listener);
  }

  private Path blob(String file) {
    return cache.folder(HubServer.NAME).resolve("blobs").resolve(server.digest(file));
  }

  private Path incomplete() {
    return blob(WEIGHTS).resolveSibling(blob(WEIGHTS).getFileName() + ".incomplete");
  }

  private List<String> ranges() {
    return server.requests.stream()
        .filter(request -> request.host().equals("other") && request.method().equals("GET"))
        .map(request -> String.valueOf(request.range()))
        .toList();
  }

  private void requireWhole(Path snapshot) throws IOException {
    assertThat(snapshot.resolve(WEIGHTS)).hasBinaryContent(server.files.get(WEIGHTS));
    assertThat(incomplete()).doesNotExist();
    assertThat(cache.find(NAME)).contains(snapshot);
  }

  @Test
  void whatIsNeededLiesAsPythonsToolsHaveIt() throws IOException {
    Path snapshot = fetch();
    Path repository = cache.path().resolve("models--some-org--tiny.model-1");
    assertThat(snapshot).isEqualTo(repository.resolve("snapshots").resolve(HubServer.COMMIT));
    assertThat(repository.resolve("refs/main")).hasContent(HubServer.COMMIT);
    try (Stream<Path> files = Files.list(snapshot)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("config.json", "vocab.txt", WEIGHTS);
    }
    for (String file : List.of("config.json", "vocab.txt", WEIGHTS)) {
      assertThat(Files.readSymbolicLink(snapshot.resolve(file)))
          .isEqualTo(Path.of("../../blobs", server.digest(file)));
    }
    requireWhole(snapshot);
    assertThat(transfers).contains("model.safetensors 0 of " + WEIGHT_BYTES, "at " + WEIGHT_BYTES);
    assertThat(notices).isEmpty();
  }

  @Test
  void whatIsThereIsNotDownloadedAgain() throws IOException {
    fetch();
    server.requests.clear();
    requireWhole(fetch());
    assertThat(server.requests)
        .filteredOn(request -> request.method().equals("GET"))
        .extracting(HubServer.Request::path)
        .containsExactly(HubServer.listing("main"));
  }

  @Test
  void aRevisionIsKeptUnderItsName() {
    HuggingFaceName name = HuggingFaceName.parse(HubServer.NAME + "@refs/pr/1").orElseThrow();
    Path snapshot = fetch(name, Optional.empty());
    assertThat(server.requests.getFirst().path()).isEqualTo(HubServer.listing("refs%2Fpr%2F1"));
    assertThat(cache.find(name)).contains(snapshot);
    assertThat(cache.find(NAME)).isEmpty();
    HuggingFaceName commit =
        HuggingFaceName.parse(HubServer.NAME + "@" + HubServer.COMMIT).orElseThrow();
    assertThat(cache.find(commit)).contains(snapshot);
  }

  @Test
  void theTokenStaysWithTheEndpoint() throws IOException {
    server.token = "hf_secret";
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("set HF_TOKEN to a token that opens it");
    assertThatThrownBy(() -> fetch(NAME, Optional.of("hf_wrong")))
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("the token does not open it")
        .hasMessageNotContaining("hf_wrong");
    server.requests.clear();
    requireWhole(fetch(NAME, Optional.of("hf_secret")));
    assertThat(server.requests).extracting(HubServer.Request::host).contains("hub", "other");
    assertThat(server.requests)
        .allSatisfy(
            request ->
                assertThat(request.authorization())
                    .isEqualTo(request.host().equals("hub") ? "Bearer hf_secret" : null));
    HubEndpoint endpoint =
        new HubEndpoint(URI.create("https://a.example"), Optional.of("hf_secret"));
    for (String address :
        List.of(
            "http://a.example/x",
            "https://a.example:444/x",
            "https://b.a.example/x",
            "https://a.example.b/x",
            "https://a.example@b.example/x")) {
      assertThat(endpoint.authorization(URI.create(address))).as(address).isEmpty();
    }
    assertThat(endpoint.authorization(URI.create("https://A.example:443/x"))).isPresent();
    assertThat(endpoint.toString()).doesNotContain("hf_secret");
  }

  @Test
  void whatIsNotThereIsSaid() {
    server.fault(
        "GET " + HubServer.listing("main"),
        exchange -> {
          exchange.getResponseHeaders().set("X-Error-Message", "Repository not found");
          return HubServer.status(exchange, 404);
        },
        exchange -> HubServer.status(exchange, 403));
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageStartingWith("some-org/tiny.model-1: not there at http://127.0.0.1:")
        .hasMessageEndingWith(": Repository not found");
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("its terms may have to be accepted");
    assertThat(cache.folder(HubServer.NAME)).doesNotExist();
  }

  @Test
  void aBusyServerIsAskedAgainAndNotForEver() throws IOException {
    server.fault(
        "GET " + HubServer.listing("main"),
        exchange -> HubServer.status(exchange, 503),
        exchange -> HubServer.status(exchange, 500));
    server.fault("HEAD " + HubServer.content(WEIGHTS), exchange -> HubServer.status(exchange, 429));
    server.fault("GET /" + WEIGHTS, exchange -> HubServer.status(exchange, 502));
    requireWhole(fetch());
    assertThat(notices).hasSize(4).allMatch(notice -> notice.contains("trying again"));
    HubServer.Fault busy = exchange -> HubServer.status(exchange, 503);
    server.fault("GET " + HubServer.listing("main"), busy, busy, busy);
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("the server answers 503");
  }

  @Test
  void aBrokenTransferGoesOnWhereItWas() throws IOException {
    byte[] weights = server.files.get(WEIGHTS);
    HubServer.Fault breaks = exchange -> HubServer.send(exchange, weights, 70_000);
    server.fault("GET /" + WEIGHTS, breaks, breaks, breaks);
    requireWhole(fetch());
    // What has come before the break is on the disk, whole or but for the last buffers.
    assertThat(ranges()).hasSize(4).startsWith("null");
    assertThat(ranges().subList(1, 4)).allMatch(range -> range.matches("bytes=\\d+-"));
    assertThat(notices).hasSize(3).allMatch(notice -> notice.contains("broken off after"));
  }

  @Test
  void theNextCommandGoesOnWithWhatIsThere() throws IOException {
    byte[] weights = server.files.get(WEIGHTS);
    HubServer.Fault down = exchange -> HubServer.status(exchange, 503);
    server.fault(
        "GET /" + WEIGHTS, exchange -> HubServer.send(exchange, weights, 99_999), down, down, down);
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("the same command goes on with it");
    assertThat(cache.find(NAME)).as("not a model before it is whole").isEmpty();
    long kept = Files.size(incomplete());
    assertThat(kept).isBetween(1L, 99_999L);
    server.requests.clear();
    requireWhole(fetch());
    assertThat(ranges()).containsExactly("bytes=" + kept + "-");
    assertThat(transfers).contains("model.safetensors %d of %d".formatted(kept, WEIGHT_BYTES));
  }

  @Test
  void aServerThatSendsNothingIsGivenUp() throws IOException {
    silence = Duration.ofMillis(500);
    byte[] weights = server.files.get(WEIGHTS);
    CountDownLatch over = new CountDownLatch(1);
    server.fault("GET /" + WEIGHTS, HubServer.stalls(weights, 50_000, over));
    try {
      requireWhole(fetch());
    } finally {
      over.countDown();
    }
    assertThat(ranges()).hasSize(2);
  }

  @Test
  void whatDoesNotFitIsDownloadedAnewOnce() throws IOException {
    Files.createDirectories(incomplete().getParent());
    Files.write(incomplete(), new byte[1000]);
    requireWhole(fetch());
    assertThat(ranges()).containsExactly("bytes=1000-", "null");
    assertThat(notices).hasSize(1);
  }

  @Test
  void aServerWithoutRangesBeginsAnew() throws IOException {
    Files.createDirectories(incomplete().getParent());
    Files.write(incomplete(), new byte[1000]);
    server.fault(
        "GET /" + WEIGHTS,
        exchange -> {
          exchange.sendResponseHeaders(200, WEIGHT_BYTES);
          exchange.getResponseBody().write(server.files.get(WEIGHTS));
          return true;
        });
    requireWhole(fetch());
    assertThat(notices).isEmpty();
  }

  @Test
  void wrongContentIsRefusedAndNotKept() {
    byte[] other = server.files.get(WEIGHTS).clone();
    other[WEIGHT_BYTES - 1] ^= 1;
    server.fault("GET /" + WEIGHTS, exchange -> HubServer.send(exchange, other));
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageMatching("model.safetensors: its hash is \\p{XDigit}{64}, expected .*");
    assertThat(incomplete()).doesNotExist();
    assertThat(blob(WEIGHTS)).doesNotExist();
    assertThat(cache.find(NAME)).isEmpty();
    // That of a small file is another hash.
    server.fault(
        "GET " + HubServer.content("vocab.txt"),
        exchange -> HubServer.send(exchange, new byte[server.files.get("vocab.txt").length]));
    assertThatThrownBy(this::fetch)
        .hasMessageMatching("vocab.txt: its hash is \\p{XDigit}{40}, expected .*");
  }

  @Test
  void anotherSizeIsRefused() {
    byte[] longer = new byte[WEIGHT_BYTES + 1];
    server.fault("GET /" + WEIGHTS, exchange -> HubServer.send(exchange, longer));
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessage("model.safetensors: is 300008 bytes long, expected 300007");
    server.fault(
        "GET /" + WEIGHTS,
        exchange -> {
          exchange.sendResponseHeaders(200, 0); // in chunks, without a length
          exchange.getResponseBody().write(longer);
          return true;
        });
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessage("model.safetensors: longer than the 300007 bytes that it is said to be");
    server.fault(
        "GET /" + WEIGHTS,
        exchange -> {
          exchange.getResponseHeaders().set("Content-Encoding", "gzip");
          return HubServer.send(exchange, longer);
        });
    assertThatThrownBy(this::fetch).hasMessageContaining("encoding 'gzip'");
  }

  @Test
  void noFileIsWrittenOutsideTheCache() {
    for (String hostile : List.of("../x", "a/../../x", "/x", "a\\\\x", "a//x", "./x", "C:x", "")) {
      server.files.put(hostile, new byte[1]);
      assertThatThrownBy(this::fetch)
          .as(hostile)
          .isInstanceOf(FileException.class)
          .hasMessageContaining("expected a path within the repository");
      server.files.remove(hostile);
    }
    for (String tag : List.of("../../x", "", "..", "0123")) {
      server.tags.put(WEIGHTS, tag);
      assertThatThrownBy(this::fetch)
          .as(tag)
          .isInstanceOf(FetchException.class)
          .hasMessageContaining("expected the 40 or 64 digits of a hash");
    }
    server.tags.clear();
    server.files.put("modules.json", "[{\"path\": \"../../x\"}]".getBytes());
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FileException.class)
        .hasMessageContaining("modules.json: lists the file '../../x'");
    server.files.remove("modules.json");
    server.files.remove(WEIGHTS);
    server.files.put(
        "model.safetensors.index.json", "{\"weight_map\": {\"w\": \"../../x\"}}".getBytes());
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("names '../../x', which is not there");
    for (String name : List.of("../x", "a/b/c", "/a", "a/..", "a/b@../x", "a/b@", "", "a b/c")) {
      assertThat(HuggingFaceName.parse(name)).as(name).isEmpty();
    }
  }

  @Test
  void foldersOfModulesAndShardsAreNeededToo() throws IOException {
    server.files.put(
        "modules.json",
        "[{\"path\": \"\"}, {\"path\": \"1_Pooling\"}, {\"path\": \"2_Dense\"}]".getBytes());
    server.files.put("1_Pooling/config.json", "{}".getBytes());
    server.files.put("1_Pooling/README.md", "{}".getBytes());
    server.files.put("2_Dense/config.json", "{}".getBytes());
    server.files.put("2_Dense/pytorch_model.bin", new byte[7]);
    server.files.remove(WEIGHTS);
    server.files.put(
        "model.safetensors.index.json",
        "{\"weight_map\": {\"v\": \"part-1.safetensors\", \"w\": \"part-2.safetensors\"}}"
            .getBytes());
    for (String part : List.of("part-1.safetensors", "part-2.safetensors", "part-3.safetensors")) {
      server.files.put(part, part.getBytes());
    }
    Path snapshot = fetch();
    try (Stream<Path> files = Files.walk(snapshot)) {
      assertThat(files.filter(Files::isRegularFile).map(f -> snapshot.relativize(f).toString()))
          .containsExactlyInAnyOrder(
              "config.json",
              "vocab.txt",
              "modules.json",
              "1_Pooling/config.json",
              "2_Dense/config.json",
              "2_Dense/pytorch_model.bin",
              "model.safetensors.index.json",
              "part-1.safetensors",
              "part-2.safetensors");
    }
    assertThat(Files.readSymbolicLink(snapshot.resolve("1_Pooling/config.json")).toString())
        .startsWith("../../../blobs/");
  }

  @Test
  void whatNoCommandTakesIsNotDownloaded() {
    server.files.put("config.json", "{\"model_type\": \"llama\"}".getBytes());
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("llama");
    assertThat(ranges()).isEmpty();
    server.files.put("config.json", CONFIG.getBytes());
    server.files.remove(WEIGHTS);
    server.files.remove("pytorch_model.bin");
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("none of them model.safetensors");
  }

  @Test
  void redirectionsEnd() {
    HubServer.Fault round =
        exchange -> {
          exchange.getResponseHeaders().set("Location", HubServer.listing("main"));
          return HubServer.status(exchange, 307);
        };
    server.fault(
        "GET " + HubServer.listing("main"),
        round,
        round,
        round,
        round,
        round,
        round,
        round,
        round,
        round,
        round);
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("redirected more than 8 times");
    server.fault(
        "GET " + HubServer.listing("main"),
        exchange -> {
          exchange.getResponseHeaders().set("Location", "file:///etc/passwd");
          return HubServer.status(exchange, 302);
        });
    assertThatThrownBy(this::fetch)
        .isInstanceOf(FetchException.class)
        .hasMessageContaining("'file:///etc/passwd', expected an address of https");
  }

  /** A model that was renamed: its endpoint sends to another path of its own. */
  @Test
  void aRenamedModelIsFound() throws IOException {
    server.fault(
        "GET /api/models/old/name/revision/main",
        exchange -> {
          exchange.getResponseHeaders().set("Location", HubServer.listing("main"));
          return HubServer.status(exchange, 307);
        });
    for (String file : List.of("config.json", "vocab.txt", WEIGHTS)) {
      HubServer.Fault moved =
          exchange -> {
            exchange.getResponseHeaders().set("Location", HubServer.content(file));
            return HubServer.status(exchange, 307);
          };
      String old = HubServer.content(file).replace(HubServer.NAME, "old/name");
      server.fault("HEAD " + old, moved);
      server.fault("GET " + old, moved);
    }
    HuggingFaceName name = HuggingFaceName.parse("old/name").orElseThrow();
    Path snapshot = fetch(name, Optional.empty());
    assertThat(snapshot.resolve(WEIGHTS)).hasBinaryContent(server.files.get(WEIGHTS));
    assertThat(cache.find(name)).contains(snapshot);
  }
}
