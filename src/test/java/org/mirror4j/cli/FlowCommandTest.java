package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.DeviceChoice;
import org.mirror4j.Encoder;
import org.mirror4j.EncoderSettings;
import org.mirror4j.calibrate.flow.FlowFile;
import org.mirror4j.calibrate.flow.FlowPass;
import org.mirror4j.calibrate.flow.NormalizingFlow;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.search.Vectors;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

class FlowCommandTest {
  private static final int TEXTS = 200;

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
    for (int i = 0; i < TEXTS; i++) {
      lines.add(
          random.ints(5, 'a', 'z' + 1).mapToObj(c -> (char) c + " ").reduce("", String::concat));
    }
    corpus = Files.write(shared.resolve("corpus.txt"), lines);
  }

  private static List<Object> flow(Path from, Path output, Object... more) {
    List<Object> all =
        new ArrayList<>(List.of("flow", "--model", from, "--corpus", corpus, "--output", output));
    all.addAll(Arrays.asList(more));
    return all;
  }

  private static CommandRun done(Path from, Path output, Object... more) {
    return CommandRun.done(flow(from, output, more).toArray());
  }

  private static float[][] vectors(Path npy) {
    try (Vectors vectors = Vectors.map(npy)) {
      float[][] rows = new float[vectors.size()][];
      Arrays.setAll(rows, vectors::get);
      return rows;
    }
  }

  private float[][] embedded(Path directory, Object... more) {
    Path output = folder.resolve("vectors.npy");
    CommandRun.embed(directory, corpus, output, more);
    return vectors(output);
  }

  /** Of all vectors in one pass. */
  private static float[][] images(Path file, float[][] vectors) {
    int width = vectors[0].length;
    float[] flat = new float[vectors.length * width];
    for (int i = 0; i < vectors.length; i++) {
      System.arraycopy(vectors[i], 0, flat, i * width, width);
    }
    try (Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      NormalizingFlow read = FlowFile.read(device, workspace, file);
      Tensor tensor = workspace.f32("u", vectors.length, width);
      device.upload(tensor, flat);
      device.download(flat, new FlowPass(device, workspace, read, vectors.length).forward(tensor));
    }
    float[][] images = new float[vectors.length][];
    Arrays.setAll(images, i -> Arrays.copyOfRange(flat, i * width, (i + 1) * width));
    return images;
  }

  /** The same sums of as many terms in another order: images are of size 1, roundings 1e-6. */
  private static void expectClose(float[][] found, float[][] expected) {
    assertThat(found).hasDimensions(expected.length, expected[0].length);
    for (int i = 0; i < found.length; i++) {
      assertThat(found[i]).containsExactly(expected[i], within(1e-4f));
    }
  }

  /** With a pooling that sentence-transformers has, which would pass over the flow, and another. */
  @ParameterizedTest
  @ValueSource(strings = {"mean", "first-last-avg"})
  void aModelGivesTheImagesOfItsVectors(String pooling) throws IOException {
    Path output = folder.resolve("flow");
    CommandRun run =
        done(model, output, "--pooling", pooling, "--max-length", 9, "--epochs", 8, "--json");
    JsonNode settings = run.event("settings");
    assertThat(settings.path("recipe").asText()).isEqualTo("target");
    assertThat(settings.path("pooling").asText()).isEqualTo(pooling);
    assertThat(settings.path("maxLength").asInt()).isEqualTo(9);
    assertThat(settings.path("fittedOn")).hasSize(1);
    assertThat(settings.path("items").asInt()).isEqualTo(TEXTS);
    assertThat(settings.path("sides").asInt()).isEqualTo(1);
    assertThat(settings.path("learningRate").asDouble()).isEqualTo(1e-3);
    assertThat(settings.path("steps").asInt()).isEqualTo(8 * (TEXTS / 32));
    for (String file : List.of("config.json", "model.safetensors", "vocab.txt")) {
      assertThat(output.resolve(file)).hasSameBinaryContentAs(model.resolve(file));
    }
    assertThat(output.resolve("modules.json")).doesNotExist();
    assertThat(output.resolve("README.md"))
        .content()
        .contains("calibrated by normalising flow, fitted on 200 texts")
        .contains("sentence-transformers has nothing like this flow");
    float[][] before = embedded(model, "--pooling", pooling, "--max-length", 9);
    float[][] after = embedded(output);
    expectClose(after, images(output.resolve(FlowFile.NAME), before));
    // What it is for: all vectors of an untrained model lie close together, their images do not.
    assertThat(meanCosine(after)).isBetween(-0.1, meanCosine(before) / 3);
    try (Encoder encoder =
        Encoder.load(
            output,
            EncoderSettings.DEFAULT.withDevice(DeviceChoice.CPU).withThreads(2).withEngines(2))) {
      expectClose(encoder.embed(lines), after);
      assertThat(encoder.notes())
          .containsExactly(
              "%s: calibrated by normalising flow, fitted on %s".formatted(output, corpus));
    }
  }

  private static double meanCosine(float[][] vectors) {
    double sum = 0;
    for (int i = 0; i + 1 < vectors.length; i += 2) {
      double dot = 0;
      double a = 0;
      double b = 0;
      for (int c = 0; c < vectors[i].length; c++) {
        dot += (double) vectors[i][c] * vectors[i + 1][c];
        a += (double) vectors[i][c] * vectors[i][c];
        b += (double) vectors[i + 1][c] * vectors[i + 1][c];
      }
      sum += dot / Math.sqrt(a * b);
    }
    return sum / (vectors.length / 2);
  }

  @Test
  void theSameSeedGivesTheSameBytesAndTheLossIsDrawn() throws IOException {
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    Path other = folder.resolve("other");
    done(model, first, "--epochs", 2, "--threads", 1);
    done(model, second, "--epochs", 2, "--threads", 2);
    done(model, other, "--epochs", 2, "--seed", 5);
    for (String file : List.of(FlowFile.NAME, "model.safetensors", "README.md")) {
      assertThat(second.resolve(file)).hasSameBinaryContentAs(first.resolve(file));
    }
    assertThat(Files.mismatch(first.resolve(FlowFile.NAME), other.resolve(FlowFile.NAME)))
        .isNotEqualTo(-1);
    Path picture = folder.resolve("loss.png");
    CommandRun.done("plot", "--log", first.resolve("train.jsonl"), "--output", picture);
    assertThat(picture).isNotEmptyFile();

    CommandRun taken = CommandRun.of(flow(model, second).toArray());
    assertThat(taken.exit()).isEqualTo(1);
    assertThat(taken.err()).contains(second + ": exists already and is not empty");
    CommandRun again = done(model, second, "--epochs", 2, "--resume");
    assertThat(again.err()).contains("is there already, made by a run with these settings");
    CommandRun changed =
        CommandRun.of(flow(model, second, "--epochs", 2, "--width", 8, "--resume").toArray());
    assertThat(changed.err()).contains("width was 32 in the run that made it, now 8");
    done(model, second, "--overwrite", "--max-steps", 1, "--coupling", "affine");
    CommandRun own = CommandRun.of(flow(second, second, "--overwrite").toArray());
    assertThat(own.exit()).isEqualTo(1);
    assertThat(own.err()).contains("would replace the input");
  }

  private Path data() throws IOException {
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
  void pairsOfTasksAreItemsAndWhatItWasFittedOnIsSaid() throws IOException {
    Path data = data();
    Path output = folder.resolve("flow");
    CommandRun run =
        CommandRun.done(
            "flow",
            "--model",
            model,
            "--task",
            "stsb",
            "stsb-dev",
            "--data",
            data,
            "--recipe",
            "nli",
            "--output",
            output,
            "--json");
    JsonNode settings = run.event("settings");
    assertThat(settings.path("items").asInt()).isEqualTo(80);
    assertThat(settings.path("sides").asInt()).isEqualTo(2);
    assertThat(settings.path("texts").asInt()).isEqualTo(160);
    assertThat(settings.path("testSets").toString()).isEqualTo("[\"stsb\"]");
    assertThat(settings.path("learningRate").asDouble()).isEqualTo(2e-5);
    String described = "normalising flow, fitted on stsb (test set), stsb-dev";
    assertThat(output.resolve("README.md"))
        .content()
        .contains("The texts of test sets were among them, without their scores: `stsb`;");
    CommandRun eval =
        CommandRun.done("eval", "--model", output, "--task", "stsb", "--data", data, "--json");
    assertThat(eval.event("settings").path("calibration").asText()).isEqualTo(described);
    CommandRun mixed =
        done(
            model,
            folder.resolve("mixed"),
            "--task",
            "stsb",
            "--data",
            data,
            "--max-steps",
            1,
            "--json");
    assertThat(mixed.event("settings").path("sides").asInt()).isEqualTo(1);
    assertThat(mixed.event("settings").path("items").asInt()).isEqualTo(TEXTS + 80);
  }

  @Test
  void aCalibratedModelIsConvertedTunedAndCalibratedAnew() throws IOException {
    Path first = folder.resolve("first");
    done(model, first, "--max-steps", 3);
    float[][] vectors = embedded(first);
    Path converted = folder.resolve("converted");
    CommandRun.done("convert", first, converted);
    assertThat(embedded(converted)).isDeepEqualTo(vectors);

    Path tuned = folder.resolve("tuned");
    CommandRun train = CommandRun.train(first, corpus, tuned, "--max-steps", 1, "--batch-size", 8);
    assertThat(train.err())
        .contains("belongs to the weights as they are, and the result does not have it");
    assertThat(tuned.resolve(FlowFile.NAME)).doesNotExist();
    embedded(tuned);

    Path second = folder.resolve("second");
    CommandRun again = done(first, second, "--max-steps", 3);
    assertThat(again.err())
        .contains("its calibration (normalising flow, fitted on " + corpus + ") is replaced");
    assertThat(embedded(second)).isDeepEqualTo(vectors);

    Path whitened = folder.resolve("whitened");
    CommandRun.done(
        "whiten", "--model", first, "--corpus", corpus, "--dimension", 6, "--output", whitened);
    assertThat(embedded(whitened)[0]).hasSize(6);
    assertThat(whitened.resolve(FlowFile.NAME)).doesNotExist();
    Path third = folder.resolve("third");
    done(whitened, third, "--max-steps", 3);
    assertThat(embedded(third)).isDeepEqualTo(vectors);
  }

  /** A Dense module of the model's own comes first, wherever it was said before. */
  @ParameterizedTest
  @ValueSource(strings = {"mean", "first-last-avg"})
  void theFlowIsBehindTheDenseModules(String pooling) throws IOException {
    Path dense = folder.resolve("dense");
    CommandRun.done(
        "whiten",
        "--model",
        model,
        "--corpus",
        corpus,
        "--pooling",
        pooling,
        "--dimension",
        16,
        "--output",
        dense);
    ObjectNode settings = JsonFiles.readObject(dense.resolve("mirror4j.json"));
    settings.remove("calibration");
    Files.write(dense.resolve("mirror4j.json"), JsonFiles.bytes(settings));
    Path output = folder.resolve("flow");
    CommandRun run = done(dense, output, "--max-steps", 3, "--json");
    assertThat(run.event("settings").path("channels").asInt()).isEqualTo(16);
    expectClose(embedded(output), images(output.resolve(FlowFile.NAME), embedded(dense)));
  }

  private void refused(Path directory, String message) {
    CommandRun run =
        CommandRun.of(
            "embed", "--model", directory, "--input", corpus, "--output", folder.resolve("v.npy"));
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains(message);
  }

  @Test
  void aFlowThatDoesNotFitIsRefusedByName() throws IOException {
    Path output = folder.resolve("flow");
    done(model, output, "--max-steps", 1);
    Path file = output.resolve(FlowFile.NAME);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
    refused(output, file + ": ");
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.writeString(
        file,
        text.replaceFirst("channels\\\\\":128", "channels\\\\\":120"),
        StandardCharsets.ISO_8859_1);
    refused(output, file + ": ");
    Files.delete(file);
    refused(
        output,
        output.resolve("mirror4j.json")
            + ": has a calibration of form flow, expected flow.safetensors beside it");

    Path plain = CommandRun.model(folder.resolve("plain"));
    Files.write(plain.resolve(FlowFile.NAME), bytes);
    refused(
        plain,
        plain.resolve(FlowFile.NAME)
            + ": no calibration of form flow in mirror4j.json mentions it, expected no such file");

    Path narrow = folder.resolve("narrow");
    CommandRun.done(
        "init", "--config", "mini", "--vocab-size", 300, "--output", folder.resolve("mini"));
    done(folder.resolve("mini"), narrow, "--max-steps", 1);
    Files.write(narrow.resolve(FlowFile.NAME), bytes);
    refused(
        narrow,
        narrow.resolve(FlowFile.NAME)
            + ": takes vectors of 128 values, expected 256, as what is before it gives");
  }

  /** Nothing is written of what would only be not finite later. */
  @Test
  void oneTextTrainsNoFlow() throws IOException {
    Path output = folder.resolve("flow");
    Path one = Files.write(folder.resolve("one.txt"), lines.subList(0, 1));
    CommandRun single =
        CommandRun.of("flow", "--model", model, "--corpus", one, "--output", output);
    assertThat(single.exit()).isEqualTo(1);
    assertThat(single.err()).contains("a flow is trained on 1 vectors, expected at least 2");
    Path equal = Files.write(folder.resolve("equal.txt"), Collections.nCopies(64, lines.get(0)));
    for (String command : List.of("flow", "whiten")) {
      CommandRun same =
          CommandRun.of(command, "--model", model, "--corpus", equal, "--output", output);
      assertThat(same.exit()).isEqualTo(1);
      assertThat(same.err()).contains("the same", "expected different ones");
    }
    assertThat(output).doesNotExist();
    assertThat(folder.resolve("flow.training")).doesNotExist();
    done(model, output, "--batch-size", 1, "--max-steps", 3);
    embedded(output);
  }

  @Test
  void wrongUsageIsRefusedBeforeAnythingIsRead() {
    CommandRun missing =
        CommandRun.of("flow", "--model", model, "--output", folder.resolve("flow"));
    assertThat(missing.exit()).isEqualTo(2);
    assertThat(missing.err()).contains("--corpus or --task is missing");
    CommandRun levels = CommandRun.of(flow(model, folder.resolve("flow"), "--levels", 0).toArray());
    assertThat(levels.exit()).isEqualTo(2);
    assertThat(levels.err()).contains("--levels is 0, expected at least 1");
    CommandRun both =
        CommandRun.of(
            flow(model, folder.resolve("flow"), "--epochs", 3, "--max-steps", 50).toArray());
    assertThat(both.exit()).isEqualTo(2);
    assertThat(both.err()).contains("--epochs has no effect with --max-steps 50");
    CommandRun infinite =
        CommandRun.of(flow(model, folder.resolve("flow"), "--epsilon", "Infinity").toArray());
    assertThat(infinite.exit()).isEqualTo(2);
    assertThat(infinite.err()).contains("--epsilon is Infinity, expected more than 0 and finite");
    CommandRun deep = CommandRun.of(flow(model, folder.resolve("flow"), "--levels", 9).toArray());
    assertThat(deep.exit()).isEqualTo(1);
    assertThat(deep.err())
        .contains("a flow of 9 levels over vectors of 128 values: expected a multiple of 512");
    assertThat(folder.resolve("flow")).doesNotExist();
    assertThat(folder.resolve("flow.training")).doesNotExist();
  }
}
