package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvalCommandTest {
  @TempDir Path folder;
  private Path first;
  private Path second;
  private String pairs;
  private String texts;

  @BeforeEach
  void makeModels() throws IOException {
    first = CommandRun.model(folder.resolve("first"));
    second = folder.resolve("second");
    CommandRun.done(
        "init", "--config", "tiny", "--vocab-size", 300, "--seed", 1, "--output", second);
    Path file = folder.resolve("own.tsv");
    Files.write(file, List.of("cat\tdog\t3", "cat\tcats\t9", "sun\tmoon\t5", "a\tzebra\t0"));
    pairs = "pairs:" + file;
    Path list = folder.resolve("list.txt");
    Files.write(list, List.of("cat", "dog", "sun"));
    texts = "isotropy:" + list;
  }

  @Test
  void modelsAreColumns() throws IOException {
    Path report = folder.resolve("report.json");
    CommandRun run =
        CommandRun.done(
            "eval", "--model", first, second, "--task", pairs, texts, "--output", report);
    assertThat(run.out().lines().toList().getFirst())
        .containsSubsequence("task", "measure", "items", first.toString(), second.toString());
    assertThat(run.out()).containsPattern("own.tsv +Spearman +4 ").contains("isotropy");
    JsonNode json = new ObjectMapper().readTree(report.toFile());
    assertThat(json.path("columns")).hasSize(2);
    assertThat(json.path("settings").get(0).path("pooling").asText()).isEqualTo("mean");
    assertThat(json.path("versions").path("java").asText()).isEqualTo(Runtime.version().toString());
  }

  @Test
  void runsOfOneNameShareAColumn() {
    CommandRun run =
        CommandRun.done(
            "eval", "--model", "tuned=" + first, "tuned=" + second, "--task", pairs, "--json");
    List<Double> each =
        run.events("measurement").stream().map(e -> e.path("value").asDouble()).toList();
    assertThat(each).hasSize(2).doesNotHaveDuplicates();
    JsonNode report = run.event("report");
    assertThat(report.path("columns").toString()).isEqualTo("[\"tuned\"]");
    JsonNode tuned = report.path("rows").get(0).path("values").path("tuned");
    assertThat(tuned.path("runs")).extracting(JsonNode::asDouble).isEqualTo(each);
    assertThat(tuned.path("mean").asDouble()).isEqualTo((each.get(0) + each.get(1)) / 2);
    // Of two values a and b the sample standard deviation is |a - b| / sqrt(2).
    assertThat(tuned.path("standardDeviation").asDouble())
        .isCloseTo(Math.abs(each.get(0) - each.get(1)) / Math.sqrt(2), within(1e-12 * 100));
    String text =
        CommandRun.done("eval", "--model", "tuned=" + first, "tuned=" + second, "--task", pairs)
            .out();
    assertThat(text).containsPattern("own.tsv +Spearman +4 +-?[0-9.]+ \\+/- [0-9.]+\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%s", "./%s/", "tuned=%s"})
  void oneDirectoryTwiceIsRefused(String second) {
    // Relative, so that a path may be written in several ways.
    Path relative = Path.of("").toAbsolutePath().relativize(first.toAbsolutePath());
    CommandRun run =
        CommandRun.of("eval", "--model", relative, second.formatted(relative), "--task", pairs);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("mirror4j: --model names one directory twice: ");
  }

  @Test
  void programsGetEveryNumber() {
    CommandRun run = CommandRun.done("eval", "--model", first, "--task", pairs, texts, "--json");
    assertThat(run.err()).isEmpty();
    assertThat(run.events("measurement")).hasSize(3);
    JsonNode spearman = run.events("measurement").getFirst();
    assertThat(spearman.path("value").asDouble()).isBetween(-100.0, 100.0);
    assertThat(run.event("report").path("rows")).hasSize(3);
  }

  @Test
  void tasksAreListed() {
    assertThat(CommandRun.done("eval", "--list-tasks").out().lines())
        .containsExactly("pairs:FILE", "isotropy:FILE");
    CommandRun run = CommandRun.done("eval", "--list-tasks", "--data", folder, "--json");
    assertThat(run.event("tasks").path("names").toString()).contains("stsb", "sts17-es-en-4b");
  }

  @Test
  void wrongUsageAndMissingFiles() {
    CommandRun run = CommandRun.of("eval", "--task", pairs);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("mirror4j: --model is missing");
    run = CommandRun.of("eval", "--model", first, "--task", "stsb", "--data", folder);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).startsWith("mirror4j: task stsb: no such file: ");
    run = CommandRun.of("eval", "--model", first, "--task", "nothing", "--data", folder);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).startsWith("mirror4j: unknown task nothing");
  }
}
