package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.tensor.DType;

class EmbedCommandTest {
  private static final int HIDDEN_SIZE = 128;

  /** Of a layer 11 results and 4 weights, of two layers and the embedding. */
  private static final int STORED_RESULTS = 2 * (11 + 4) + 2;

  /** Lengths out of order, one blank line, one text twice. */
  private static final List<String> LINES =
      List.of("b", "a much longer line of text", "", "short one", "b");

  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path model;

  @BeforeAll
  static void makeModel() {
    model = CommandRun.model(shared.resolve("model"));
  }

  private float[][] embed(List<String> lines, Object... more) throws IOException {
    Path input = folder.resolve("input.txt");
    Files.write(input, lines);
    Path output = folder.resolve("vectors.tsv");
    Object[] arguments = {"embed", "--model", model, "--input", input, "--output", output};
    Object[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    CommandRun.done(all);
    return rows(output, lines);
  }

  private static float[][] rows(Path tsv, List<String> lines) throws IOException {
    List<String> rows = Files.readAllLines(tsv);
    float[][] vectors = new float[rows.size()][];
    for (int i = 0; i < vectors.length; i++) {
      String[] fields = rows.get(i).split("\t", -1);
      assertThat(fields[0]).isEqualTo(lines.get(i));
      vectors[i] = new float[fields.length - 1];
      for (int j = 1; j < fields.length; j++) {
        vectors[i][j - 1] = Float.parseFloat(fields[j]);
      }
    }
    return vectors;
  }

  @Test
  void everyLineHasItsVectorInOrder() throws IOException {
    float[][] vectors = embed(LINES);
    assertThat(vectors).hasDimensions(LINES.size(), HIDDEN_SIZE);
    assertThat(vectors[4]).isEqualTo(vectors[0]);
    for (int i = 0; i < 4; i++) {
      float[] alone = embed(List.of(LINES.get(i)))[0];
      // The same sums over other batches: products may round differently, in f32.
      for (int j = 0; j < HIDDEN_SIZE; j++) {
        assertThat(vectors[i][j]).isCloseTo(alone[j], within(1e-5f));
      }
    }
  }

  /** Each of n stored results is off by u; independent errors add up to sqrt(n) u. */
  @Test
  void bfloat16VectorsAreThoseOfF32UpToStorage() throws IOException {
    try (HostDevice device = new HostDevice(1)) {
      assumeThat(device.storageTypes()).as("types of the processor").contains(DType.BF16);
    }
    float[][] exact = embed(LINES, "--device", "cpu");
    float[][] stored = embed(LINES, "--device", "cpu", "--precision", "bf16");
    double bound = Math.sqrt(STORED_RESULTS) * 0x1p-8;
    for (int i = 0; i < exact.length; i++) {
      assertThat(relativeError(stored[i], exact[i]))
          .as(LINES.get(i))
          .isPositive()
          .isLessThan(bound);
    }
  }

  private static double relativeError(float[] vector, float[] exact) {
    double error = 0;
    double square = 0;
    for (int j = 0; j < HIDDEN_SIZE; j++) {
      error += Math.pow(vector[j] - exact[j], 2);
      square += Math.pow(exact[j], 2);
    }
    return Math.sqrt(error / square);
  }

  /**
   * Of four products a layer both factors are off by 2^-11 at most; independent errors add up to
   * the root of their number, and what they go through is of size 1.
   */
  @Test
  void tf32VectorsAreThoseOfF32UpToTheFactors() throws IOException {
    float[][] exact = embed(LINES, "--device", "ptx");
    float[][] rounded = embed(LINES, "--device", "ptx", "--precision", "tf32");
    double bound = Math.sqrt(2 * 4 * 2) * 0x1p-11;
    for (int i = 0; i < exact.length; i++) {
      assertThat(relativeError(rounded[i], exact[i])).as(LINES.get(i)).isBetween(1e-5, bound);
    }
  }

  /**
   * A row of numbers from a normal distribution spans some six of its deviations: rounded to 255
   * steps it is off by 6 / 255 / sqrt(12) = 0.007 of its size, and a weight, three deviations in
   * 127 steps, likewise, so that a product is off by 0.01 of its size, 2^-6.6. Independent errors
   * of four products a layer add up; others that the errors go through are of size 1.
   */
  @Test
  void int8VectorsAreThoseOfF32UpToRounding() throws IOException {
    try (HostDevice device = new HostDevice(1)) {
      assumeThat(device.packed(DType.INT8)).as("int8 of the processor").isPresent();
    }
    float[][] exact = embed(LINES, "--device", "cpu");
    float[][] rounded = embed(LINES, "--device", "cpu", "--precision", "int8");
    double bound = Math.sqrt(4 * 2) * 0x1p-6;
    for (int i = 0; i < exact.length; i++) {
      assertThat(relativeError(rounded[i], exact[i])).as(LINES.get(i)).isBetween(1e-4, bound);
    }
  }

  @Test
  void whatLearnsIsNotInt8() {
    CommandRun run =
        CommandRun.of(
            "train",
            "--model",
            model,
            "--corpus",
            model,
            "--output",
            folder.resolve("t"),
            "--precision",
            "int8");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("'int8', expected f32, tf32, f16, bf16");
  }

  @ParameterizedTest
  @ValueSource(strings = {"f16", "tf32"})
  void aPrecisionThatTheDeviceHasNotIsRefused(String precision) throws IOException {
    Path input = folder.resolve("input.txt");
    Files.write(input, LINES);
    Path npy = folder.resolve("vectors.npy");
    CommandRun run =
        CommandRun.of(
            "embed",
            "--model",
            model,
            "--input",
            input,
            "--output",
            npy,
            "--device",
            "cpu",
            "--precision",
            precision);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err())
        .contains("mirror4j: --precision " + precision + ": the device cpu computes in f32");
    assertThat(npy).doesNotExist();
  }

