package org.mirror4j.method.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.objective.MaskedLanguageModel;
import org.mirror4j.optim.Clipping;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.optim.Optimization;
import org.mirror4j.reference.ReferenceAdamW;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.reference.ReferenceTraining;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.MaskedTokens;
import org.mirror4j.text.TokenMasking;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.Permutation;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.Trainable;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingTask;

/** Whole runs of {@link Pretraining} on a tiny text. */
class PretrainingTest {
  private static final RunOptions NEW = new RunOptions(1000, false, false);

  @TempDir Path folder;

  /**
   * Losses of ten steps with dropout, warm-up, clipping and decay of matrices alone against the
   * same in double, from the same fresh weights.
   */
  @Test
  void lossesOfTenSteps() {
    BertConfig config = TinyRun.config();
    Path file = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(60, 9));
    int batchSize = 3;
    PretrainingSettings settings =
        new PretrainingSettings(3, 10, batchSize, 1e-3, 4, 0.1, 16, 0.1, 0.5, 5, 42);
    LearningRateSchedule schedule = LearningRateSchedule.linear(1e-3, 4, 10);
    try (Device device = new HostDevice(2);
        Workspace workspace = new Workspace(device);
        Tokenizer tokenizer = Tokenizer.wordPiece(TinyRun.vocabulary(), true);
        PretrainingText text = PretrainingText.read(List.of(file), tokenizer, 16)) {
      TokenMasking masking = TokenMasking.of(tokenizer);
      BertModel model =
          BertModel.fresh(device, workspace, config, 1, MaskedLanguageModel.head(config));
      ReferenceParameters parameters = ReferenceParameters.zeros(SmallModel.reference(config));
      SmallModel.download(device, model.table(), model.parameters())
          .forEach((name, values) -> copy(values, parameters.get(name).data));
      Trainable trainable = TinyRun.trainable(device, workspace, model, 0.1, schedule);
      Optimization optimization = trainable.optimization(device, workspace, Clipping.global(0.5));
      ReferenceParameters m = ReferenceParameters.zeros(parameters.config());
      ReferenceParameters v = ReferenceParameters.zeros(parameters.config());
      Dropout dropout = new Dropout(0.1, 0, 42);
      try (PretrainingTask task =
          new PretrainingTask(
              device, model, trainable.gradients(), settings, text, null, masking, batchSize, 10)) {
        for (int step = 1; step <= 10; step++) {
          TrainingTask.Batch prepared = task.batch(step);
          prepared.upload();
          double loss = prepared.lossAndGradient(1);
          optimization.step(step);

          MaskedBatch batch = batch(text, masking, config, batchSize, step);
          dropout.step(step);
          ReferenceTraining.Step expected =
              ReferenceTraining.maskedLanguageModel(
                  parameters,
                  SmallModel.reference(batch.packed()),
                  batch.rows(),
                  batch.labels(),
                  dropout);
          assertThat(loss)
              .as("step %d", step)
              .isCloseTo(expected.loss(), within(1e-5 * expected.loss()));
          ReferenceParameters gradients = expected.gradients();
          clip(gradients, 0.5);
          for (String name : parameters.names()) {
            double decay = parameters.get(name).numRows == 1 ? 0 : 0.1;
            new ReferenceAdamW(schedule.rate(step), 0.9, 0.98, 1e-6, decay)
                .step(
                    parameters.get(name).data,
                    gradients.get(name).data,
                    m.get(name).data,
                    v.get(name).data,
                    step);
          }
        }
      }
    }
  }

  private static void copy(float[] from, double[] to) {
    Arrays.setAll(to, i -> from[i]);
  }

  /** Sequences in the order of the epoch, each masked with the draws of its epoch and number. */
  private static MaskedBatch batch(
      PretrainingText text, TokenMasking masking, BertConfig config, int batchSize, int step) {
    int count = text.size();
    int epoch = (step - 1) / (count / batchSize);
    int[] order = Permutation.of(count, 42, epoch);
    MaskedTokens[] sequences = new MaskedTokens[batchSize];
    for (int i = 0; i < batchSize; i++) {
      int item = order[(step - 1) % (count / batchSize) * batchSize + i];
      sequences[i] = masking.apply(text.sequence(item), 42, epoch, item);
    }
    return MaskedBatch.of(sequences, config.positions());
  }

  private static void clip(ReferenceParameters gradients, double maxNorm) {
    double squares = 0;
    for (String name : gradients.names()) {
      squares += Arrays.stream(gradients.get(name).data).map(g -> g * g).sum();
    }
    double norm = Math.sqrt(squares);
    assertThat(norm).isGreaterThan(maxNorm);
    for (String name : gradients.names()) {
      double[] gradient = gradients.get(name).data;
      Arrays.setAll(gradient, i -> gradient[i] * maxNorm / norm);
    }
  }

  @Test
  void bytesDoNotDependOnThreads() throws IOException {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(120, 9));
    List<byte[]> weights = new ArrayList<>();
    for (int threads = 1; threads <= 3; threads++) {
      run(threads, corpus, "out" + threads, 42);
      weights.add(TinyRun.weights(folder.resolve("out" + threads)));
    }
    assertThat(weights.get(1)).isEqualTo(weights.get(0));
    assertThat(weights.get(2)).isEqualTo(weights.get(0));
    run(1, corpus, "other", 43);
    assertThat(TinyRun.weights(folder.resolve("other"))).isNotEqualTo(weights.get(0));
  }

  @Test
  void textSmallerThanABatch() {
    // Two sequences: 30 words of at most 14 pieces each, and the rest.
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(6, 9));
    TinyRun.Recorder heard = run(1, corpus, "out", 42);
    assertThat(heard.warnings).hasSize(1);
    assertThat(heard.warnings.getFirst()).contains("fewer than a batch of 4");
    assertThat(heard.steps).hasSize(6);
  }

  /** The update after a good step can be too large all the same. */
  @Test
  void aHeldOutLossThatIsNotFiniteIsNamedWithItsStep() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(120, 9));
    PretrainingSettings wild = new PretrainingSettings(1, 2, 4, 1e38, 0, 0.01, 16, 0.1, 1, 1, 42);
    assertThatThrownBy(() -> run(corpus, wild))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("step 1: the held-out loss is NaN; lower the learning rate");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void whatIsLeftOutAndAWarmUpThatNeverEndsAreSaid() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(120, 9));
    TinyRun.Recorder heard =
        run(corpus, new PretrainingSettings(1, 2, 5, 1e-3, 300, 0.01, 16, 0.1, 1, 3, 42));
    assertThat(heard.warnings)
        .containsExactly(
            "a warm-up of 300 steps is longer than the run: the learning rate rises over all of its"
                + " 2 steps and never falls");
    assertThat(heard.notices)
        .anyMatch(
            notice ->
                notice.matches(
                    "[1-4] of \\d+ sequences fill no batch of 5 and are left out of each epoch"));
  }

  /** The output trains on: Mirror-BERT starts from it. */
  @Test
  void outputHoldsEncoderAndHead() {
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.texts(120, 9));
    run(2, corpus, "out", 42);
    Path output = folder.resolve("out");
    ModelDirectory directory = ModelDirectory.open(output);
    BertConfig config = BertConfig.parse(directory.config());
    try (Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device);
        SafeTensors weights = directory.weights()) {
      assertThat(weights.names())
          .contains("bert.embeddings.word_embeddings.weight", "cls.predictions.bias");
      BertModel model =
          BertModel.load(device, workspace, config, weights, MaskedLanguageModel.head(config));
      assertThat(model.table().has("cls.predictions.bias")).isTrue();
      TinyRun.run(
          device,
          TinyRun.tuning(output, corpus, TinyRun.mirrorSettings(1, 40, 1)),
          folder.resolve("mirror"),
          NEW,
          TrainingListener.NONE);
    }
    assertThat(folder.resolve("mirror/model.safetensors")).exists();
  }

  @Test
  void overfitsOneBatch() {
    BertConfig config = TinyRun.config();
    TokenMasking masking = new TokenMasking(config.vocabSize(), 4, 0, 1, 2, 3);
    Random random = new Random(3);
    MaskedTokens[] sequences = new MaskedTokens[8];
    for (int i = 0; i < sequences.length; i++) {
      sequences[i] = masking.apply(random.ints(20, 5, config.vocabSize()).toArray(), 1, 0, i);
    }
    MaskedBatch batch = MaskedBatch.of(sequences, config.positions());
    try (Device device = new HostDevice(2);
        Workspace workspace = new Workspace(device)) {
      BertModel model =
          BertModel.fresh(device, workspace, config, 1, MaskedLanguageModel.head(config));
      Trainable trainable =
          TinyRun.trainable(device, workspace, model, 0.01, LearningRateSchedule.constant(5e-3));
      Optimization optimization = trainable.optimization(device, workspace, Clipping.global(1));
      PretrainingStep step =
          new PretrainingStep(
              device,
              workspace,
              model,
              trainable.gradients(),
              BatchSize.of(batch.packed()),
              batch.predictions());
      Dropout dropout = new Dropout(0.1, 0, 1);
      List<Double> losses = new ArrayList<>();
      for (int i = 1; i <= 50; i++) {
        dropout.step(i);
        step.upload(batch);
        losses.add(step.lossAndGradient(dropout, 1));
        optimization.step(i);
      }
      // A fresh model gives every piece the same chance.
      assertThat(losses.getFirst()).isBetween(0.9 * Math.log(50), 1.1 * Math.log(50));
      assertThat(step.loss()).isLessThan(0.3 * losses.getFirst());
    }
  }

  private TinyRun.Recorder run(Path corpus, PretrainingSettings settings) {
    TinyRun.Recorder recorder = new TinyRun.Recorder();
    try (Device device = new HostDevice(1)) {
      TinyRun.run(
          device, TinyRun.pretraining(corpus, settings), folder.resolve("out"), NEW, recorder);
    }
    return recorder;
  }

  private TinyRun.Recorder run(int threads, Path corpus, String output, long seed) {
    TinyRun.Recorder recorder = new TinyRun.Recorder();
    try (Device device = new HostDevice(threads)) {
      TinyRun.run(device, TinyRun.pretraining(corpus, seed), folder.resolve(output), NEW, recorder);
    }
    return recorder;
  }
}
