package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.DeviceChoice;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.search.Vectors;

class WhitenCommandTest {
  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path model;
  private static Path corpus;
  private static List<String> lines;

  @BeforeAll
  static void makeModel() throws IOException {
    model = CommandRun.model(shared.resolve("model"));
    Random random = new Random(1);
    lines = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      lines.add(
          random.ints(5, 'a', 'z' + 1).mapToObj(c -> (char) c + " ").reduce("", String::concat));
    }
    corpus = Files.write(shared.resolve("corpus.txt"), lines);
  }

  private static double[][] vectors(Path npy) {
    try (Vectors vectors = Vectors.map(npy)) {
      double[][] rows = new double[vectors.size()][];
      for (int i = 0; i < rows.length; i++) {
        float[] row = vectors.get(i);
        rows[i] = new double[row.length];
        for (int j = 0; j < row.length; j++) {
          rows[i][j] = row[j];
        }
      }
      return rows;
    }
  }

  private double[][] embedded(Path directory, Object... more) {
    Path output = folder.resolve("vectors.npy");
    CommandRun.embed(directory, corpus, output, more);
    return vectors(output);
  }

  private CommandRun whiten(Path output, Object... more) {
    List<Object> all =
        new ArrayList<>(
            List.of("whiten", "--model", model, "--corpus", corpus, "--output", output));
    all.addAll(Arrays.asList(more));
    return CommandRun.of(all.toArray());
  }

  private static CommandRun done(CommandRun run) {
    assertThat(run.exit()).as(run.err()).isZero();
    return run;
  }

  private static double largestDifference(double[][] found, double[][] expected) {
    assertThat(found).hasDimensions(expected.length, expected[0].length);
    double largest = 0;
    for (int i = 0; i < found.length; i++) {
      for (int j = 0; j < found[i].length; j++) {
        largest = Math.max(largest, Math.abs(found[i][j] - expected[i][j]));
      }
    }
    return largest;
  }

  /** Products of the whitened vectors do not depend on the signs of the directions. */
  private static double[][] products(double[][] vectors) {
    DMatrixRMaj matrix = new DMatrixRMaj(vectors);
    DMatrixRMaj products = new DMatrixRMaj(vectors.length, vectors.length);
    CommonOps_DDRM.multTransB(matrix, matrix, products);
    double[][] rows = new double[vectors.length][vectors.length];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(products.data, i * rows.length, rows[i], 0, rows.length);
    }
    return rows;
  }

  /** By the singular vectors of the vectors themselves: y = sqrt(n - 1) u. */
  private static double[][] whitened(double[][] vectors, int kept) {
    int n = vectors.length;
    int width = vectors[0].length;
    DMatrixRMaj centred = new DMatrixRMaj(vectors);
    for (int j = 0; j < width; j++) {
      double mean = 0;
      for (int i = 0; i < n; i++) {
        mean += vectors[i][j] / n;
      }
      for (int i = 0; i < n; i++) {
        centred.set(i, j, vectors[i][j] - mean);
      }
    }
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(n, width, true, false, true);
    assertThat(svd.decompose(centred)).isTrue();
    DMatrixRMaj u = svd.getU(null, false);
    double[] values = svd.getSingularValues();
    Integer[] order = new Integer[width];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(values[b], values[a]));
    double[][] rows = new double[n][kept];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < kept; k++) {
        rows[i][k] = Math.sqrt(n - 1) * u.get(i, order[k]);
      }
    }
    return rows;
  }

  /**
   * With a pooling of one layer and with one of two. A vector of size about 10 is computed in f32
   * and its smallest deviation is about a hundredth of the largest: roundings are made larger by
   * some hundreds.
   */
  @ParameterizedTest
  @ValueSource(strings = {"mean", "first-last-avg"})
  void aModelGivesItsWhitenedVectors(String pooling) throws IOException {
    Path output = folder.resolve("whitened");
    CommandRun run =
        done(whiten(output, "--pooling", pooling, "--max-length", 9, "--dimension", 6, "--json"));
    assertThat(run.event("settings").path("dimension").asInt()).isEqualTo(6);
    assertThat(run.event("settings").path("pooling").asText()).isEqualTo(pooling);
    JsonNode finished = run.event("finished");
    assertThat(finished.path("texts").asInt()).isEqualTo(300);
    assertThat(finished.path("dimensions").asInt()).isEqualTo(6);
    assertThat(finished.path("testSets")).isEmpty();
    for (String file : List.of("model.safetensors", "vocab.txt")) {
      assertThat(output.resolve(file)).hasSameBinaryContentAs(model.resolve(file));
    }
    ObjectNode config = JsonFiles.readObject(model.resolve("config.json"));
    boolean layers = pooling.equals("first-last-avg");
    assertThat(JsonFiles.readObject(output.resolve("config.json")))
        .isEqualTo(layers ? config.put("output_hidden_states", true) : config);
    assertThat(Files.exists(output.resolve("1_WeightedLayerPooling"))).isEqualTo(layers);
    double[][] expected =
        products(whitened(embedded(model, "--pooling", pooling, "--max-length", 9), 6));
    double[][] found = products(embedded(output));
    assertThat(largestDifference(found, expected)).isLessThan(1e-2);
    try (Encoder encoder =
        Encoder.load(
            output,
            EncoderSettings.DEFAULT.withDevice(DeviceChoice.CPU).withThreads(2).withEngines(2))) {
      assertThat(encoder.dimensions()).isEqualTo(6);
      assertThat(encoder.embed(lines.get(3))).hasSize(6);
      assertThat(encoder.notes())
          .containsExactly(
              "%s: calibrated by whitening to 6 dimensions, fitted on %s"
                  .formatted(output, corpus));
    }
  }

  /** The same texts and settings give the same bytes, in a pass of other blocks too. */
  @Test
  void theSameAgain() throws IOException {
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    done(whiten(first));
    done(whiten(second));
    for (String file : List.of("2_Dense/model.safetensors", "mirror4j.json", "README.md")) {
      assertThat(second.resolve(file)).hasSameBinaryContentAs(first.resolve(file));
    }
    CommandRun taken = whiten(second);
    assertThat(taken.exit()).isEqualTo(1);
    assertThat(taken.err()).contains(second + ": exists already and is not empty");
    done(whiten(second, "--overwrite", "--kind", "standardisation"));
    assertThat(embedded(second)[0]).hasSize(embedded(first)[0].length);
    CommandRun own =
        CommandRun.of(
            "whiten", "--model", second, "--corpus", corpus, "--output", second, "--overwrite");
    assertThat(own.exit()).isEqualTo(1);
    assertThat(own.err()).contains("would replace the input");
  }

  private static Path data(Path folder) throws IOException {
    Path joined = Files.createDirectories(folder.resolve("data/sts/joined"));
    for (String part : List.of("test", "dev")) {
      List<String> rows = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        int shift = part.equals("test") ? 0 : 100;
        rows.add("%d\t%s\t%s\tx".formatted(i % 5, lines.get(i + shift), lines.get(i + 50 + shift)));
      }
      Files.write(joined.resolve("stsb." + part + ".tsv"), rows);
    }
    return folder.resolve("data");
  }

  @Test
  void whatItWasFittedOnIsSaidWhereverItIsUsed() throws IOException {
    Path data = data(folder);
    Path output = folder.resolve("whitened");
    CommandRun run =
        done(
            CommandRun.of(
                "whiten",
                "--model",
                model,
                "--task",
                "stsb",
                "stsb-dev",
                "STSB",
                "--corpus",
                corpus,
                "--data",
                data,
                "--kind",
                "standardisation",
                "remove-directions",
                "--directions",
                2,
                "--output",
                output));
    String described =
        "standardisation, then removal of 2 directions, fitted on stsb (test set), stsb-dev, "
            + corpus;
    assertThat(run.out()).startsWith(described + " on 460 texts");
    assertThat(Files.readString(output.resolve("README.md")))
        .contains("fitted on 460 texts: `stsb`, `stsb-dev`")
        .contains("The texts of test sets were among them, without their scores: `stsb`;");
    CommandRun eval =
        done(CommandRun.of("eval", "--model", output, "--task", "stsb", "--data", data, "--json"));
    assertThat(eval.event("settings").path("calibration").asText()).isEqualTo(described);
    assertThat(CommandRun.of("eval", "--model", output, "--task", "stsb", "--data", data).out())
        .contains(described);
    assertThat(
            CommandRun.of("eval", "--model", model, "--task", "stsb", "--data", data, "--json")
                .event("settings")
                .path("calibration")
                .asText())
        .isEqualTo("none");
  }

  /** Files of one name in two folders are two; each is taken once. */
  @Test
  void tasksOfOneNameAreToldApartByTheirPaths() throws IOException {
    List<String> files = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Path file = Files.createDirectories(folder.resolve("part" + i)).resolve("dev.tsv");
      List<String> rows = new ArrayList<>();
      for (int row = 100 * i; row < 100 * i + 40; row++) {
        rows.add("%s\t%s\t%d".formatted(lines.get(row), lines.get(row + 50), row % 5));
      }
      Files.write(file, rows);
      files.add(file.toString());
    }
    Path output = folder.resolve("whitened");
    CommandRun run = fitted(files, output);
    assertThat(run.exit()).as(run.err()).isZero();
    JsonNode finished = run.event("finished");
    assertThat(finished.path("texts").asInt()).isEqualTo(160);
    assertThat(finished.path("fittedOn"))
        .extracting(JsonNode::asText)
        .containsExactlyElementsOf(files);
    CommandRun own = fitted(files, folder.resolve("part1"));
    assertThat(own.exit()).isEqualTo(1);
    assertThat(own.err()).contains("would replace the input " + files.get(1));
  }

  private static CommandRun fitted(List<String> files, Path output) {
    List<Object> arguments = new ArrayList<>(List.of("whiten", "--model", model, "--task"));
    files.forEach(file -> arguments.add("pairs:" + file));
    arguments.add("pairs:" + files.getFirst());
    arguments.addAll(List.of("--output", output, "--json"));
    return CommandRun.of(arguments.toArray());
  }

  @Test
  void aCalibratedModelIsConvertedTunedAndCalibratedAnew() throws IOException {
    Path first = folder.resolve("first");
    done(whiten(first, "--dimension", 5));
    double[][] vectors = embedded(first);
    Path converted = folder.resolve("converted");
    CommandRun.done("convert", first, converted);
    assertThat(embedded(converted)).isDeepEqualTo(vectors);
    assertThat(JsonFiles.read(converted.resolve("mirror4j.json")))
        .isEqualTo(JsonFiles.read(first.resolve("mirror4j.json")));

    Path tuned = folder.resolve("tuned");
    CommandRun train = CommandRun.train(first, corpus, tuned, "--max-steps", 1, "--batch-size", 8);
    assertThat(train.err())
        .contains("belongs to the weights as they are, and the result does not have it");
    assertThat(embedded(tuned)[0]).hasSize(embedded(model)[0].length);
    assertThat(JsonFiles.readObject(tuned.resolve("mirror4j.json")).has("calibration")).isFalse();

    Path second = folder.resolve("second");
    CommandRun again =
        done(
            CommandRun.of(
                "whiten",
                "--model",
                first,
                "--corpus",
                corpus,
                "--dimension",
                5,
                "--output",
                second));
    assertThat(again.err())
        .contains(
            "its calibration (whitening to 5 dimensions, fitted on " + corpus + ") is replaced");
    assertThat(embedded(second)).isDeepEqualTo(vectors);
    assertThat(second.resolve("3_Dense")).doesNotExist();
  }

  /** A Normalize stays behind the calibration. */
  @Test
  void normalizedVectorsAreNormalizedAfterwards() throws IOException {
    Path normalized = folder.resolve("normalized");
    CommandRun.train(model, corpus, normalized, "--max-steps", 1, "--batch-size", 8);
    ObjectNode transformers = JsonFiles.readObject(normalized.resolve("mirror4j.json"));
    assertThat(transformers.has("pooling")).isTrue();
    Path modules = normalized.resolve("modules.json");
    Files.writeString(
        modules,
        Files.readString(modules)
            .strip()
            .replaceFirst(
                "]$",
                ",{\"idx\":2,\"name\":\"2\",\"path\":\"2_Normalize\",\"type\":\"sentence_transformers.models.Normalize\"}]"));
    Path output = folder.resolve("whitened");
    done(
        CommandRun.of(
            "whiten",
            "--model",
            normalized,
            "--corpus",
            corpus,
            "--dimension",
            5,
            "--output",
            output));
    for (double[] vector : embedded(output)) {
      double squares = Arrays.stream(vector).map(x -> x * x).sum();
      // Five squares of f32.
      assertThat(squares).isCloseTo(1, within(1e-6));
    }
  }

  @Test
  void vectorsOfAFile() throws IOException {
    Path npy = folder.resolve("in.npy");
    Path own = folder.resolve("own.npy");
    CommandRun.embed(model, corpus, npy, "--pooling", "mean");
    CommandRun run =
        done(CommandRun.of("whiten", "--vectors", npy, "--dimension", 6, "--output", own));
    assertThat(run.out()).startsWith("300 vectors of 6 dimensions written to " + own);
    double[][] expected = products(whitened(vectors(npy), 6));
    double[][] found = products(vectors(own));
    assertThat(largestDifference(found, expected)).isLessThan(1e-2);
    Path whitened = folder.resolve("whitened");
    done(whiten(whitened, "--pooling", "mean", "--dimension", 6));
    Path applied = folder.resolve("applied.npy");
    done(CommandRun.of("whiten", "--vectors", npy, "--model", whitened, "--output", applied));
    double[][] model6 = embedded(whitened);
    double[][] file6 = vectors(applied);
    // The same product of the same vectors, summed in another order for another number of rows.
    assertThat(largestDifference(file6, model6)).isLessThan(1e-3);
    CommandRun narrow =
        CommandRun.of("whiten", "--vectors", own, "--model", whitened, "--output", applied);
    assertThat(narrow.exit()).isEqualTo(1);
    assertThat(narrow.err()).contains(own + ": vectors of 6 values, expected ");
    CommandRun raw =
        CommandRun.of("whiten", "--vectors", npy, "--model", model, "--output", applied);
    assertThat(raw.exit()).isEqualTo(1);
    assertThat(raw.err()).contains(model + ": has no linear calibration");
  }

  /** What fails leaves neither the output nor anything beside it. */
  @Test
  void aVectorThatIsNotFiniteLeavesNothing() throws IOException {
    Path npy = folder.resolve("in.npy");
    CommandRun.embed(model, corpus, npy);
    byte[] bytes = Files.readAllBytes(npy);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(bytes.length - Float.BYTES, Float.NaN);
    Files.write(npy, bytes);
    CommandRun run =
        CommandRun.of("whiten", "--vectors", npy, "--output", folder.resolve("out.npy"));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("vector 299 holds NaN, expected finite values");
    try (var content = Files.list(folder)) {
      assertThat(content).containsExactly(npy);
    }
  }

  @Test
  void fewTextsAreFittedWithAWordOfIt() throws IOException {
    Path few = Files.write(folder.resolve("few.txt"), lines.subList(0, 4));
    Path output = folder.resolve("whitened");
    CommandRun run =
        done(CommandRun.of("whiten", "--model", model, "--corpus", few, "--output", output));
    assertThat(run.err()).contains("of the largest variance among 4 vectors and are divided by");
    for (double[] vector : embedded(output)) {
      assertThat(Arrays.stream(vector).allMatch(Double::isFinite)).isTrue();
    }
    Path one = Files.write(folder.resolve("one.txt"), lines.subList(0, 1));
    CommandRun refused =
        CommandRun.of(
            "whiten", "--model", model, "--corpus", one, "--output", folder.resolve("none"));
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains("a calibration is fitted on 1 vectors, expected at least 2");
    assertThat(folder.resolve("none")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          --output o                                    | 2 | --model is missing
          --model m --output o                          | 2 | --corpus or --task is missing
          --model m --corpus c --output o --dimension 0 | 2 | --dimension is 0, expected at least 1
          --model m --corpus c --output o --epsilon 2   | 2 | --epsilon is 2.0, expected above 0 and at most 1
          --model m --corpus c --output o --directions 2 | 2 | --directions is not used by --kind
          --model m --corpus c --output o --kind standardisation --dimension 2 | 2 | --dimension is not used
          --model m --corpus c --output o --kind bleaching | 2 | whitening, standardisation, remove-directions
          --model m --corpus c --output o --batch-size 0 | 2 | --batch-size is 0, expected 1 to 65536
          --model m --corpus c --output o --max-length 2 | 2 | --max-length is 2, expected at least 3
          --model m --corpus c --output o --dimension 100000 | 1 | dimension is 100000, expected at most
          --vectors v --output o                        | 2 | --output is o, expected a name in .npy
          --vectors v --output o.npy --corpus c         | 2 | --corpus has no effect with --vectors
          --vectors v --output o.npy --max-length 9     | 2 | --max-length has no effect with --vectors
          --vectors v --output o.npy --batch-size 0     | 2 | --batch-size has no effect with --vectors
          --vectors v --output o.npy --precision bf16   | 2 | --precision has no effect with --vectors
          --vectors v --output o.npy --overwrite        | 2 | --overwrite has no effect with --vectors
          --model m --task nothing --output o           | 2 | unknown task nothing without --data DIR, the folder of the data sets
          --vectors v --output o.npy                    | 1 | v
          --vectors v --model m --kind whitening --output o.npy | 2 | expected no --kind
          """)
  void wrongUsage(String arguments, int exit, String message) {
    Object[] words =
        Arrays.stream(("whiten " + arguments).split(" "))
            .map(
                word ->
                    switch (word) {
                      case "m" -> model.toString();
                      case "c" -> corpus.toString();
                      case "o" ->
                          message.contains("--output is o") ? "o" : folder.resolve("o").toString();
                      case "o.npy" -> folder.resolve("o.npy").toString();
                      default -> word;
                    })
            .toArray();
    CommandRun run = CommandRun.of(words);
    assertThat(run.exit()).as(run.err()).isEqualTo(exit);
    assertThat(run.err()).contains(message);
    assertThat(folder).isEmptyDirectory();
  }
}
