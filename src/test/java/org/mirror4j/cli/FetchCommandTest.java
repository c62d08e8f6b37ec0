package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.fetch.HubServer;
import org.mirror4j.name.KnownModel;

/** Names on the command line, in processes with caches of their own. */
class FetchCommandTest {
  @TempDir Path folder;
  private Path words;

  @BeforeEach
  void text() throws IOException {
    words = Files.write(folder.resolve("words.txt"), List.of("a cup", "of tea"));
  }

  private CommandRun run(String endpoint, Object... arguments) throws Exception {
    try (CommandProcess process = start(endpoint, arguments)) {
      return process.end();
    }
  }

  private CommandProcess start(String endpoint, Object... arguments) throws IOException {
    ProcessBuilder builder =
        CommandProcess.builder(List.of("-Duser.home=" + folder.resolve("user")), arguments);
    builder.environment().keySet().removeIf(name -> name.startsWith("HF_"));
    builder.environment().put("MIRROR4J_HOME", folder.resolve("home").toString());
    builder.environment().put("HF_HOME", folder.resolve("hf").toString());
    builder.environment().put("HF_ENDPOINT", endpoint);
    return CommandProcess.start(folder, builder);
  }

  /** An address that nobody answers at: what needs no connection must not ask for one. */
  private CommandRun offline(Object... arguments) throws Exception {
    return run("http://127.0.0.1:9", arguments);
  }

  private CommandRun embed(String model) throws Exception {
    return offline("embed", "--model", model, "--input", words, "--output", "-");
  }

  @Test
  void whatWasFetchedIsFoundByItsName() throws Exception {
    Path model = CommandRun.model(folder.resolve("model"));
    try (HubServer server = hub(model)) {
      assertThat(embed(HubServer.NAME).err())
          .contains("; a model of HuggingFace is fetched by ./mirror4j fetch " + HubServer.NAME);
      CommandRun fetch = run(server.address().toString(), "fetch", HubServer.NAME, "--json");
      assertThat(fetch.exit()).as(fetch.err()).isZero();
      assertThat(said(fetch)).isEmpty();
      Path path = Path.of(fetch.event("fetched").path("path").asText());
      assertThat(path).startsWith(folder.resolve("hf/hub"));
    }
    CommandRun byName = embed(HubServer.NAME);
    assertThat(byName.exit()).as(byName.err()).isZero();
    assertThat(byName.out()).isEqualTo(embed(model.toString()).out());
    CommandRun list = offline("fetch", "--list", "--json");
    assertThat(list.event("models").path("models"))
        .anySatisfy(row -> assertThat(row.path("name").asText()).isEqualTo(HubServer.NAME))
        .anySatisfy(
            row -> {
              assertThat(row.path("name").asText()).isEqualTo("bert-base-uncased");
              assertThat(row.path("licence").asText()).isEqualTo("Apache-2.0");
              assertThat(row.path("path").isNull()).isTrue();
            });
  }

  @Test
  void whatIsMissingSaysWhatToType() throws Exception {
    CommandRun known = embed("bert-base-uncased");
    assertThat(known.exit()).isEqualTo(1);
    assertThat(known.err())
        .contains(
            "mirror4j: bert-base-uncased: has not been fetched yet:"
                + " run ./mirror4j fetch bert-base-uncased\n");
    assertThat(embed("bert-base-uncasd").err()).contains("; did you mean bert-base-uncased?\n");
  }

  @Test
  void namesAreLookedAtBeforeTheFirstIsDownloaded() throws Exception {
    CommandRun wrong = offline("fetch", "org/name", "all-minilm-l6-v2");
    assertThat(wrong.exit()).isEqualTo(2);
    assertThat(wrong.err())
        .contains("mirror4j: NAME is 'all-minilm-l6-v2', expected ORG/NAME or one of bert-base")
        .contains("; did you mean all-MiniLM-L6-v2?\n");
    assertThat(CommandRun.of("fetch").err()).contains("NAME is missing; --list shows");
    assertThat(CommandRun.of("fetch", "--list", "x").err()).contains("--list takes no NAME");
  }

