package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.DeviceChoice;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;
import org.mirror4j.Mirror4jException;
import org.mirror4j.file.JsonFiles;

/**
 * Models with the files of sentence-transformers around them, through the command line. The vectors
 * are those that PyTorch made of the golden models; {@code
 * weights-converter/golden/check_sentence_transformers.py} holds the same kinds against the library
 * itself.
 */
class SentenceTransformersModelTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  /** As of vectors in HuggingFaceGoldenTest, of the largest element. */
  private static final double SINGLE = 1e-5;

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private Path model;

  /** A copy of a golden model without the files that are no model's. */
  private Path model(String family, String place) throws IOException {
    model = folder.resolve("model");
    Path target = Files.createDirectories(model.resolve(place));
    for (String file :
        List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")) {
      Files.copy(GOLDEN.resolve(family).resolve(file), target.resolve(file));
    }
    return model;
  }

  private void file(String name, String json) throws IOException {
    Path file = model.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, json.replace('\'', '"'));
  }

  /** Modules in the folders that are given, of the kinds Transformer, Pooling, Normalize. */
  private void modules(String pooling, String... paths) throws IOException {
    List<String> modules = new ArrayList<>();
    for (int i = 0; i < paths.length; i++) {
      modules.add(
          "{'idx':%d,'name':'%d','path':'%s','type':'sentence_transformers.models.%s'}"
              .formatted(i, i, paths[i], List.of("Transformer", "Pooling", "Normalize").get(i)));
    }
    file("modules.json", modules.toString());
    file(paths[1] + "/config.json", "{'pooling_mode_%s':true}".formatted(pooling));
  }

  private static List<String> texts(String family) {
    JsonNode golden = JsonFiles.read(GOLDEN.resolve(family).resolve("golden.json"));
    List<String> texts = new ArrayList<>();
    for (String side : List.of("left", "right")) {
      golden.path(side).forEach(text -> texts.add(text.asText()));
    }
    return texts;
  }

  private static double[][] golden(String family, String pooling) {
    JsonNode golden = JsonFiles.read(GOLDEN.resolve(family).resolve("golden.json"));
    return StreamSupport.stream(golden.path("vectors").path(pooling).spliterator(), false)
        .map(row -> JSON.convertValue(row, double[].class))
        .toArray(double[][]::new);
  }

  private static double[][] normalized(double[][] vectors) {
    return Arrays.stream(vectors)
        .map(
            vector -> {
              double length = Math.sqrt(Arrays.stream(vector).map(x -> x * x).sum());
              return Arrays.stream(vector).map(x -> x / length).toArray();
            })
        .toArray(double[][]::new);
  }

  private CommandRun embed(Path directory, List<String> texts, Object... more) throws IOException {
    Path input = Files.write(folder.resolve("input.txt"), texts);
    List<Object> arguments =
        new ArrayList<>(
            List.of("embed", "--model", directory, "--input", input, "--output", output()));
    arguments.addAll(Arrays.asList(more));
    return CommandRun.of(arguments.toArray());
  }

  private Path output() {
    return folder.resolve("vectors.tsv");
  }

  private void expectVectors(double[][] expected, CommandRun run) throws IOException {
    assertThat(run.exit()).as(run.err()).isZero();
    List<String> rows = Files.readAllLines(output());
    assertThat(rows).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      String[] fields = rows.get(i).split("\t", -1);
      assertThat(fields).as("row " + i).hasSize(expected[i].length + 1);
      double largest = Arrays.stream(expected[i]).map(Math::abs).max().orElseThrow();
      for (int j = 0; j < expected[i].length; j++) {
        assertThat(Double.parseDouble(fields[j + 1]))
            .as("element %d of row %d", j, i)
            .isCloseTo(expected[i][j], within(SINGLE * largest));
      }
    }
  }

  private Path convert() {
    Path converted = folder.resolve("converted");
    CommandRun.done("convert", model, converted, "--overwrite");
    return converted;
  }

  @ParameterizedTest
  @CsvSource({
    "bert, mean_tokens, '', 1_Pooling, mean",
    "bert, cls_token, '', 2_Pooling, cls",
    "bert, cls_token, 0_Transformer, 1_Pooling, cls",
    "roberta, mean_tokens, encoder/inner, pooling/inner, mean"
  })
  void modulesAreWhereTheirPathsSay(
      String family, String flag, String transformer, String pooling, String expected)
      throws IOException {
    model(family, transformer);
    modules(flag, transformer, pooling);
    if (!transformer.isEmpty()) {
      file("config.json", "{'__version__':'0.3.8'}");
    }
    expectVectors(golden(family, expected), embed(model, texts(family)));
    expectVectors(golden(family, expected), embed(convert(), texts(family)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta"})
  void normalizeIsAppliedAndKept(String family) throws IOException {
    model(family, "");
    modules("cls_token", "", "1_Pooling", "2_Normalize");
    double[][] expected = normalized(golden(family, "cls"));
    expectVectors(expected, embed(model, texts(family)));
    Path converted = convert();
    assertThat(JsonFiles.read(converted.resolve("modules.json")).get(2).path("type").asText())
        .isEqualTo("sentence_transformers.models.Normalize");
    expectVectors(expected, embed(converted, texts(family)));
  }

  /** What sentence-transformers wrote, and the vectors that it made; as written here too. */
  @Test
  void denseModulesAreAppliedAndKept() throws IOException {
    model("bert", "");
    Path dense = GOLDEN.resolve("dense");
    try (Stream<Path> files = Files.walk(dense)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (!file.endsWith("dense.json")) {
          Path to = model.resolve(dense.relativize(file).toString());
          Files.createDirectories(to.getParent());
          Files.copy(file, to);
        }
      }
    }
    double[][] expected =
        JSON.convertValue(
            JsonFiles.read(dense.resolve("dense.json")).path("vectors"), double[][].class);
    CommandRun run = embed(model, texts("bert"), "--json");
    assertThat(run.event("finished").path("dimensions").asInt()).isEqualTo(7);
    assertThat(run.event("settings").path("calibration").asText()).isEqualTo("none");
    expectVectors(expected, run);
    Path converted = convert();
    expectVectors(expected, embed(converted, texts("bert")));
    // It belongs to the model, which tuning would change without it.
    Path corpus = Files.write(folder.resolve("corpus.txt"), texts("bert"));
    CommandRun train =
        CommandRun.of(
            "train", "--model", model, "--corpus", corpus, "--output", folder.resolve("tuned"));
    expectRefusal(
        train,
        "mirror4j: %s: has a Dense module, which is not tuned with the model and would no longer fit it, expected none"
            .formatted(model));
  }

  /** The library cuts after the division: what is left is shorter than 1. */
  @Test
  void vectorsAreCutAfterTheyAreNormalized() throws IOException {
    model("bert", "");
    modules("mean_tokens", "", "1_Pooling", "2_Normalize");
    file("config_sentence_transformers.json", "{'truncate_dim':5}");
    double[][] expected =
        Arrays.stream(normalized(golden("bert", "mean")))
            .map(vector -> Arrays.copyOf(vector, 5))
            .toArray(double[][]::new);
    CommandRun run = embed(model, texts("bert"), "--json");
    assertThat(run.event("settings").path("dimensions").asInt()).isEqualTo(5);
    assertThat(run.event("finished").path("dimensions").asInt()).isEqualTo(5);
    expectVectors(expected, run);
    expectVectors(expected, embed(convert(), texts("bert")));
  }

  /** A calibration is fitted to all values, and what it gives is kept. */
  @Test
  void aCalibrationOfVectorsThatAreCutKeepsAll() throws IOException {
    model("bert", "");
    modules("mean_tokens", "", "1_Pooling");
    file("config_sentence_transformers.json", "{'truncate_dim':5}");
    Path corpus = Files.write(folder.resolve("corpus.txt"), texts("bert"));
    Path output = folder.resolve("whitened");
    CommandRun run =
        CommandRun.of("whiten", "--model", model, "--corpus", corpus, "--output", output);
    assertThat(run.exit()).as(run.err()).isZero();
    int width = golden("bert", "mean")[0].length;
    assertThat(run.err())
        .contains("keeps the first 5 of the %d values of a vector (truncate_dim)".formatted(width));
    CommandRun embedded = embed(output, List.of("cold"), "--json");
    assertThat(embedded.event("settings").path("dimensions").asInt()).isEqualTo(width);
  }

  /** RoBERTa's tokenizer knows small letters from capital ones, so the model's files decide. */
  @ParameterizedTest
  @ValueSource(strings = {"sentence_bert_config.json", "sentence_roberta_config.json"})
  void textIsLowerCasedBeforeTheTokenizer(String file) throws IOException {
    model("roberta", "");
    modules("mean_tokens", "", "1_Pooling");
    file(file, "{'max_seq_length':32,'do_lower_case':true}");
    List<String> texts = List.of("The CAT sat", "cold", "wHaT is it about");
    double[][] all = golden("roberta", "mean");
    double[][] expected = {all[0], all[3], all[5]};
    expectVectors(expected, embed(model, texts));
    Path converted = convert();
    assertThat(JsonFiles.read(converted.resolve("sentence_bert_config.json")).toString())
        .isEqualTo("{\"max_seq_length\":32,\"do_lower_case\":true}");
    expectVectors(expected, embed(converted, texts));
    // Without the setting the same texts are others.
    file(file, "{'max_seq_length':32}");
    assertThat(embed(model, texts).exit()).isZero();
    assertThat(Double.parseDouble(Files.readAllLines(output()).getFirst().split("\t")[1]))
        .isNotCloseTo(expected[0][0], within(1e-3));
  }

  @Test
  void promptsComeBeforeTheText() throws IOException {
    model("bert", "");
    modules("mean_tokens", "", "1_Pooling");
    file(
        "config_sentence_transformers.json",
        "{'__version__':{'pytorch':'2'},'prompts':{'query':'two green ','other':'the"
            + " ','none':null},'default_prompt_name':'query','similarity_fn_name':'dot'}");
    double[][] all = golden("bert", "mean");
    double[][] catSat = {all[0]};
    double[][] birds = {all[2]};
    CommandRun byDefault = embed(model, List.of("birds fly home"));
    expectVectors(birds, byDefault);
    assertThat(byDefault.err()).contains("prompt=\"two green \" promptName=query");
    assertThat(Files.readAllLines(output()).getFirst()).startsWith("birds fly home\t");
    CommandRun named = embed(model, List.of("cat sat"), "--prompt-name", "other", "--json");
    expectVectors(catSat, named);
    assertThat(named.event("settings").path("prompt").asText()).isEqualTo("the ");
    assertThat(named.event("settings").path("promptName").asText()).isEqualTo("other");
    expectVectors(catSat, embed(model, List.of("cat sat"), "--prompt", "the "));
    expectVectors(catSat, embed(model, List.of("the cat sat"), "--prompt", ""));
    expectVectors(catSat, embed(model, List.of("the cat sat"), "--prompt-name", "none"));

    Path converted = convert();
    assertThat(JsonFiles.read(converted.resolve("config_sentence_transformers.json")).toString())
        .isEqualTo(
            "{\"__version__\":{\"pytorch\":\"2\"},"
                + "\"prompts\":{\"none\":\"\",\"other\":\"the \",\"query\":\"two green \"},"
                + "\"default_prompt_name\":\"query\",\"similarity_fn_name\":\"dot\"}");
    expectVectors(birds, embed(converted, List.of("birds fly home")));
  }

  @Test
  void promptsThatCannotBeTakenAreRefused() throws IOException {
    model("bert", "");
    modules("mean_tokens", "", "1_Pooling");
    file("config_sentence_transformers.json", "{'prompts':{'a':'x','b':'y'}}");
    expectRefusal(
        embed(model, List.of("cold"), "--prompt-name", "c"),
        "mirror4j: " + model + ": prompt name is 'c', expected one of a, b");
    assertThat(embed(model, List.of("cold"), "--prompt-name", "a", "--prompt", "x").exit())
        .isEqualTo(2);
    // 32 positions: two special tokens, and one for text at least.
    assertThat(embed(model, List.of("cold"), "--prompt", "cat ".repeat(29)).exit()).isZero();
    expectRefusal(
        embed(model, List.of("cold"), "--prompt", "cat ".repeat(30)),
        "mirror4j: the prompt has 30 tokens, expected at most 29, as a maximum length of 32 must"
            + " leave room for text");
    file("config_sentence_transformers.json", "{}");
    expectRefusal(
        embed(model, List.of("cold"), "--prompt-name", "c"),
        "mirror4j: %s: prompt name is 'c', expected none, as there are no prompts"
            .formatted(model));
  }

  private static void expectRefusal(CommandRun run, String message) {
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err().lines().filter(line -> line.startsWith("mirror4j: ")))
        .containsExactly(message);
  }

  /** Pooling without the prompt's tokens is not there; without a prompt there is nothing to it. */
  @Test
  void aPromptOutsideThePoolingIsRefused() throws IOException {
    model("bert", "");
    modules("mean_tokens", "", "1_Pooling");
    file("1_Pooling/config.json", "{'pooling_mode':['mean'],'include_prompt':false}");
    expectVectors(golden("bert", "mean"), embed(model, texts("bert")));
    assertThat(
            JsonFiles.read(convert().resolve("1_Pooling/config.json"))
                .path("include_prompt")
                .isBoolean())
        .isTrue();
    CommandRun refused = embed(model, List.of("cold"), "--prompt", "the ");
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains("include_prompt is false");
    file(
        "config_sentence_transformers.json",
        "{'prompts':{'query':'the '},'default_prompt_name':'query'}");
    EncoderSettings asItSays = EncoderSettings.DEFAULT.withDevice(DeviceChoice.CPU).withThreads(1);
    assertThatThrownBy(() -> Encoder.load(model, asItSays))
        .as("of the files, not of the settings")
        .isInstanceOf(Mirror4jException.class)
        .hasMessageEndingWith("expected no prompt: withPrompt(\"\")");
    assertThatThrownBy(() -> Encoder.load(model, asItSays.withPromptName("query")))
        .isExactlyInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void lengthsThatNoPositionsAreForAreShortened() throws IOException {
    model("roberta", "");
    modules("mean_tokens", "", "1_Pooling");
    file("sentence_xlm-roberta_config.json", "{'max_seq_length':34}");
    CommandRun run = embed(model, texts("roberta"));
    expectVectors(golden("roberta", "mean"), run);
    assertThat(run.err())
        .contains("made with a maximum length of 34, shortened to 32, as it has positions")
        .contains("maxLength=32");
    CommandRun asked = embed(model, texts("roberta"), "--max-length", "33");
    assertThat(asked.exit()).isEqualTo(1);
    assertThat(asked.err()).contains("maximum length is 33, expected 3 to 32");
  }

  /** Where sentence-transformers 6 writes it, and where transformers did once. */
  @ParameterizedTest
  @CsvSource({"model_max_length, 8, 8", "max_len, 9, 9", "model_max_length, 1e30, 32", "x, 1, 32"})
  void theTokenizersLengthCountsWhereNoOtherIsSaid(String key, String value, int expected)
      throws IOException {
    model("bert", "");
    file("tokenizer_config.json", "{'%s':%s}".formatted(key, value));
    CommandRun run = embed(model, List.of("cold"), "--json");
    assertThat(run.event("settings").path("maxLength").asInt()).isEqualTo(expected);
    CommandRun converted = embed(convert(), List.of("cold"), "--json");
    assertThat(converted.event("settings").path("maxLength").asInt()).isEqualTo(expected);
    modules("mean_tokens", "", "1_Pooling");
    file("sentence_bert_config.json", "{'max_seq_length':7}");
    CommandRun said = embed(model, List.of("cold"), "--json");
    assertThat(said.event("settings").path("maxLength").asInt()).isEqualTo(7);
  }

  @Test
  void tuningKeepsWhatSurroundsTheEncoder() throws IOException {
    model("roberta", "");
    modules("mean_tokens", "", "1_Pooling", "2_Normalize");
    file("sentence_bert_config.json", "{'max_seq_length':32,'do_lower_case':true}");
    String settings =
        "{\"model_type\":\"SentenceTransformer\",\"prompts\":{\"query\":\"the \"},"
            + "\"default_prompt_name\":\"query\",\"truncate_dim\":20,"
            + "\"similarity_fn_name\":\"cosine\"}";
    file("config_sentence_transformers.json", settings);
    Path corpus = Files.write(folder.resolve("corpus.txt"), texts("roberta"));
    Path tuned = folder.resolve("tuned");
    // A step of 1e-30 leaves every weight as it is.
    CommandRun run =
        CommandRun.train(
            model,
            corpus,
            tuned,
            "--pooling",
            "mean",
            "--max-length",
            32,
            "--learning-rate",
            1e-30,
            "--batch-size",
            4,
            "--epochs",
            1);
    assertThat(run.err())
        .contains("tuned without the model's default prompt 'query', which is kept");
    assertThat(JsonFiles.read(tuned.resolve("config_sentence_transformers.json")).toString())
        .isEqualTo(settings);
    assertThat(JsonFiles.read(tuned.resolve("modules.json"))).hasSize(3);
    double[][] expected = {
      Arrays.copyOf(normalized(golden("roberta", "mean"))[0], 20),
    };
    expectVectors(expected, embed(tuned, List.of("CAT SAT".toUpperCase(Locale.ROOT))));
  }

  @Test
  void evaluationTakesThePromptToo() throws IOException {
    model("bert", "");
    modules("mean_tokens", "", "1_Pooling");
    file(
        "config_sentence_transformers.json",
        "{'prompts':{'query':'two green '},'default_prompt_name':'query',"
            + "'similarity_fn_name':'euclidean'}");
    Path pairs =
        Files.write(
            folder.resolve("pairs.tsv"),
            List.of("birds\tthe stream\t1", "cold\tbread\t2", "home\tsalt river\t3.5"));
    Path report = folder.resolve("report.json");
    CommandRun run =
        CommandRun.done(
            "eval", "--model", model, "--task", "pairs:" + pairs, "--output", report, "--json");
    assertThat(run.event("settings").path("prompt").asText()).isEqualTo("two green ");
    assertThat(JsonFiles.read(report).path("settings").get(0).path("promptName").asText())
        .isEqualTo("query");
    assertThat(run.event("warning").path("message").asText())
        .contains("made for similarity by euclidean, measured by cosine");
  }
}
