package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.method.pretrain.PretrainingRecipe;
import org.mirror4j.method.pretrain.PretrainingSettings;
import org.mirror4j.text.mask.MaskScheme;
import picocli.CommandLine;

class PretrainCommandTest {
  @TempDir Path folder;
  private Path text;

  @BeforeEach
  void writeText() throws IOException {
    text = folder.resolve("text.txt");
    Files.write(
        text,
        IntStream.range(0, 40)
            .mapToObj(i -> "the cat number %d sat on the mat of the king and sang".formatted(i))
            .toList());
  }

  @Test
  void makesAModelThatTrainTakes() {
    Path model = folder.resolve("model");
    CommandRun run =
        CommandRun.done(
            "pretrain",
            "--corpus",
            text,
            text,
            "--held-out",
            text,
            "--output",
            model,
            "--config",
            "tiny",
            "--vocab-size",
            120,
            "--batch-tokens",
            64,
            "--max-length",
            16,
            "--max-steps",
            3,
            "--held-out-steps",
            2,
            "--store",
            "f16",
            "--json");
    assertThat(run.err()).isEmpty();
    JsonNode settings = run.event("settings");
    String hash = settings.path("dataHash").asText();
    String heldOutHash = settings.path("heldOutHash").asText();
    assertThat(hash).hasSize(64).isNotEqualTo(heldOutHash);
    // A run that was begun before goes on only while keys, their order and numbers stay.
    ((ObjectNode) settings).remove("event");
    assertThat(settings.toString())
        .isEqualTo(
            """
            {"command":"pretrain","config":"tiny","vocabSize":105,"corpus":["%1$s","%1$s"],\
            "dataHash":"%2$s","heldOut":"%1$s","heldOutHash":"%3$s","recipe":"bundled",\
            "objective":"mlm","mask":"tokens","maskedShare":0.15,"spanProbability":0.2,\
            "longestSpan":10,"wholeSentences":false,"shortSequences":0.0,"steps":3,\
            "batchTokens":64,"deviceTokens":8192,"learningRate":0.001,"warmupSteps":300,\
            "weightDecay":0.01,"beta2":0.98,"epsilon":1.0E-6,"maxLength":16,"dropoutRate":0.1,\
            "maxGradNorm":1.0,"boundaryWeight":1.0,"places":15,"placeWidth":200,\
            "shuffleBlocks":16384,"heldOutSteps":2,"fidelity":"clean","seed":42,\
            "precision":"f32","store":"f16"}\
            """
                .formatted(text, hash, heldOutHash));
    assertThat(run.events("step")).hasSize(3);
    assertThat(run.events("step").get(1).path("heldOutLoss").isNumber()).isTrue();
    assertThat(run.events("step").get(2).path("heldOutLoss").isNumber()).isTrue();
    CommandRun.train(model, text, folder.resolve("tuned"), "--max-steps", 1, "--max-length", 16);
  }

  @Test
  void eachSettingIsAnOption() {
    for (PretrainingRecipe recipe : PretrainingRecipe.values()) {
      PretrainingOptions options = new PretrainingOptions();
      new CommandLine(options).parseArgs();
      assertThat(options.settings(recipe.settings())).isEqualTo(recipe.settings());
    }
    GivenTest.requireEachIsASetting(PretrainingOptions.class, PretrainingSettings.class);
    assertThat(CommandRun.of("pretrain", "--help").out())
        .contains(
            "Default: 8192",
            "Default: mini",
            "Default: bundled",
            "bert-1seq",
            "--learning-rate  ",
            "2400000");
  }

  /** Masks follow the objective unless they are asked for. */
  @Test
  void anObjectiveBringsItsMasks() {
    assertThat(settings("--objective", "span+sbo").mask()).isEqualTo(MaskScheme.SPANS);
    assertThat(settings("--objective", "mlm+nsp").mask()).isEqualTo(MaskScheme.TOKENS);
    assertThat(settings("--objective", "span", "--mask", "phrases").mask())
        .isEqualTo(MaskScheme.PHRASES);
    assertThat(settings("--no-whole-sentences").wholeSentences()).isFalse();
    assertThat(settings("--whole-sentences").wholeSentences()).isTrue();
  }

