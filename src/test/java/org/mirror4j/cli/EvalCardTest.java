package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores in the cards of the models that have them. */
class EvalCardTest {
  @TempDir Path folder;
  private Path model;
  private String pairs;

  @BeforeEach
  void makeModel() throws IOException {
    model = CommandRun.model(folder.resolve("model"));
    Path file = folder.resolve("own.tsv");
    Files.write(file, List.of("cat\tdog\t3", "cat\tcats\t9", "sun\tmoon\t5", "a\tzebra\t0"));
    pairs = "pairs:" + file;
  }

  private String card() throws IOException {
    return Files.readString(model.resolve("README.md"));
  }

  @Test
  void eachModelsScoresStandInItsOwnCard() throws IOException {
    String before = card();
    Path other = folder.resolve("other");
    CommandRun.done(
        "init", "--config", "tiny", "--vocab-size", 300, "--seed", 1, "--output", other);
    CommandRun run =
        CommandRun.done(
            "eval",
            "--model",
            "both=" + model.toAbsolutePath(),
            "pooling=cls",
            "both=" + other.toAbsolutePath(),
            "bundled",
            "--task",
            pairs,
            "--write-card",
            "--json");
    List<String> values =
        run.events("measurement").stream()
            .map(event -> "%.2f".formatted(event.path("value").doubleValue()))
            .toList();
    assertThat(values).hasSize(3);
    assertThat(card())
        .startsWith(before)
        .contains("| task | measure | items | score<br>cls, 512 tokens |\n")
        .contains("| own.tsv | Spearman | 4 | " + values.get(0) + " |\n")
        .contains("\nBy mirror4j ", ", f32.\n")
        .doesNotContain(folder.toString());
    assertThat(Files.readString(other.resolve("README.md")))
        .contains("score<br>mean, 512 tokens", "| 4 | " + values.get(1) + " |\n");
    assertThat(run.events("notice"))
        .anyMatch(event -> event.path("message").asText().startsWith("bundled: a name, "));

    Files.writeString(model.resolve("README.md"), card() + "\nMine.\n");
    String edited = card();
    CommandRun.done("eval", "--model", model, "--task", pairs, "--write-card");
    assertThat(card())
        .startsWith(before)
        .endsWith("\nMine.\n")
        .isNotEqualTo(edited)
        .contains("score<br>mean, 512 tokens")
        .doesNotContain("cls, 512 tokens");
  }

  @Test
  void nothingIsWrittenUnlessAskedFor() throws IOException {
    String before = card();
    CommandRun.done("eval", "--model", model, "--task", pairs);
    assertThat(card()).isEqualTo(before);
  }

  @Test
  void whatCannotBeWrittenIsToldBeforeAnythingIsComputed() throws IOException {
    CommandRun twice =
        CommandRun.of(
            "eval", "--model", model, model, "pooling=cls", "--task", pairs, "--write-card");
    assertThat(twice.exit()).isEqualTo(2);
    assertThat(twice.err())
        .startsWith("mirror4j: --write-card: " + model + " is measured twice, expected once");
    String torn = card() + "<!-- end of scores -->\n";
    Files.writeString(model.resolve("README.md"), torn);
    CommandRun refused = CommandRun.of("eval", "--model", model, "--task", pairs, "--write-card");
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err())
        .startsWith("mirror4j: " + model.resolve("README.md") + ": expected <!-- scores")
        .doesNotContain("device ");
    assertThat(card()).isEqualTo(torn);
  }
}