  /** A signal in the middle of the weights: they are gone on with where they were. */
  @Test
  void anInterruptedDownloadGoesOn() throws Exception {
    Path model = CommandRun.model(folder.resolve("model"));
    byte[] weights = Files.readAllBytes(model.resolve("model.safetensors"));
    CountDownLatch over = new CountDownLatch(1);
    try (HubServer server = hub(model)) {
      server.fault("GET /model.safetensors", HubServer.stalls(weights, weights.length / 2, over));
      CommandRun interrupted;
      try (CommandProcess fetch = start(server.address().toString(), "fetch", HubServer.NAME)) {
        // Of the weights: what comes before them is smaller, and is soon whole.
        fetch.await(() -> incomplete().stream().anyMatch(size -> size > weights.length / 4));
        interrupted = fetch.end("INT");
      } finally {
        over.countDown();
      }
      assertThat(interrupted.exit()).isEqualTo(130);
      requireSaid(interrupted, "what has come is kept, the same command goes on with it");
      assertThat(interrupted.out()).isEmpty();
      assertThat(below(folder, ".mirror4j-lock")).isEmpty();
      long kept = incomplete().getFirst();
      assertThat(kept).isBetween(1L, weights.length / 2L);
      assertThat(offline("fetch", "--list").out()).doesNotContain(HubServer.NAME);
      server.requests.clear();
      CommandRun next = run(server.address().toString(), "fetch", HubServer.NAME);
      assertThat(next.exit()).as(next.err()).isZero();
      assertThat(server.requests)
          .extracting(HubServer.Request::range)
          .contains("bytes=" + kept + "-");
    }
    assertThat(embed(HubServer.NAME).exit()).isZero();
  }

  /** Maven goes on with no transfer. */
  @Test
  void anInterruptedJarBeginsAnew() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    String[] artifact = KnownModel.of("bert-base-cased").orElseThrow().artifact().split(":");
    String place = "%s/%s/%s".formatted(artifact[0].replace('.', '/'), artifact[1], artifact[2]);
    String jar = "/%s/%s-%s.jar".formatted(place, artifact[1], artifact[2]);
    Path maven = Files.createDirectories(folder.resolve("user/.m2"));
    Path repository = maven.resolve("repository").resolve(place);
    try (HubServer server = new HubServer()) {
      Files.writeString(
          maven.resolve("settings.xml"),
          "<settings><mirrors><mirror><id>here</id><mirrorOf>*</mirrorOf><url>%s</url></mirror>"
                  .formatted(server.address())
              + "</mirrors></settings>");
      server.fault("GET " + jar, HubServer.stalls(new byte[2 << 20], 1 << 20, over));
      CommandRun interrupted;
      try (CommandProcess fetch = start("http://127.0.0.1:9", "fetch", "bert-base-cased")) {
        fetch.await(() -> !below(repository, ".tmp").isEmpty());
        interrupted = fetch.end("INT");
      } finally {
        over.countDown();
      }
      assertThat(interrupted.exit()).isEqualTo(130);
      requireSaid(interrupted, "the same command begins anew with a file that has not come whole");
      assertThat(below(repository, ".jar")).isEmpty();
      assertThat(below(folder, ".mirror4j-lock")).isEmpty();
    }
  }

  /** One line says it, as the last; the others are of the transfer. */
  private static void requireSaid(CommandRun interrupted, String kept) {
    assertThat(said(interrupted)).hasSize(2).last().isEqualTo("mirror4j: interrupted; " + kept);
    assertThat(said(interrupted).getFirst()).containsPattern("^[^:]+: \\d+ [GM]iB$");
  }

  private static HubServer hub(Path model) throws IOException {
    HubServer server = new HubServer();
    try (Stream<Path> files = Files.list(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        server.files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    server.large.add("model.safetensors");
    return server;
  }

  /** The virtual machine itself says that a module is an incubator. */
  private static List<String> said(CommandRun run) {
    return run.err().lines().filter(line -> !line.startsWith("WARNING")).toList();
  }

  /** Sizes of what has not come whole; 0 of what has meanwhile. */
  private List<Long> incomplete() throws IOException {
    return below(folder.resolve("hf"), ".incomplete").stream()
        .map(file -> file.toFile().length())
        .toList();
  }

  /** Files below a folder that somebody may be changing: those that go away meanwhile are none. */
  private static List<Path> below(Path root, String end) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(end)) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException reason) {
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }
}
