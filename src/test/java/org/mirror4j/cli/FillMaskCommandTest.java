package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.objective.PretrainingHeads.SpanBoundarySize;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.support.SmallModel;
import org.mirror4j.text.Tokenizer;

class FillMaskCommandTest {
  @TempDir Path folder;

  private static CommandRun run(Object... arguments) {
    List<Object> all = new ArrayList<>(List.of("predict", "fill-mask", "--device", "cpu"));
    all.addAll(Arrays.asList(arguments));
    return CommandRun.of(all.toArray());
  }

  private static CommandRun done(Object... arguments) {
    CommandRun run = run(arguments);
    assertThat(run.exit()).as(run.err()).isZero();
    return run;
  }

  /** A model with both heads, of 2 places. */
  private Path spanModel() {
    List<String> vocabulary =
        List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "ran", "##s", ".");
    BertConfig config = SmallModel.config(BertConfig.Family.BERT, 10, 24, 2, GeluForm.ERF);
    PretrainingHeads heads = new PretrainingHeads(Optional.of(new SpanBoundarySize(2, 5)), false);
    try (Tokenizer tokenizer = Tokenizer.wordPiece(vocabulary, true)) {
      return SmallModel.write(
          folder.resolve("model"),
          config,
          ReferenceParameters.random(SmallModel.reference(config), heads, 3),
          tokenizer,
          ModelSettings.NONE,
          heads.blocks(config));
    }
  }

  @Test
  void theLikeliestTokensOfTheBundledModelAreThere() {
    CommandRun run = done("Paris is the [MASK] of France.", "--top", 3);
    List<String> lines = run.out().lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.getFirst()).isEqualTo("Paris is the [MASK] of France.");
    assertThat(lines.get(1)).matches("  0\\.\\d{4}  capital +Paris is the capital of France\\.");
    assertThat(run.err()).contains("model=bundled", "top=3").doesNotContain("warning");
  }

  @Test
  void severalMasksAreNumbered() {
    List<String> lines = done("The [MASK] of [MASK].", "[MASK]", "--top", 2).out().lines().toList();
    assertThat(lines).hasSize(5 + 3);
    assertThat(lines.subList(1, 5))
        .satisfiesExactly(
            line -> assertThat(line).matches("  1  0\\.\\d{4}  \\S+"),
            line -> assertThat(line).matches("  1  0\\.\\d{4}  \\S+"),
            line -> assertThat(line).matches("  2  0\\.\\d{4}  \\S+"),
            line -> assertThat(line).matches("  2  0\\.\\d{4}  \\S+"));
    assertThat(lines.get(5)).isEqualTo("[MASK]");
  }

  /** Positions count characters, not UTF-16 units. */
  @Test
  void programsGetAnObjectForEachText() {
    String text = "\ud83d\ude00 [MASK] and [MASK]";
    CommandRun run = done("--json", "--top", 2, text, "a [MASK]");
    assertThat(run.events("prediction")).hasSize(2);
    JsonNode first = run.events("prediction").getFirst();
    assertThat(first.path("text").asText()).isEqualTo(text);
    assertThat(first.has("cut")).isFalse();
    assertThat(first.path("masks")).hasSize(2);
    assertThat(first.path("masks").get(0).path("position").asInt()).isEqualTo(2);
    assertThat(first.path("masks").get(1).path("position").asInt()).isEqualTo(13);
    for (JsonNode mask : first.path("masks")) {
      assertThat(mask.has("spanBoundary")).isFalse();
      assertThat(mask.path("tokens")).hasSize(2);
      JsonNode token = mask.path("tokens").get(0);
      assertThat(token.path("token").asText()).isNotEmpty();
      assertThat(token.path("id").isInt()).isTrue();
      assertThat(token.path("probability").asDouble())
          .isBetween(mask.path("tokens").get(1).path("probability").asDouble(), 1.0);
    }
    assertThat(run.err()).isEmpty();
  }

  @Test
  void linesComeFromAFileOrStandardInput() throws IOException {
    // More than are read at once.
    List<String> lines =
        IntStream.range(0, 1030).mapToObj(i -> i % 2 == 0 ? "a [MASK]" : "the [MASK] is").toList();
    Path file = folder.resolve("lines.txt");
    Files.write(file, lines);
    Object[] more = {"--top", 1, "--json"};
    CommandRun fromFile = done("--input", file, more[0], more[1], more[2]);
    assertThat(fromFile.events("prediction").stream().map(o -> o.path("text").asText()))
        .containsExactlyElementsOf(lines);
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream(Files.readAllBytes(file)));
      CommandRun fromInput = done("--input", "-", more[0], more[1], more[2]);
      assertThat(fromInput.events("prediction")).isEqualTo(fromFile.events("prediction"));
      System.setIn(InputStream.nullInputStream());
      CommandRun none = run("--input", "-");
      assertThat(none.exit()).isEqualTo(1);
      assertThat(none.err()).isEqualTo("mirror4j: standard input is empty, expected text\n");
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void aLineWithoutMaskIsNamedAfterThoseBeforeIt() throws IOException {
    InputStream before = System.in;
    try {
      System.setIn(
          new ByteArrayInputStream(
              "a [MASK]\nno mask\nthe [MASK]\n".getBytes(StandardCharsets.UTF_8)));
      CommandRun run = run("--input", "-", "--json");
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.events("prediction")).hasSize(1);
      assertThat(run.err())
          .isEqualTo(
              "mirror4j: standard input: line 2: the text 'no mask' has no [MASK], expected one in"
                  + " place of each token that is asked for\n");
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void aLongTextIsCutAndSaidToBe() {
    String text = "word ".repeat(300) + "[MASK]" + " word".repeat(300);
    CommandRun run = done("--json", text);
    assertThat(run.event("prediction").path("cut").asBoolean()).isTrue();
    assertThat(run.event("warning").path("message").asText())
        .isEqualTo(
            "1 of 1 texts have more than the 64 tokens that the model takes: the part around their"
                + " masks is read");
  }

  @Test
  void spansAreFilledTwice() {
    String text = "The cat [MASK] [MASK] [MASK] ran.";
    CommandRun run = done("--model", spanModel(), "--span", "--top", 2, text);
    List<String> lines = run.out().lines().toList();
    assertThat(lines).hasSize(1 + 2 + 1 + 3 * 2);
    assertThat(lines.getFirst()).isEqualTo(text);
    assertThat(lines.get(1)).startsWith("  masked language model  The cat").doesNotContain("  -");
    assertThat(lines.get(2)).startsWith("  span boundary ").contains("[MASK]");
    assertThat(lines.get(3)).matches("  mask  masked language model  span boundary");
    assertThat(lines.subList(4, 8))
        .allSatisfy(
            line -> assertThat(line).matches("  [12]     \\d\\.\\d{4}  \\S+ +\\d\\.\\d{4}  \\S+"));
    assertThat(lines.subList(8, 10))
        .allSatisfy(line -> assertThat(line).matches("  3     \\d\\.\\d{4}  \\S+ +-"));
    assertThat(run.err())
        .contains(
            "warning: the span boundary objective predicts the first 2 tokens of a span, and no"
                + " others");
  }

  @Test
  void programsGetBothPredictionsOfASpan() {
    Path model = spanModel();
    String text = "The cat [MASK] [MASK] [MASK] ran.";
    JsonNode json =
        done("--model", model, "--span", "--top", 10, "--json", text).event("prediction");
    JsonNode masks = json.path("masks");
    assertThat(masks).hasSize(3);
    assertThat(masks.get(2).path("spanBoundary")).isEmpty();
    double sum = 0;
    for (JsonNode token : masks.get(1).path("spanBoundary")) {
      sum += token.path("probability").asDouble();
    }
    // All ten tokens, each rounded in f64.
    assertThat(sum).isCloseTo(1, within(1e-12));
    assertThat(json.path("filled").path("tokens").asText())
        .startsWith("The cat ")
        .doesNotContain("[MASK]");
    assertThat(json.path("filled").path("spanBoundary").asText()).endsWith("[MASK] ran.");
    JsonNode two =
        done("--model", model, "--span", "--json", "The [MASK] ran [MASK] [MASK] cat")
            .event("prediction");
    assertThat(two.path("masks")).hasSize(3);
    assertThat(two.path("masks").get(0).path("spanBoundary")).hasSize(5);
  }

  @Test
  void aModelWithoutTheHeadIsOneLine() {
    CommandRun run = run("--span", "a [MASK] b");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err().lines().toList().getLast())
        .isEqualTo(
            "mirror4j: bundled: model.safetensors has no head of the span boundary objective"
                + " (cls.pair_target_predictions.*), expected a model that was pretrained with it");
    CommandRun bare = run("--model", CommandRun.model(folder.resolve("bare")), "a [MASK]");
    assertThat(bare.exit()).isEqualTo(1);
    assertThat(bare.err().lines().toList().getLast())
        .contains("bare: model.safetensors has no head of masked language modelling");
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'a text is missing, expected texts or --input FILE'",
    "a --input b, 'texts and --input are both given, expected one of them'",
    "[MASK] --top 0, '--top is 0, expected 1 to 1,000'",
    "[MASK] --top 1001, '--top is 1001, expected 1 to 1,000'",
    "[MASK] --threads 0, '--threads is 0, expected at least 1'"
  })
  void wrongUsage(String line, String message) {
    CommandRun run = run(line.isEmpty() ? new Object[0] : line.split(" "));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("mirror4j: " + message).contains("predict fill-mask --help");
  }

  @Test
  void aMissingTaskIsWrongUsage() {
    CommandRun run = CommandRun.of("predict");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("mirror4j: a task is missing");
  }
}
