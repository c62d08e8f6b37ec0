package org.mirror4j.method.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.reference.ReferenceAdamW;
import org.mirror4j.reference.ReferenceBatch;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.reference.ReferenceTraining;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;

/** Whole runs of {@link MirrorTraining} on a tiny model directory. */
class MirrorTrainingTest {
  private static final RunOptions NEW = new RunOptions(1000, false, false);

  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void makeModel() {
    model = TinyRun.model(folder.resolve("base"), TinyRun.parameters());
  }

  /**
   * Losses of ten steps against encoder, loss and AdamW in double. They agree to 1e-5 although the
   * first updates of Adam are signs of gradients: those too small for f32 to know their sign do not
   * move the loss.
   */
  @ParameterizedTest
  @ValueSource(doubles = {2e-5, 1e-3})
  void lossesOfTenSteps(double learningRate) {
    int batchSize = 6;
    List<String> texts = TinyRun.texts(10 * batchSize, 3);
    MirrorSettings settings = TinyRun.plainSettings(1, batchSize, learningRate);
    List<Double> losses =
        run(2, TinyRun.write(folder.resolve("corpus"), texts), "out", settings).losses();

    ReferenceParameters parameters = TinyRun.parameters();
    ReferenceParameters m = ReferenceParameters.zeros(parameters.config());
    ReferenceParameters v = ReferenceParameters.zeros(parameters.config());
    ReferenceAdamW optimizer = new ReferenceAdamW(learningRate, 0.9, 0.999, 1e-8, 0.01);
    assertThat(losses).hasSize(10);
    try (Tokenizer tokenizer = Tokenizer.open(model)) {
      for (int step = 1; step <= 10; step++) {
        int[][] views = new int[2 * batchSize][];
        for (int i = 0; i < batchSize; i++) {
          String text = texts.get((step - 1) * batchSize + i);
          views[i] = tokenizer.encode(text, TinyRun.MAX_LENGTH);
          views[batchSize + i] = views[i];
        }
        ReferenceTraining.Step expected =
            ReferenceTraining.contrastive(
                parameters,
                ReferenceBatch.of(views),
                settings.pooling(),
                TextGroups.distinct(batchSize),
                settings.temperature(),
                Dropout.NONE);
        assertThat(losses.get(step - 1))
            .as("step %d", step)
            .isCloseTo(expected.loss(), within(1e-5 * expected.loss()));
        optimizer.step(parameters, expected.gradients(), m, v, step);
      }
    }
  }

