package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.fetch.HubServer;

/** Names on the command line, in processes with caches of their own. */
class FetchCommandTest {
  @TempDir Path folder;
  private Path words;

  @BeforeEach
  void text() throws IOException {
    words = Files.write(folder.resolve("words.txt"), List.of("a cup", "of tea"));
  }

  private CommandRun run(String endpoint, Object... arguments) throws Exception {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName());
    Arrays.stream(arguments).map(Object::toString).forEach(builder.command()::add);
    builder.environment().keySet().removeIf(name -> name.startsWith("HF_"));
    builder.environment().put("MIRROR4J_HOME", folder.resolve("home").toString());
    builder.environment().put("HF_HOME", folder.resolve("hf").toString());
    builder.environment().put("HF_ENDPOINT", endpoint);
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      assertThat(process.waitFor(Duration.ofMinutes(2))).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new CommandRun(process.exitValue(), Files.readString(out), Files.readString(err));
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
    try (HubServer server = new HubServer();
        Stream<Path> files = Files.list(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        server.files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
      server.large.add("model.safetensors");
      assertThat(embed(HubServer.NAME).err())
          .contains("; a model of HuggingFace is fetched by ./mirror4j fetch " + HubServer.NAME);
      CommandRun fetch = run(server.address().toString(), "fetch", HubServer.NAME, "--json");
      assertThat(fetch.exit()).as(fetch.err()).isZero();
      // The virtual machine itself says that a module is an incubator.
      assertThat(fetch.err().lines().filter(line -> !line.startsWith("WARNING"))).isEmpty();
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
}