  @Test
  void manyBatchesAreOneResult() throws IOException {
    float[][] together = embed(LINES);
    float[][] apart = embed(LINES, "--batch-size", 1);
    for (int i = 0; i < together.length; i++) {
      for (int j = 0; j < HIDDEN_SIZE; j++) {
        assertThat(together[i][j]).isCloseTo(apart[i][j], within(1e-5f));
      }
    }
  }

  @Test
  void numpyFilesHoldAsManyRowsAsLines() throws IOException {
    Path input = folder.resolve("input.txt");
    Files.write(input, LINES);
    Path output = folder.resolve("vectors.npy");
    CommandRun run = CommandRun.embed(model, input, output, "--json");
    assertThat(run.event("finished").path("texts").asInt()).isEqualTo(5);
    assertThat(run.event("finished").path("dimensions").asInt()).isEqualTo(HIDDEN_SIZE);
    assertThat(run.event("finished").path("blankLines").asInt()).isEqualTo(1);
    assertThat(run.event("finished").path("cutTexts").asInt()).isZero();
    assertThat(run.event("warning").path("message").asText()).contains("1 blank lines");
    assertThat(Files.size(output)).isEqualTo(128 + 5L * HIDDEN_SIZE * Float.BYTES);
  }

  @Test
  void readsStandardInput() throws IOException {
    InputStream before = System.in;
    Path output = folder.resolve("vectors.tsv");
    try {
      System.setIn(new ByteArrayInputStream("one\ntwo\n".getBytes(StandardCharsets.UTF_8)));
      CommandRun.embed(model, "-", output);
      assertThat(rows(output, List.of("one", "two"))).hasDimensions(2, HIDDEN_SIZE);
      System.setIn(InputStream.nullInputStream());
      CommandRun run = CommandRun.of("embed", "--model", model, "--input", "-", "--output", output);
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err()).isEqualTo("mirror4j: standard input is empty, expected text\n");
    } finally {
      System.setIn(before);
    }
  }

  /** A pipe gets the lines of the file, or objects, and nothing else. */
  @Test
  void vectorsGoToStandardOutput() throws IOException {
    float[][] expected = embed(LINES);
    Path input = folder.resolve("input.txt");
    CommandRun lines = CommandRun.embed(model, input, "-");
    assertThat(lines.out()).isEqualTo(Files.readString(folder.resolve("vectors.tsv")));
    assertThat(lines.err())
        .contains(
            "warning: 1 blank lines", "5 vectors of 128 dimensions written to standard output");
    CommandRun objects = CommandRun.embed(model, input, "-", "--json");
    assertThat(objects.objects()).hasSize(LINES.size());
    for (int i = 0; i < LINES.size(); i++) {
      JsonNode object = objects.objects().get(i);
      assertThat(object.path("text").asText()).isEqualTo(LINES.get(i));
      assertThat(object.path("vector")).hasSize(HIDDEN_SIZE);
      assertThat((float) object.path("vector").path(7).asDouble()).isEqualTo(expected[i][7]);
    }
    assertThat(objects.err()).contains("warning: 1 blank lines");
  }

  @Test
  void whatIsCutIsCounted() throws IOException {
    Path input = folder.resolve("input.txt");
    Files.write(input, List.of("b".repeat(100_001), "short", "b b b b b b b b"));
    CommandRun run = CommandRun.embed(model, input, "-", "--max-length", 6);
    assertThat(run.err())
        .contains(
            "warning: 1 lines are cut at 100,000 characters",
            " of 3 texts are longer than the maximum length and are cut; see --max-length");
  }

  @Test
  void anotherPoolingThanTheModelsIsSaid() throws IOException {
    Path corpus = folder.resolve("corpus.txt");
    Files.write(corpus, List.of("one", "two"));
    Path tuned = folder.resolve("tuned");
    CommandRun.train(model, corpus, tuned, "--max-steps", 1);
    Object[] arguments = {
      "embed", "--model", tuned, "--input", corpus, "--output", folder.resolve("v.npy"), "--json"
    };
    CommandRun same = CommandRun.done(arguments);
    assertThat(same.events("warning")).isEmpty();
    assertThat(same.event("settings").path("pooling").asText()).isEqualTo("cls");
    assertThat(same.event("settings").path("maxLength").asInt()).isEqualTo(25);
    Object[] others = Arrays.copyOf(arguments, arguments.length + 4);
    others[arguments.length] = "--pooling";
    others[arguments.length + 1] = "mean";
    others[arguments.length + 2] = "--max-length";
    others[arguments.length + 3] = 7;
    CommandRun other = CommandRun.done(others);
    assertThat(other.events("warning")).hasSize(2);
    assertThat(other.events("warning").getFirst().path("message").asText())
        .contains("made with pooling cls, used with mean");
    assertThat(other.event("settings").path("maxLength").asInt()).isEqualTo(7);
  }

  @Test
  void wrongNamesAndLengthsAreRefused() throws IOException {
    Path input = folder.resolve("input.txt");
    Files.write(input, LINES);
    Path csv = folder.resolve("vectors.csv");
    CommandRun run = CommandRun.of("embed", "--model", model, "--input", input, "--output", csv);
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("vectors.csv, expected a name in .npy or .tsv, or -");
    Path npy = folder.resolve("vectors.npy");
    run =
        CommandRun.of(
            "embed", "--model", model, "--input", input, "--output", npy, "--max-length", 513);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("maximum length is 513, expected 3 to 512");
    assertThat(npy).doesNotExist();
    for (List<String> option :
        List.of(
            List.of("--max-length", "2", "--max-length is 2, expected at least 3"),
            List.of("--batch-size", "65537", "--batch-size is 65537, expected 1 to 65536"))) {
      Object[] more = {option.get(0), option.get(1)};
      for (CommandRun refused :
          List.of(
              CommandRun.of(
                  "embed", "--model", model, "--input", input, "--output", npy, more[0], more[1]),
              CommandRun.of("serve", "--model", model, "--port", 0, more[0], more[1]))) {
        assertThat(refused.exit()).isEqualTo(2);
        assertThat(refused.err()).contains(option.get(2));
      }
    }
    run =
        CommandRun.of("embed", "--model", model, "--input", folder.resolve("no"), "--output", npy);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).isEqualTo("mirror4j: " + folder.resolve("no") + " does not exist\n");
  }
}
