package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.train.TinyRun;

/** {@code eval --task masked-loss:FILE}. */
class MaskedLossCommandTest {
  /** Roundings of f32 in other products, as the batches are others: some 1e-6 of a loss near 4. */
  private static final double ROUNDING = 1e-5;

  @TempDir Path folder;
  private Path text;

  @BeforeEach
  void writeText() {
    text = TinyRun.write(folder.resolve("text.txt"), TinyRun.documents(400, 9));
  }

  /** Pretrains a little, and what the run says before its first step. */
  private JsonNode pretrain(Path output, Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of("pretrain", "--corpus", text, "--held-out", text, "--output", output));
    arguments.addAll(
        List.of("--batch-tokens", 256, "--max-length", 16, "--max-steps", 2, "--json"));
    arguments.addAll(Arrays.asList(more));
    return CommandRun.done(arguments.toArray()).event("untrained");
  }

  private Path model(String name, Object... more) {
    List<Object> fresh = new ArrayList<>(List.of("--config", "tiny", "--vocab-size", 80));
    fresh.addAll(Arrays.asList(more));
    pretrain(folder.resolve(name), fresh.toArray());
    return folder.resolve(name);
  }

  private static double value(CommandRun run, String task, String measure) {
    return run.events("measurement").stream()
        .filter(event -> event.path("task").asText().equals(task))
        .filter(event -> event.path("measure").asText().equals(measure))
        .mapToDouble(event -> event.path("value").asDouble())
        .reduce((a, b) -> Double.NaN)
        .orElse(Double.NaN);
  }

  /** A run that goes on from a model on the text that it also holds out. */
  @Test
  void lossesAreThoseOfPretrainingBeforeTheFirstStep() {
    Path model = model("model", "--objective", "span+sbo");
    JsonNode tokens =
        pretrain(folder.resolve("tokens"), "--from", model, "--objective", "mlm", "--seed", 42);
    JsonNode spans =
        pretrain(folder.resolve("spans"), "--from", model, "--objective", "span+sbo", "--seed", 42);
    CommandRun run =
        CommandRun.done(
            "eval",
            "--model",
            model,
            "--task",
            "masked-loss:" + text,
            "masked-loss:" + text + ":spans",
            "--json");
    assertThat(run.events("measurement")).hasSize(3);
    assertThat(value(run, "text.txt", "masked loss"))
        .isCloseTo(tokens.path("heldOutLoss").asDouble(Double.NaN), within(ROUNDING));
    JsonNode parts = spans.path("heldOutLosses");
    assertThat(value(run, "text.txt:spans", "masked loss"))
        .isCloseTo(parts.path("masked").asDouble(Double.NaN), within(ROUNDING));
    assertThat(value(run, "text.txt:spans", "span boundary loss"))
        .isCloseTo(parts.path("spanBoundary").asDouble(Double.NaN), within(ROUNDING));
    JsonNode rows = run.event("report").path("rows");
    assertThat(rows).hasSize(3);
    // ceil(0.15 n) of each block.
    assertThat(rows.get(0).path("items").asInt()).isEqualTo(rows.get(1).path("items").asInt());
    assertThat(run.objects().toString()).contains(text + ": ", " blocks, ");
  }

  /** Models of one tokenizer share a row and see the same; one at another length does not. */
  @Test
  void modelsAreComparedOnTheSameTokens() {
    Path first = model("first");
    Path second = model("second", "--seed", 7);
    CommandRun run =
        CommandRun.done(
            "eval",
            "--model",
            "first=" + first,
            "second=" + second,
            "short=" + first,
            "max-length=9",
            "--task",
            "masked-loss:" + text);
    assertThat(run.out())
        .containsPattern("text.txt +masked loss +\\d+ +\\d\\.\\d{4} +\\d\\.\\d{4} +-\n")
        .containsPattern("text.txt +masked loss +\\d+ +- +- +\\d\\.\\d{4}\n");
  }

  @Test
  void whatCannotBeMeasuredIsOneLine() {
    Path model = model("model");
    Path bare = CommandRun.model(folder.resolve("bare"));
    CommandRun run = CommandRun.of("eval", "--model", model, bare, "--task", "masked-loss:" + text);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err())
        .endsWith(
            "mirror4j: "
                + bare
                + ": model.safetensors has no head of masked language modelling"
                + " (cls.predictions.transform.dense.weight, ...), expected a pretrained model\n");
    // Before the first model is measured.
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).doesNotContain("masked loss");
    Path empty = TinyRun.write(folder.resolve("empty.txt"), List.of());
    run = CommandRun.of("eval", "--model", model, "--task", "masked-loss:" + empty + ":spans");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).endsWith("mirror4j: " + empty + " is empty\n");
  }
}
