package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReproduceCommandTest {
  @TempDir Path folder;

  @Test
  void wrongUsage() {
    assertRefused("no TABLE is given; reproduce --list shows all");
    assertRefused("--list takes no TABLE", "--list", "sts");
    assertRefused("--data is missing", "sts");
    assertRefused("--seeds is 0, expected at least 1", "sts", "--data", folder, "--seeds", 0);
    String typo = "no table wrods; did you mean words?; reproduce --list shows all";
    assertRefused(typo, "wrods", "--data", folder);
    assertRefused(typo, "all", "wrods", "--data", folder);
    assertRefused(
        "no model of sts is pretrained, expected a table whose size can be chosen",
        "sts",
        "--data",
        folder,
        "--size",
        "base");
    assertRefused(
        "--output is the directory " + folder, "sts", "--data", folder, "--output", folder);
    CommandRun list = CommandRun.done("reproduce", "--list", "--json");
    assertThat(list.event("tables").path("names").toString()).contains("\"bli\"", "\"isotropy\"");
  }

  private static void assertRefused(String message, Object... arguments) {
    List<Object> all = new ArrayList<>(List.of("reproduce"));
    all.addAll(List.of(arguments));
    CommandRun run = CommandRun.of(all.toArray());
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("mirror4j: " + message);
  }

  /** A small model in the place of bert-base-uncased, found as a directory of that name. */
  private void writeInputs(int words) throws IOException {
    CommandRun.model(folder.resolve("bert-base-uncased"));
    Path pairs = Files.createDirectories(folder.resolve("data/multisimlex/pairs"));
    Path corpora = Files.createDirectories(folder.resolve("data/mirror_corpus"));
    List<String> corpus =
        IntStream.range(0, words).mapToObj(i -> Integer.toString(i * 7 + 5000, 26)).toList();
    Files.write(corpora.resolve("en_words_top_10k.txt"), corpus);
    List<String> scored = new ArrayList<>(List.of("id\tpos\tword1\tword2\tscore"));
    for (int i = 0; i < 20; i++) {
      scored.add(
          "%d\tN\t%s\t%s\t%d".formatted(i, corpus.get(i), corpus.get(3 * i + 40), i * 7 % 13));
    }
    Files.write(pairs.resolve("ENG.tsv"), scored);
  }

  /** In a process of its own, as names of models are looked for in its directory first. */
  private Process start(Object... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "reproduce",
                "words",
                "--data",
                "data",
                "--store",
                "store",
                "--seeds",
                "1"));
    Stream.of(more).map(Object::toString).forEach(command::add);
    return new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  private String read(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  private List<Path> unmeasured() throws IOException {
    Path models = folder.resolve("store/unmeasured");
    if (!Files.exists(models)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(models)) {
      return all.filter(path -> !path.getFileName().toString().startsWith(".")).toList();
    }
  }

  @Test
  void aTableInAllItsForms() throws Exception {
    writeInputs(400);
    Process process = start("qnli", "--output", "table.md", "--output", "table.json");
    assertThat(process.waitFor()).as(read("err")).isZero();
    String out = read("out");
    assertThat(out)
        .startsWith("Word similarity, Multi-SimLex English (Liu et al. 2021, table")
        .containsPattern("BERT-CLS +1 +-?[0-9.]+ \\(10\\.5, [-+][0-9.]+\\)\n")
        .containsPattern("BERT \\+ Mirror +1 +-?[0-9.]+ \\(55\\.6, [-+][0-9.]+\\)\n")
        .containsPattern("\n\nleft out, as models or data are not there: qnli\nin .*, f32\n$");
    assertThat(read("err")).contains("1 models to tune, 3 to measure, 0 scores known: at least");
    assertThat(read("err")).contains("qnli is left out: task qnli: no such file: ");
    assertThat(read("table.md"))
        .startsWith("## Word similarity")
        .contains("| BERT-CLS | 1 | ", "\n\nleft out, as models or data are not there: qnli\n\n");
    JsonNode json = new ObjectMapper().readTree(folder.resolve("table.json").toFile());
    assertThat(json.path("tables").get(0).path("cells")).hasSize(3);
    assertThat(json.path("leftOut").toString()).isEqualTo("[\"qnli\"]");
    assertThat(json.path("seeds").intValue()).isEqualTo(1);
    assertThat(unmeasured()).isEmpty();
    assertThat(folder.resolve("store/models")).doesNotExist();
  }

  @Test
  void aSignalKeepsTheTuningAndShowsWhatIsKnown() throws Exception {
    writeInputs(60_000);
    Process process = start("--json");
    try {
      long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
      while (!read("out").contains("{\"event\":\"step\"")) {
        assertThat(process.isAlive() && System.nanoTime() < end).as(read("err")).isTrue();
        Thread.sleep(20);
      }
      process.destroy();
      assertThat(process.waitFor(Duration.ofMinutes(1))).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(read("err")).isEqualTo(143);
    CommandRun run = new CommandRun(process.exitValue(), read("out"), read("err"));
    assertThat(run.event("table").path("complete").isBoolean()).isTrue();
    assertThat(run.event("table").path("complete").booleanValue()).isFalse();
    assertThat(run.event("table").path("cells").findValuesAsText("variant"))
        .containsExactly("BERT-CLS", "BERT-mean");
    assertThat(run.objects().getLast().path("message").asText())
        .isEqualTo("NOT COMPLETE: interrupted; the same command goes on");
    assertThat(unmeasured()).hasSize(1);
    try (Stream<Path> files = Files.walk(unmeasured().getFirst())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .as("a checkpoint of the step that was done")
          .anyMatch(name -> name.endsWith(".safetensors"));
    }
  }
}