  /** The released command has another weight decay than the paper. */
  @Test
  void releasedBringsItsWeightDecay() {
    PretrainingSettings paper = PretrainingRecipe.SPANBERT.settings();
    assertThat(options("--seed", "1").settings(paper).weightDecay()).isEqualTo(0.1);
    assertThat(options("--fidelity", "released").settings(paper).weightDecay()).isEqualTo(0.01);
    assertThat(
            options("--fidelity", "released", "--weight-decay", "0.2")
                .settings(paper)
                .weightDecay())
        .isEqualTo(0.2);
  }

  private CommandRun oneStep(String output, Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("pretrain", "--corpus", text, "--output"));
    arguments.addAll(List.of(folder.resolve(output), "--max-steps", 1, "--batch-tokens", 64));
    arguments.addAll(Arrays.asList(more));
    return CommandRun.done(arguments.toArray());
  }

  /** What was chosen for a small model from nothing is not what a model is gone on with. */
  @Test
  void aModelKeepsItsLengthAndHasALowerRate() {
    oneStep("model", "--config", "tiny", "--vocab-size", 120, "--max-length", 16, "--cased");
    Path model = folder.resolve("model");
    JsonNode settings = oneStep("on", "--from", model, "--json").event("settings");
    assertThat(settings.path("recipe").asText()).isEqualTo("bundled");
    assertThat(settings.path("learningRate").asDouble()).isEqualTo(1e-4);
    assertThat(settings.path("maxLength").asInt()).isEqualTo(16);
    settings =
        oneStep("named", "--from", model, "--recipe", "bundled", "--max-length", 8, "--json")
            .event("settings");
    assertThat(settings.path("learningRate").asDouble()).isEqualTo(1e-3);
    assertThat(settings.path("maxLength").asInt()).isEqualTo(8);
  }

  @Test
  void aVocabularyMayBeCased() throws IOException {
    Files.writeString(text, "The Cat sat.\nThe cat sat.\n");
    CommandRun run =
        oneStep(
            "cased",
            "--config",
            "tiny",
            "--vocab-size",
            60,
            "--max-length",
            16,
            "--json",
            "--cased");
    assertThat(run.event("settings").path("cased").asBoolean()).isTrue();
    assertThat(Files.readAllLines(folder.resolve("cased/vocab.txt"))).contains("The", "C", "##at");
    run = oneStep("plain", "--config", "tiny", "--vocab-size", 60, "--max-length", 16, "--json");
    assertThat(run.event("settings").has("cased")).isFalse();
    assertThat(Files.readAllLines(folder.resolve("plain/vocab.txt"))).contains("the", "cat");
  }

  /** Of 300 characters, each a word of its own, as many are learned as half of the pieces are. */
  @Test
  void aVocabularyHasTheAlphabetOfTheText() throws IOException {
    Files.write(
        text,
        IntStream.range(0, 30)
            .mapToObj(
                line ->
                    IntStream.range(0, 10)
                        .mapToObj(i -> Character.toString(0x4e00 + 10 * line + i))
                        .collect(Collectors.joining()))
            .toList());
    String said = oneStep("all", "--config", "tiny", "--vocab-size", 700, "--max-length", 16).err();
    assertThat(said)
        .contains(
            "305 word pieces learned of the 700 that were asked for: no two others stand together"
                + " 2 times")
        .doesNotContain("[UNK]");
    said = oneStep("half", "--config", "tiny", "--vocab-size", 420, "--max-length", 16).err();
    assertThat(said)
        .contains(
            "30.0 % of the words become [UNK], as they have another character than the 210 most"
                + " frequent: a --vocab-size above 420 has room for more",
            "215 word pieces learned of the 420");
  }

  private static PretrainingSettings settings(String... arguments) {
    return options(arguments).settings(PretrainingRecipe.BUNDLED.settings());
  }

  private static PretrainingOptions options(String... arguments) {
    PretrainingOptions options = new PretrainingOptions();
    CommandLine commandLine = new CommandLine(options);
    Main.registerLabels(commandLine);
    commandLine.parseArgs(arguments);
    return options;
  }

  /** What a recipe has for other objectives is no fault of the user, what they give is. */
  @ParameterizedTest
  @CsvSource({
    "bundled, --places 3, --places has no effect with --objective mlm",
    "bundled, --place-width 3 --objective span, --place-width has no effect with --objective span",
    "bundled, --boundary-weight 1 --objective mlm+nsp, --boundary-weight has no effect with"
        + " --objective mlm+nsp",
    "bert-1seq, --places 3 --place-width 3 --boundary-weight 1 --objective span+sbo, ''",
    "spanbert, --places 3 --place-width 3 --boundary-weight 1, ''",
    "bundled, --span-probability 0.2, --span-probability has no effect with --mask tokens",
    "bundled, --longest-span 5 --mask words, --longest-span has no effect with --mask words",
    "spanbert, --longest-span 5 --mask tokens, --longest-span has no effect with --mask tokens",
    "bundled, --longest-span 5 --span-probability 0.2 --objective span, ''",
    "bundled, --longest-span 5 --mask phrases, ''",
    "bundled, --span-probability 0.4 --mask entities, ''",
    "bert, --whole-sentences, --whole-sentences has no effect with --objective mlm+nsp",
    "bundled, --no-whole-sentences --objective mlm+nsp, --no-whole-sentences has no effect with"
        + " --objective mlm+nsp",
    "spanbert, --no-whole-sentences, ''",
    "bert, --epochs 2, --epochs has no effect with --max-steps 2400000",
    "bundled, --epochs 2 --max-steps 10, --epochs has no effect with --max-steps 10",
    "bert, --epochs 2 --max-steps 0, ''",
    "bundled, --epochs 2, ''",
    "bundled, --held-out-steps 2, --held-out-steps has no effect without --held-out",
  })
  void whatHasNoEffectIsRefused(String label, String arguments, String problem) {
    PretrainingOptions options = options(arguments.split(" "));
    PretrainingRecipe recipe =
        Arrays.stream(PretrainingRecipe.values())
            .filter(value -> value.label().equals(label))
            .findFirst()
            .orElseThrow();
    PretrainingSettings settings = options.settings(recipe.settings());
    boolean heldOut = !arguments.contains("--held-out");
    if (problem.isEmpty()) {
      options.requireEffect(settings, heldOut);
    } else {
      assertThatThrownBy(() -> options.requireEffect(settings, heldOut))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(problem);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--learning-rate", "--epsilon", "--boundary-weight"})
  void whatIsNotFiniteIsRefused(String option) {
    PretrainingOptions options = options(option, "Infinity");
    assertThatThrownBy(() -> options.settings(PretrainingRecipe.SPANBERT.settings()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(option + " is Infinity, expected (at least|more than) 0 and finite");
  }

  @Test
  void nothingGivenIsNeverRefused() {
    for (PretrainingRecipe recipe : PretrainingRecipe.values()) {
      options().requireEffect(options().settings(recipe.settings()), false);
    }
  }

  @Test
  void failuresAreOneLine() {
    Path absent = folder.resolve("absent.txt");
    CommandRun run =
        CommandRun.of("pretrain", "--corpus", absent, "--output", folder.resolve("model"));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).endsWith("mirror4j: " + absent + " does not exist\n");
    run =
        CommandRun.of(
            "pretrain", "--corpus", text, "--output", folder.resolve("m"), "--max-length", 3);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("--max-length is 3, expected at least 4");
    run =
        CommandRun.of(
            "pretrain", "--corpus", text, "--output", folder.resolve("m"), "--held-out-steps", 3);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("mirror4j: --held-out-steps has no effect without --held-out\n");
    run =
        CommandRun.of(
            "pretrain",
            "--corpus",
            text,
            "--output",
            folder.resolve("m"),
            "--from",
            "x",
            "--vocab-size",
            3);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("--from=MODEL", "--vocab-size=N", "mutually exclusive");
    run =
        CommandRun.of(
            "pretrain", "--corpus", text, "--output", folder.resolve("m"), "--vocab-size", 6);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("--vocab-size is 6, expected at least ");
  }
}
