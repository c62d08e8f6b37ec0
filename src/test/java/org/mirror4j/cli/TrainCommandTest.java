package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.bert.Pooling;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.method.mirror.FalseNegatives;
import org.mirror4j.method.mirror.MirrorSettings;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.text.mask.TextSpanMask;
import picocli.CommandLine;

class TrainCommandTest {
  @TempDir static Path shared;
  @TempDir Path folder;

  private static Path model;
  private static Path corpus;

  @BeforeAll
  static void makeModel() throws IOException {
    model = CommandRun.model(shared.resolve("model"));
    corpus = shared.resolve("corpus.txt");
    Files.write(
        corpus, IntStream.range(0, 12).mapToObj(i -> "word" + Integer.toString(i, 5)).toList());
  }

  private Object[] train(Object... more) {
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--model",
                model,
                "--corpus",
                corpus,
                "--output",
                folder.resolve("out"),
                "--batch-size",
                4));
    arguments.addAll(Arrays.asList(more));
    return arguments.toArray();
  }

  @Test
  void tunesAndTellsProgramsEverything() throws IOException {
    CommandRun run = CommandRun.done(train("--json", "--epochs", 1, "--threads", 1));
    assertThat(run.err()).isEmpty();
    assertThat(run.objects()).allMatch(o -> o.isObject() && o.path("event").isTextual());
    assertThat(run.event("environment").path("java").asText())
        .isEqualTo(Runtime.version().toString());
    JsonNode settings = run.event("settings");
    assertThat(settings.path("seed").asInt()).isEqualTo(42);
    assertThat(settings.path("pooling").asText()).isEqualTo("cls");
    assertThat(settings.path("steps").asInt()).isEqualTo(3);
    assertThat(run.event("started").path("steps").asInt()).isEqualTo(3);
    assertThat(run.events("step")).hasSize(3);
    assertThat(run.events("step").getLast().path("step").asInt()).isEqualTo(3);
    assertThat(run.event("finished").path("output").asText())
        .isEqualTo(folder.resolve("out").toString());
    assertThat(folder.resolve("out.training")).doesNotExist();
    assertThat(Files.readString(folder.resolve("out/mirror4j.json"))).contains("\"cls\"");
    assertThat(Files.readAllLines(folder.resolve("out/train.jsonl"))).hasSize(3);
  }

  /** A run that was begun before goes on only while keys, their order and numbers stay. */
  @Test
  void whatIsStoredOfARun() throws IOException {
    CommandRun.done(train("--max-steps", 1, "--learning-rate", "3e-4", "--max-grad-norm", 1));
    JsonNode run =
        new ObjectMapper().readTree(folder.resolve("out/mirror4j.json").toFile()).path("run");
    String expected =
        """
        {"command":"train","model":"%s","modelHash":%s,"tokenizerHash":%s,"corpus":"%s",\
        "dataHash":%s,"recipe":"word","epochs":2,"batchSize":4,"steps":1,"learningRate":3.0E-4,\
        "weightDecay":0.01,"maxLength":25,"temperature":0.2,"pooling":"cls","template":"",\
        "secondTemplate":"","dropoutRate":0.1,"dropheadRate":0.0,"randomSpanMask":0,\
        "spanUnit":"chars","pairwise":false,\
        "falseNegatives":"mask","shuffle":true,"maxGradNorm":1.0,"lowerCase":false,\
        "keepBlankLines":false,"maxCharacters":10000,"seed":42,"precision":"f32","store":"f32"}\
        """
            .formatted(
                model,
                run.path("modelHash"),
                run.path("tokenizerHash"),
                corpus,
                run.path("dataHash"));
    assertThat(run.toString()).isEqualTo(expected);
  }

  /**
   * It is said where sentence-transformers has no such pooling, and obeyed by what reads it here.
   */
  @Test
  void aPoolingOfOursIsSaidAndKept() throws IOException {
    CommandRun run =
        CommandRun.done(
            train("--pooling", "mask", "--template", "{} is [MASK]", "--max-steps", 1, "--json"));
    assertThat(run.events("notice"))
        .extracting(notice -> notice.path("message").asText())
        .contains(
            "pooling mask will stand in mirror4j.json alone: sentence-transformers has"
                + " none like it and would take the mean");
    assertThat(folder.resolve("out/modules.json")).doesNotExist();
    CommandRun embed =
        CommandRun.done(
            "embed",
            "--model",
            folder.resolve("out"),
            "--input",
            corpus,
            "--output",
            folder.resolve("v.npy"),
            "--json");
    assertThat(embed.event("settings").path("pooling").asText()).isEqualTo("mask");
  }

  @Test
  void speaksToPeopleOnStandardError() {
    CommandRun run = CommandRun.done(train("--epochs", 1));
    assertThat(run.out().lines()).singleElement().asString().startsWith("written to ");
    assertThat(run.err())
        .contains("mirror4j ", "device cpu", "fidelity clean", "settings:", "seed=42", "step 3/3");
  }

  /** How steps are launched is no setting of the result: a run may resume without it. */
  @Test
  void notReplayingChangesNoByte() throws IOException {
    CommandRun.done(train("--epochs", 1));
    byte[] replayed = Files.readAllBytes(folder.resolve("out/model.safetensors"));
    CommandRun run = CommandRun.done(train("--epochs", 1, "--overwrite", "--no-replay", "--json"));
    assertThat(Files.readAllBytes(folder.resolve("out/model.safetensors"))).isEqualTo(replayed);
    assertThat(run.event("settings").path("precision").asText()).isEqualTo("f32");
    assertThat(run.event("settings").has("replay")).isFalse();
  }

  @Test
  void aBatchLargerThanTheCorpusIsSaid() {
    CommandRun run =
        CommandRun.train(model, corpus, folder.resolve("out"), "--epochs", 1, "--json");
    assertThat(run.event("warning").path("message").asText()).contains("12 items", "200");
    assertThat(run.event("settings").path("batchSize").asInt()).isEqualTo(12);
  }

  @Test
  void namesOfTheReleasedCodeAreTaken() {
    CommandRun run =
        CommandRun.done(
            "train",
            "--json",
            "--model_dir",
            model,
            "--train_dir",
            corpus,
            "--output_dir",
            folder.resolve("out"),
            "--train_batch_size",
            4,
            "--infoNCE_tau",
            0.3,
            "--agg_mode",
            "mean_std",
            "--max_length",
            9,
            "--random_span_mask",
            3,
            "--random_seed",
            7,
            "--checkpoint_step",
            100,
            "--drophead_rate",
            0.25,
            "--dropout_rate",
            0.125,
            "--weight_decay",
            0.5,
            "--learning_rate",
            0.75,
            "--epoch",
            2,
            "--use_cuda",
            "--amp",
            "--parallel",
            "--max-steps",
            1);
    JsonNode settings = run.event("settings");
    assertThat(settings.path("temperature").asDouble()).isEqualTo(0.3);
    assertThat(settings.path("pooling").asText()).isEqualTo("mean");
    assertThat(settings.path("maxLength").asInt()).isEqualTo(9);
    assertThat(settings.path("randomSpanMask").asInt()).isEqualTo(3);
    assertThat(settings.path("seed").asInt()).isEqualTo(7);
    assertThat(settings.path("dropheadRate").asDouble()).isEqualTo(0.25);
    assertThat(settings.path("dropoutRate").asDouble()).isEqualTo(0.125);
    assertThat(settings.path("weightDecay").asDouble()).isEqualTo(0.5);
    assertThat(settings.path("learningRate").asDouble()).isEqualTo(0.75);
    assertThat(settings.path("epochs").asInt()).isEqualTo(2);
    assertThat(run.event("warning").path("message").asText()).contains("no effect");
  }

  @Test
  void withoutOptionsSettingsAreTheRecipes() {
    for (Recipe recipe : Recipe.values()) {
      assertThat(parse("--recipe", recipe.label()).settings()).isEqualTo(recipe.settings());
    }
    assertThat(parse().settings()).isEqualTo(Recipe.WORD.settings());
    MirrorOptions bundled = parse();
    bundled.forBundled();
    assertThat(bundled.settings()).isEqualTo(Recipe.SMALL_WORD.settings());
    MirrorOptions given = parse("--recipe", "word");
    given.forBundled();
    assertThat(given.settings()).isEqualTo(Recipe.WORD.settings());
  }

  @Test
  void releasedChangesOnlyWhatIsNotGiven() {
    MirrorOptions released = parse("--recipe", "sentence", "--fidelity", "released");
    assertThat(released.settings().pooling()).isEqualTo(Pooling.MEAN_PADDED);
    assertThat(released.settings().falseNegatives()).isEqualTo(FalseNegatives.KEEP);
    assertThat(released.settings().lowerCase()).isTrue();
    assertThat(released.settings().keepBlankLines()).isTrue();
    assertThat(parse("--recipe", "word", "--fidelity", "released").settings().pooling())
        .isEqualTo(Pooling.CLS);

    MirrorOptions given =
        parse(
            "--recipe",
            "sentence",
            "--fidelity",
            "released",
            "--pooling",
            "mean",
            "--false-negatives",
            "mask");
    assertThat(given.settings())
        .isEqualTo(
            Recipe.SENTENCE
                .settings()
                .with(Map.of("lowerCase", true, "keepBlankLines", true, "template", "")));
    assertThat(parse("--agg_mode", "mean").settings().pooling()).isEqualTo(Pooling.MEAN_PADDED);

    MirrorOptions clean = parse("--recipe", "sentence");
    assertThat(clean.settings().lowerCase()).isFalse();
    assertThat(clean.settings().keepBlankLines()).isFalse();
    assertThat(clean.settings().template()).isEqualTo("The meaning of this sentence : {}");
    assertThat(parse("--recipe", "sentence", "--template", "").settings().template()).isEmpty();
  }

  /** What is given is laid over the recipe and the released code at once. */
  @Test
  void releasedTakesTheMaskOfAGivenTemplateAlone() {
    MirrorSettings pooled =
        parse("--recipe", "small-word", "--fidelity", "released", "--pooling", "cls").settings();
    assertThat(pooled.pooling()).isEqualTo(Pooling.CLS);
    assertThat(pooled.template()).isEmpty();
    MirrorSettings own =
        parse("--recipe", "best", "--fidelity", "released", "--template", "{} is [MASK]")
            .settings();
    assertThat(own.pooling()).isEqualTo(Pooling.MASK);
    assertThat(own.output()).isEqualTo(Pooling.MASK_MEAN);
    assertThat(own.template()).isEqualTo("{} is [MASK]");
    assertThat(own.secondTemplate()).isEmpty();
    for (Recipe recipe : Recipe.values()) {
      MirrorOptions released = parse("--recipe", recipe.label(), "--fidelity", "released");
      if (recipe.settings().pooling().takesMask()) {
        assertThatThrownBy(released::settings)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith(
                "recipe %s takes the vector of its template's mask, and --fidelity released has no templates"
                    .formatted(recipe.label()));
      } else {
        assertThat(released.settings().template()).isEmpty();
      }
    }
    CommandRun bundled =
        CommandRun.of(
            "train",
            "--corpus",
            corpus,
            "--output",
            folder.resolve("out"),
            "--fidelity",
            "released");
    assertThat(bundled.exit()).isEqualTo(2);
    assertThat(bundled.err()).startsWith("mirror4j: recipe small-word takes the vector");
  }

  @Test
  void aFlagThatIsGivenIsASettingOfItsName() {
    MirrorSettings settings =
        parse(
                "--pairwise",
                "--no-shuffle",
                "--max-steps",
                "7",
                "--random-span-mask",
                "5",
                "--span-unit",
                "word")
            .settings();
    assertThat(settings.pairwise()).isTrue();
    assertThat(settings.shuffle()).isFalse();
    assertThat(settings.steps()).isEqualTo(7);
    assertThat(settings.spanUnit()).isEqualTo(TextSpanMask.Unit.WORD);
    GivenTest.requireEachIsASetting(
        MirrorFlags.class,
        MirrorSettings.class,
        "pooling",
        "lowerCase",
        "keepBlankLines",
        "maxCharacters");
  }

  private static MirrorOptions parse(String... arguments) {
    MirrorOptions options = new MirrorOptions();
    CommandLine commandLine = new CommandLine(options);
    Main.registerLabels(commandLine);
    commandLine.parseArgs(arguments);
    return options;
  }

  @Test
  void helpShowsTheValuesOfEveryRecipe() {
    String help = CommandRun.of("train", "--help").out();
    for (Recipe recipe : Recipe.values()) {
      MirrorSettings values = recipe.settings();
      assertThat(help)
          .containsPattern(
              "(?m)^  %s +%d +%d +%s +%s +%s "
                  .formatted(
                      recipe.label(),
                      values.epochs(),
                      values.maxLength(),
                      values.learningRate(),
                      values.temperature(),
                      values.pooling().label()))
          .contains(values.template(), values.secondTemplate())
          .contains(values.outputPooling().map(to -> "output-pooling " + to).orElse(""))
          .contains(values.interpolation().map(to -> "interpolation " + to).orElse(""))
          .contains(
              "all: batch-size %d, weight-decay %s, span-unit %s, max-grad-norm %s"
                  .formatted(
                      values.batchSize(),
                      values.weightDecay(),
                      JsonRecords.label(values.spanUnit()),
                      values.maxGradNorm()));
    }
    assertThat(help).contains("Default: 60");
  }

  @ParameterizedTest
  @CsvSource({
    "--epochs,0,--epochs is 0",
    "--epochs,x,option '--epochs'",
    "--dropout-rate,1,--dropout-rate is 1.0",
    "--pooling,max,'''max'', expected cls, mean, mean-padded, first-last-avg, last-2-avg, mask'",
    "--pooling,mask,'--template is '''', expected a template with [MASK] after {}, as pooling mask"
        + " takes its vector'",
    "--interpolation,0,'--interpolation is 0.0, expected more than 0, at most 1'",
    "--interpolation,1.5,'--interpolation is 1.5, expected more than 0, at most 1'",
    "--output-pooling,mask,'--template is '''', expected a template with [MASK] after {}, as"
        + " pooling mask takes its vector'",
    "--template,a b,'--template: template is ''a b'', expected {} once, where the text is to"
        + " stand'",
    "--temperature,Infinity,'--temperature is Infinity, expected more than 0 and finite'",
    "--max-grad-norm,Infinity,'--max-grad-norm is Infinity, expected at least 0 and finite'",
    "--learning-rate,Infinity,'--learning-rate is Infinity, expected at least 0 and finite'",
    "--weight-decay,Infinity,'--weight-decay is Infinity, expected at least 0 and finite'",
    "--span-unit,word,--span-unit has no effect with --random-span-mask 0",
    "--recipe,phrase,'''phrase'', expected word, sentence'",
    "--agg_mode,max,'''max'', expected cls, mean, mean_std'",
    "--checkpoint-steps,0,--checkpoint-steps is 0",
    "--threads,0,--threads is 0",
    "--store,i32,'''i32'', expected f32, f16, bf16'",
  })
  void badValuesAreWrongUsage(String option, String value, String message) {
    CommandRun run = CommandRun.of(train(option, value));
    assertThat(run.exit()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains(message).endsWith("Try 'mirror4j train --help'.\n");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void resumeAndOverwriteExcludeEachOther() {
    CommandRun run = CommandRun.of(train("--resume", "--overwrite"));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("--resume", "--overwrite", "mutually exclusive");
  }

  @ParameterizedTest
  @ValueSource(strings = {"f16", "tf32"})
  void aPrecisionThatTheDeviceHasNotIsRefused(String precision) {
    CommandRun run = CommandRun.of(train("--device", "cpu", "--precision", precision));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err().lines().filter(line -> line.startsWith("mirror4j: ")))
        .singleElement()
        .asString()
        .startsWith("mirror4j: --precision " + precision + ": the device cpu computes in f32");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void anUnknownPrecisionIsToldTheOthers() {
    CommandRun run = CommandRun.of(train("--precision", "tf23"));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("'tf23', expected f32, tf32, f16, bf16; did you mean tf32?");
  }

  @Test
  void anExistingOutputIsReplacedOnlyWhenAsked() {
    CommandRun.done(train("--max-steps", 1));
    CommandRun refused = CommandRun.of(train("--max-steps", 1));
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains("out: exists already and is not empty");
    CommandRun.done(train("--max-steps", 1, "--overwrite"));
  }

  @Test
  void nothingToResumeIsAFailure() {
    CommandRun run = CommandRun.of(train("--resume"));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("no unfinished run to resume");
  }

  @Test
  void anEmptyCorpusIsAFailure() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty.txt"));
    CommandRun run =
        CommandRun.of(
            "train", "--model", model, "--corpus", empty, "--output", folder.resolve("out"));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).endsWith("mirror4j: " + empty + " is empty\n");
    assertThat(folder.resolve("out")).doesNotExist();
    assertThat(folder.resolve("out.training")).doesNotExist();
  }
}
