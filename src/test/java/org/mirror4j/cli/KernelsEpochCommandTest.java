package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command {@code kernels epoch}. */
class KernelsEpochCommandTest {
  /**
   * Of a model of two layers, at 400 texts. What is stored twice is right, and more instructions;
   * it is wrong where the same line rounds its registers to half precision before.
   */
  @Test
  void epochComparesVariantsWithTheOriginals(@TempDir Path folder) throws IOException {
    Path kernels = Files.createDirectory(folder.resolve("kernels"));
    for (String entry : List.of("fill", "bias_gelu_forward", "scale")) {
      Files.writeString(kernels.resolve(entry + ".ptx"), KernelsCommandTest.storingTwice(entry));
    }
    Path model = CommandRun.model(folder.resolve("model"));
    Path corpus = folder.resolve("corpus.txt");
    Files.write(corpus, Collections.nCopies(400, "a b c"));
    Object[] arguments = {
      "kernels",
      "epoch",
      "--recipe",
      "word",
      "--corpus",
      corpus,
      "--model",
      model,
      "--kernels",
      kernels,
      "--gpu",
      "rtx4090"
    };
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out())
        .contains("RTX 4090, f16", "kernels of " + kernels + " in their place")
        .containsPattern("\n  fill \\* +12 ")
        .containsPattern("\n  bias_gelu_forward \\* +4 ")
        .containsPattern("\n  widen +2 ")
        .contains("\n  fill: results right: those of the processor")
        .contains("\n  bias_gelu_forward: results WRONG: biasGelu at ")
        .contains("\n  scale: such an epoch does not launch it; see 'kernels profile'");
    Files.delete(kernels.resolve("bias_gelu_forward.ptx"));
    List<Object> json = new ArrayList<>(List.of(arguments));
    json.add("--json");
    JsonNode epoch = CommandRun.done(json.toArray()).event("epoch");
    assertThat(epoch.at("/variant/replaced"))
        .extracting(JsonNode::asText)
        .containsExactly("fill", "scale");
    assertThat(epoch.at("/variant/results/0/right").asBoolean()).isTrue();
    assertThat(epoch.at("/variant/seconds").asDouble())
        .isEqualTo(
            epoch.path("matrixSeconds").asDouble() + epoch.at("/variant/kernelSeconds").asDouble());
    double sum = 0;
    for (JsonNode kernel : epoch.path("kernels")) {
      sum += kernel.path("seconds").asDouble();
    }
    // Added up in another way.
    assertThat(epoch.path("kernelSeconds").asDouble()).isCloseTo(sum, withinPercentage(1e-9));
  }

  /** On an RTX 2080 Ti in f16: at most 1.5 s for words and 4 s for sentences. */
  @ParameterizedTest
  @CsvSource({"word, 0.5, 1.5", "sentence, 2, 4"})
  void epochAddsUpALowerBound(String recipe, double least, double most) {
    JsonNode epoch =
        CommandRun.done("kernels", "epoch", "--recipe", recipe, "--json").event("epoch");
    assertThat(epoch.path("gpu").asText()).isEqualTo("RTX 2080 Ti");
    assertThat(epoch.path("steps").asInt()).isEqualTo(50);
    assertThat(epoch.path("seconds").asDouble()).isBetween(least, most);
    assertThat(epoch.path("assumptions")).isNotEmpty();
  }

  /** Kernels are those of f32; nearly all products are bound by their flops. */
  @Test
  void epochInTf32DiffersFromF32ByItsProducts() {
    JsonNode f32 = epoch("f32");
    JsonNode tf32 = epoch("tf32");
    assertThat(tf32.path("precision").asText()).isEqualTo("tf32");
    assertThat(tf32.path("kernelSeconds")).isEqualTo(f32.path("kernelSeconds"));
    // 156 and 19.5 teraflops, but for the similarities: half a percent of the flops at the higher
    // rate.
    assertThat(tf32.path("matrixSeconds").asDouble())
        .isCloseTo(f32.path("matrixSeconds").asDouble() / 8, withinPercentage(1));
    for (String precision : List.of("tf32", "bf16")) {
      CommandRun turing =
          CommandRun.of("kernels", "epoch", "--recipe", "word", "--precision", precision);
      assertThat(turing.exit()).isEqualTo(1);
      assertThat(turing.err())
          .contains(
              "--precision %s: RTX 2080 Ti does not multiply it, expected a card of sm_80 or later"
                  .formatted(precision));
    }
  }

  private static JsonNode epoch(String precision) {
    return CommandRun.done(
            "kernels",
            "epoch",
            "--recipe",
            "word",
            "--gpu",
            "a100",
            "--precision",
            precision,
            "--json")
        .event("epoch");
  }

  /** 400 texts of 3 pieces and two special tokens, at the shape of the model. */
  @Test
  void epochCountsACorpusWithTheTokenizerOfAModel(@TempDir Path folder) throws IOException {
    Path model = CommandRun.model(folder.resolve("model"));
    Path corpus = folder.resolve("corpus.txt");
    Files.write(corpus, Collections.nCopies(400, "a b c"));
    JsonNode epoch =
        CommandRun.done(
                "kernels",
                "epoch",
                "--recipe",
                "word",
                "--corpus",
                corpus,
                "--model",
                model,
                "--gpu",
                "h100",
                "--json")
            .event("epoch");
    assertThat(epoch.path("corpus").asText()).isEqualTo("corpus.txt");
    assertThat(epoch.path("steps").asInt()).isEqualTo(2);
    assertThat(epoch.path("tokensPerStep").asInt()).isEqualTo(2048); // 2000, rounded up to 64
    // Two layers of 12 hidden^2 weights, 9 of them in the last one for the 400 first tokens alone:
    // forward, gradient of the input, gradient of the weight.
    double layers = 3 * (2.0 * (2048 * 12 + 2048 * 3 + 400 * 9) * 128 * 128);
    double similarities = 3 * (2.0 * 400 * 400 * 128);
    assertThat(epoch.path("matrixFlops").asDouble()).isEqualTo(2 * (layers + similarities));
    Path vocab = folder.resolve("model/vocab.txt");
    JsonNode base =
        CommandRun.done(
                "kernels",
                "epoch",
                "--recipe",
                "word",
                "--corpus",
                corpus,
                "--vocab",
                vocab,
                "--json")
            .event("epoch");
    assertThat(base.path("tokensPerStep").asInt()).isEqualTo(2048);
    assertThat(base.path("model").asText()).isEqualTo("bert-base");
  }

  @Test
  void epochSaysWhatIsMissing(@TempDir Path folder) throws IOException {
    Path corpus = Files.write(folder.resolve("corpus.txt"), List.of("one", "two"));
    String[][] wrong = {
      {"2", "--corpus needs --vocab or --model", "word", "--corpus", corpus.toString()},
      {"2", "--vocab needs --corpus", "word", "--vocab", corpus.toString()},
      {"2", "--gpu is 'rtx', expected one of [rtx2080ti, ", "word", "--gpu", "rtx"},
      {"1", "counted for word and sentence, not for 'biomedical'", "biomedical"},
    };
    for (String[] one : wrong) {
      List<Object> arguments = new ArrayList<>(List.of("kernels", "epoch", "--recipe"));
      arguments.addAll(List.of(one).subList(2, one.length));
      CommandRun run = CommandRun.of(arguments.toArray());
      assertThat(run.exit()).isEqualTo(Integer.parseInt(one[0]));
      assertThat(run.err()).contains(one[1]);
    }
  }
}
