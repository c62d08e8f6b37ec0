package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code init}, {@code convert}, {@code frequent-words} and {@code devices}. */
class ModelCommandsTest {
  @TempDir Path folder;

  @Test
  void initIsAFunctionOfItsSeed() throws IOException {
    Path one = CommandRun.model(folder.resolve("one"));
    Path same = CommandRun.model(folder.resolve("same"));
    Path other = folder.resolve("other");
    CommandRun run =
        CommandRun.done(
            "init",
            "--config",
            "tiny",
            "--vocab-size",
            300,
            "--seed",
            1,
            "--output",
            other,
            "--json");
    assertThat(run.err()).isEmpty();
    assertThat(run.event("settings").path("vocabSize").asInt()).isEqualTo(300);
    String weights = "model.safetensors";
    assertThat(Files.mismatch(one.resolve(weights), same.resolve(weights))).isEqualTo(-1);
    assertThat(Files.mismatch(one.resolve(weights), other.resolve(weights))).isPositive();
  }

  @Test
  void initTakesAVocabulary() throws IOException {
    Path vocab = folder.resolve("vocab.txt");
    Files.write(vocab, List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat", "##s"));
    Path model = folder.resolve("model");
    CommandRun.done("init", "--config", "tiny", "--vocab", vocab, "--output", model);
    assertThat(Files.readAllLines(model.resolve("vocab.txt"))).isEqualTo(Files.readAllLines(vocab));
    CommandRun run = CommandRun.of("init", "--config", "tiny", "--output", model);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("exists already");
    run = CommandRun.of("init", "--config", "giant", "--output", folder.resolve("giant"));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("'giant', expected tiny, mini");
    run = CommandRun.of("init", "--config", "tiny", "--vocab-size", 5, "--output", folder);
    assertThat(run.exit()).isNotZero();
  }

  @Test
  void generatedVocabulariesHaveTheirSizeAndNoPieceTwice() {
    for (int size : new int[] {109, 300, 30_522}) {
      List<String> pieces = GeneratedVocabulary.of(size);
      assertThat(pieces).hasSize(size);
      assertThat(new HashSet<>(pieces)).hasSize(size);
    }
    assertThatThrownBy(() -> GeneratedVocabulary.of(108)).hasMessageContaining("at least 109");
  }

  @Test
  void convertKeepsTheWeights() throws IOException {
    Path model = CommandRun.model(folder.resolve("model"));
    Path converted = folder.resolve("converted");
    CommandRun run = CommandRun.done("convert", model, converted, "--json");
    assertThat(run.event("finished").path("config").path("hidden_size").asInt()).isEqualTo(128);
    assertThat(
            Files.mismatch(
                model.resolve("model.safetensors"), converted.resolve("model.safetensors")))
        .isEqualTo(-1);
    CommandRun again = CommandRun.of("convert", model, converted);
    assertThat(again.exit()).isEqualTo(1);
    assertThat(again.err()).contains("exists already");
    CommandRun.done("convert", model, converted, "--overwrite");
    assertThat(CommandRun.of("convert", model).exit()).isEqualTo(2);
    CommandRun absent = CommandRun.of("convert", folder.resolve("no"), folder.resolve("out"));
    assertThat(absent.exit()).isEqualTo(1);
    assertThat(absent.err()).contains("no: no such file or directory");
  }

  /** What a checkpoint of TensorFlow is called is no file of its own. */
  @Test
  void convertTakesThePrefixOfACheckpoint() {
    Path out = folder.resolve("out");
    Path prefix = Path.of("src/test/resources/golden/tensorflow/bert_model.ckpt");
    CommandRun run = CommandRun.done("convert", prefix, out, "--json");
    assertThat(run.event("finished").path("nextSentence").asBoolean()).isTrue();
    assertThat(run.event("finished").path("config").path("architectures").path(0).asText())
        .isEqualTo("BertForPreTraining");
  }

  @Test
  void frequentWordsComeMostFrequentFirst() throws IOException {
    Path text = folder.resolve("text.txt");
    Files.write(text, List.of("The cat, the dog.", "the cat 42 x"));
    Path output = folder.resolve("words.txt");
    CommandRun run =
        CommandRun.done(
            "frequent-words", "--corpus", text, "--count", 2, "--output", output, "--json");
    assertThat(run.event("finished").path("words").asInt()).isEqualTo(2);
    assertThat(Files.readString(output)).isEqualTo("the\ncat\n");
    run = CommandRun.done("frequent-words", "--corpus", text, "--output", output);
    assertThat(run.err()).contains("warning: the text has only 3 words of letters");
    run = CommandRun.of("frequent-words", "--corpus", text, "--count", 0, "--output", output);
    assertThat(run.exit()).isEqualTo(2);
    Path numbers = Files.writeString(folder.resolve("numbers.txt"), "1 2 3\n");
    Path none = folder.resolve("none.txt");
    run = CommandRun.of("frequent-words", "--corpus", numbers, "--output", none);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).endsWith(numbers + ": no word of two letters or more, expected prose\n");
    assertThat(none).doesNotExist();
    Path wide =
        Files.write(folder.resolve("wide.txt"), "a dog\n".getBytes(StandardCharsets.UTF_16LE));
    run = CommandRun.done("frequent-words", "--corpus", wide, "--output", none);
    assertThat(run.err()).contains(wide + " is UTF-16LE, not UTF-8: decoded");
    assertThat(Files.readString(none)).isEqualTo("dog\n");
  }