  @Test
  void overfitsOneBatch() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(6, 4));
    List<Double> losses = run(2, corpus, "out", TinyRun.plainSettings(50, 6, 1e-3)).losses();
    assertThat(losses).hasSize(50);
    // With the cosine of a text with itself at 1, nothing but telling texts apart lowers the loss.
    assertThat(losses.getLast()).isLessThan(0.2 * losses.getFirst());
  }

  @Test
  void bytesDoNotDependOnThreads() throws IOException {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(31, 5));
    List<byte[]> weights = new ArrayList<>();
    for (int threads = 1; threads <= 3; threads++) {
      run(threads, corpus, "out" + threads, TinyRun.mirrorSettings(2, 8, 42));
      weights.add(TinyRun.weights(folder.resolve("out" + threads)));
    }
    assertThat(weights.get(1)).isEqualTo(weights.get(0));
    assertThat(weights.get(2)).isEqualTo(weights.get(0));
    run(1, corpus, "other", TinyRun.mirrorSettings(2, 8, 43));
    assertThat(TinyRun.weights(folder.resolve("other"))).isNotEqualTo(weights.get(0));
  }

  @Test
  void corpusSmallerThanABatch() throws IOException {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(5, 6));
    TinyRun.Recorder heard = run(1, corpus, "out", TinyRun.mirrorSettings(2, 200, 42));
    assertThat(heard.warnings)
        .containsExactly(
            "the corpus has 5 items, fewer than a batch of 200: training on batches of 5");
    assertThat(heard.steps).hasSize(2);
    assertThat(heard.losses()).allSatisfy(loss -> assertThat(loss).isPositive());
    assertThat(TinyRun.weights(folder.resolve("out"))).isNotEqualTo(TinyRun.weights(model));
  }

  /** The last items of an epoch that fill no batch are left out. */
  @Test
  void partOfABatchIsDropped() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(11, 6));
    TinyRun.Recorder heard = run(1, corpus, "out", TinyRun.mirrorSettings(3, 4, 42));
    assertThat(heard.warnings).isEmpty();
    assertThat(heard.notices)
        .contains("3 of 11 items fill no batch of 4 and are left out of each epoch");
    assertThat(heard.steps).extracting(StepRecord::step).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(heard.steps).extracting(StepRecord::epoch).containsExactly(1, 1, 2, 2, 3, 3);
  }

  @Test
  void textsThatAreCutAreCounted() {
    String fits = "ba ".repeat(TinyRun.MAX_LENGTH - 2);
    Path corpus =
        TinyRun.write(
            folder.resolve("corpus"), List.of(fits, fits + "da", "fa", "ga", fits + "ka"));
    TinyRun.Recorder heard = run(1, corpus, "out", TinyRun.plainSettings(1, 4, 1e-3));
    assertThat(heard.notices)
        .contains("2 of the first 5 texts are longer than 12 tokens and are cut");
  }

  /** Nothing to tell a text from is nothing to learn. */
  @Test
  void aCorpusWithoutNegativesIsRefused() {
    for (List<String> lines : List.of(List.of("ba da"), List.of("ba da", "ba da", "", "ba da"))) {
      Path corpus = TinyRun.write(folder.resolve("corpus"), lines);
      assertThatThrownBy(() -> run(1, corpus, "out", TinyRun.mirrorSettings(1, 2, 42)))
          .isInstanceOf(TextException.class)
          .hasMessage(
              lines.size() == 1
                  ? corpus
                      + " has one item, expected at least two: the others of a batch are the"
                      + " negatives"
                  : corpus
                      + " has 3 items that are all the same, expected different ones: the others of"
                      + " a batch are the negatives");
    }
    assertThat(folder.resolve("out")).doesNotExist();
    assertThat(folder.resolve("out.training")).doesNotExist();
    assertThatThrownBy(() -> TinyRun.mirrorSettings(1, 1, 42))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("--batch-size is 1, expected at least 2");
  }

  /** With false negatives masked a batch of equal texts has loss 0, and is told. */
  @Test
  void batchesWithoutNegativesAreCounted() {
    List<String> lines = List.of("ba", "ba", "da", "fa", "ga", "ga");
    Path corpus = TinyRun.write(folder.resolve("corpus"), lines);
    MirrorSettings masked =
        TinyRun.plainSettings(1, 2, 1e-3).with(Map.of("falseNegatives", FalseNegatives.MASK));
    TinyRun.Recorder heard = run(1, corpus, "out", masked);
    assertThat(heard.losses().getFirst()).isZero();
    assertThat(heard.losses().get(1)).isPositive();
    assertThat(heard.losses().get(2)).isZero();
    assertThat(heard.warnings)
        .containsExactly(
            "step 1: the texts of the batch are all the same, or shared from item to item: without"
                + " negatives it teaches nothing",
            "2 batches had no negatives and taught nothing");
    assertThat(run(1, corpus, "kept", TinyRun.plainSettings(1, 2, 1e-3)).warnings).isEmpty();
  }

  /** What comes out is what went in where nothing is learned, and the log is that of the run. */
  @Test
  void learningRateZeroKeepsTheWeights() throws IOException {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(9, 7));
    TinyRun.Recorder heard = run(1, corpus, "out", TinyRun.plainSettings(1, 4, 0));
    Path output = folder.resolve("out");
    assertThat(TinyRun.weights(output)).isEqualTo(TinyRun.weights(model));
    assertThat(TinyRun.log(output))
        .extracting(step -> step.path("loss").asDouble())
        .isEqualTo(heard.losses());
    assertThat(folder.resolve("out.training")).doesNotExist();
  }

  private TinyRun.Recorder run(int threads, Path corpus, String output, MirrorSettings settings) {
    TinyRun.Recorder recorder = new TinyRun.Recorder();
    try (Device device = new HostDevice(threads)) {
      TinyRun.run(
          device, TinyRun.tuning(model, corpus, settings), folder.resolve(output), NEW, recorder);
    }
    return recorder;
  }
}