  @Test
  void aVocabularyFileHasItsOwnSize() {
    CommandRun run =
        CommandRun.of(
            "init",
            "--config",
            "tiny",
            "--vocab",
            "vocab.txt",
            "--vocab-size",
            300,
            "--output",
            folder.resolve("model"));
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).startsWith("mirror4j: --vocab-size is for the generated vocabulary");
  }

  @Test
  void devicesSayWhatIsThereAndWhatIsNot() {
    CommandRun run = CommandRun.done("devices");
    assertThat(run.out())
        .containsPattern("(?m)^cpu +.*, \\d+ threads?$")
        .containsPattern("(?m)^matrix library +(oneDNN|OpenBLAS) \\d+\\.")
        .containsPattern("(?m)^huge pages +(on|off|unknown): ")
        .containsPattern("(?m)^cuda +not usable: ")
        .containsPattern("(?m)^Java options .*--add-modules=jdk.incubator.vector")
        .contains("Java heap");
    JsonNode json = CommandRun.done("devices", "--json").event("devices");
    assertThat(json.path("Java").asText()).startsWith(Runtime.version().toString());
  }

  @Test
  void hugePagesAreOnUnlessTheKernelSaysNever() throws IOException {
    Path file = folder.resolve("enabled");
    Files.writeString(file, "always [madvise] never\n");
    assertThat(DevicesCommand.hugePages(file)).isEqualTo("on: madvise, used for large tensors");
    Files.writeString(file, "always madvise [never]\n");
    assertThat(DevicesCommand.hugePages(file)).isEqualTo("off: never in " + file);
    Files.delete(file);
    assertThat(DevicesCommand.hugePages(file)).isEqualTo("unknown: cannot read " + file);
  }

  /** A library that is asked for and not there: the rest is shown all the same. */
  @Test
  void devicesSayWhyTheCpuIsNotUsable() {
    System.setProperty("mirror4j.blas", "none");
    try {
      assertThat(CommandRun.done("devices").out())
          .containsPattern("(?m)^cpu +not usable: mirror4j.blas is 'none', expected onednn")
          .contains("Java heap");
    } finally {
      System.clearProperty("mirror4j.blas");
    }
  }

  /** One door: each command that reads a model says the same of one that is wrong. */
  @ParameterizedTest
  @ValueSource(strings = {"embed", "eval", "train", "convert"})
  void everyCommandRefusesTheSame(String command) throws IOException {
    Path model = CommandRun.model(folder.resolve("model"));
    Path weights = model.resolve("model.safetensors");
    Path config = model.resolve("config.json");
    String right = Files.readString(config);
    Path text = Files.write(folder.resolve("text.txt"), List.of("one", "two", "three"));
    Object[] arguments =
        switch (command) {
          case "embed" ->
              new Object[] {
                "embed", "--model", model, "--input", text, "--output", folder.resolve("out.npy")
              };
          case "eval" -> new Object[] {"eval", "--model", model, "--task", "pairs:" + pairs()};
          case "train" ->
              new Object[] {
                "train", "--model", model, "--corpus", text, "--output", folder.resolve("out")
              };
          default -> new Object[] {"convert", model, folder.resolve("out")};
        };
    Files.writeString(config, right.replace("\"bert\"", "\"roberta\""));
    assertOneLine(
        CommandRun.of(arguments),
        config + ": model_type 'roberta' says roberta, architectures 'BertModel' says bert,");
    Files.writeString(config, right.replace("{", "{\"is_decoder\": true,"));
    assertOneLine(CommandRun.of(arguments), config + ": is_decoder is true, expected an encoder");
    Files.writeString(
        config, right.replace("\"num_hidden_layers\" : 2", "\"num_hidden_layers\": 9"));
    assertOneLine(
        CommandRun.of(arguments), weights + ": 2 layers of weights, but num_hidden_layers");
    Files.writeString(config, right);

    byte[] bytes = Files.readAllBytes(weights);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putFloat((int) (8 + buffer.getLong(0) + 4 * 7), Float.NaN);
    Files.write(weights, bytes);
    assertOneLine(
        CommandRun.of(arguments),
        weights + ": tensor 'embeddings.word_embeddings.weight': element 7 is NaN, expected");
    assertThat(folder.resolve("out")).doesNotExist();
    assertThat(folder.resolve("out.npy")).doesNotExist();
  }

  private Path pairs() throws IOException {
    return Files.write(folder.resolve("pairs.tsv"), List.of("a\tb\t1", "b\tc\t2", "c\td\t3"));
  }

  private static void assertOneLine(CommandRun run, String part) {
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err().lines().toList().getLast()).contains(part);
    assertThat(run.err()).doesNotContain("\tat ", "Exception");
  }
}
