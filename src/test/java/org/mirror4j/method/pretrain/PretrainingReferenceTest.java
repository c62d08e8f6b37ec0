package org.mirror4j.method.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.objective.MaskedBatch;
import org.mirror4j.objective.PerObjective;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.objective.PretrainingObjective;
import org.mirror4j.objective.PretrainingStep;
import org.mirror4j.optim.Clipping;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.optim.Optimization;
import org.mirror4j.reference.ReferenceAdamW;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.reference.ReferenceTraining;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.block.TokenBlock;
import org.mirror4j.text.mask.BlockMasking;
import org.mirror4j.text.mask.MaskScheme;
import org.mirror4j.text.mask.MaskSettings;
import org.mirror4j.text.mask.MaskedTokens;
import org.mirror4j.text.mask.TokenDistribution;
import org.mirror4j.train.Fidelity;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.Trainable;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingTask;

/** Losses of pretraining, step for step, against the same in double. */
class PretrainingReferenceTest {

  @TempDir Path folder;

  static Stream<PretrainingSettings> runs() {
    PretrainingSettings mlm =
        TinyRun.pretrainingSettings(42)
            .with(
                Map.ofEntries(
                    Map.entry("steps", 10),
                    Map.entry("batchTokens", 48),
                    Map.entry("deviceTokens", 48),
                    Map.entry("warmupSteps", 4),
                    Map.entry("weightDecay", 0.1),
                    Map.entry("maxGradNorm", 0.5),
                    Map.entry("boundaryWeight", 0.7),
                    Map.entry("maskedShare", 0.3),
                    Map.entry("places", 3),
                    Map.entry("placeWidth", 5)));
    PretrainingSettings spans =
        mlm.with(
            Map.of(
                "objective",
                Objective.SPAN_SBO,
                "mask",
                MaskScheme.SPANS,
                "wholeSentences",
                true,
                "longestSpan",
                4));
    return Stream.of(
        mlm,
        // In parts, whose gradients are added up.
        spans.with(Map.of("batchTokens", 80, "deviceTokens", 33)),
        spans.with(Map.of("fidelity", Fidelity.RELEASED)),
        mlm.with(Map.of("objective", Objective.MLM_NSP, "mask", MaskScheme.WORDS)));
  }

  /**
   * Losses of ten steps with dropout, warm-up, clipping and decay of matrices alone (released: of
   * all) against the same in double, from the same fresh weights.
   */
  @ParameterizedTest
  @MethodSource("runs")
  void lossesOfTenSteps(PretrainingSettings settings) {
    Path file = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(90, 9));
    boolean released = settings.fidelity() == Fidelity.RELEASED;
    LearningRateSchedule schedule =
        released
            ? LearningRateSchedule.linearOverWarmup(1e-3, 4, 10)
            : LearningRateSchedule.linear(1e-3, 4, 10);
    Pretraining method = TinyRun.pretraining(file, settings);
    try (Device device = new HostDevice(2);
        Workspace workspace = new Workspace(device);
        PretrainedModel source =
            PretrainedModel.fresh(
                new PretrainingStart.Fresh(ModelSize.TINY, 80, false),
                settings,
                Tokenizer.wordPiece(TinyRun.vocabulary(), true))) {
      PretrainingText text =
          PretrainingText.read(
              PretrainingFiles.of(
                  List.of(file), Optional.empty(), settings.mask(), TrainingListener.NONE),
              source,
              settings,
              TrainingListener.NONE);
      BertModel model = source.load(device, workspace, 1);
      ReferenceParameters parameters =
          ReferenceParameters.random(SmallModel.reference(model.config()), settings.heads(), 1);
      SmallModel.download(device, model.table(), model.parameters())
          .forEach((name, values) -> copy(values, parameters.get(name).data));
      Trainable trainable = method.trainable(device, workspace, model, 10);
      Optimization optimization = trainable.optimization(device, workspace, method.clipping());
      ReferenceParameters m = parameters.zeros();
      ReferenceParameters v = parameters.zeros();
      try (PretrainingTask task =
              new PretrainingTask(
                  device, model, trainable.gradients(), settings, true, text.batches(1), null, 10);
          PretrainingBatches batches = text.batches(1)) {
        for (int step = 1; step <= 10; step++) {
          TrainingTask.Batch prepared = task.batch(step);
          prepared.upload();
          TrainingTask.Loss loss = prepared.lossAndGradient(1);
          optimization.step(step);

          PretrainingBatches.Batch batch = batches.next();
          assertThat(prepared.size()).isEqualTo(batch.tokens());
          ReferenceParameters gradients = parameters.zeros();
          double expected = reference(parameters, gradients, batch, settings, step);
          assertThat(loss.total()).as("step %d", step).isCloseTo(expected, within(1e-5 * expected));
          clip(gradients, 0.5);
          for (String name : parameters.names()) {
            boolean decays = released || parameters.get(name).numRows > 1;
            new ReferenceAdamW(
                    released ? ReferenceAdamW.Variant.FAIRSEQ : ReferenceAdamW.Variant.PYTORCH,
                    schedule.rate(step),
                    0.9,
                    0.98,
                    1e-6,
                    decays ? 0.1 : 0)
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

  /** The loss of a step, whose gradients are added to {@code gradients}. */
  private static double reference(
      ReferenceParameters parameters,
      ReferenceParameters gradients,
      PretrainingBatches.Batch batch,
      PretrainingSettings settings,
      int step) {
    double masked = 0;
    double boundary = settings.fidelity() == Fidelity.RELEASED ? 1 : 0;
    double next = 0;
    for (MaskedBatch part : batch.parts()) {
      masked += part.targets().labels().length;
      boundary += part.targets().spans().labels().length;
      next += part.targets().relations().length;
    }
    PerObjective scales =
        new PerObjective(1 / masked, boundary == 0 ? 0 : 0.7 / boundary, next == 0 ? 0 : 1 / next);
    double loss = 0;
    Dropout dropout = new Dropout(0.1, 0, 42);
    for (int part = 0; part < batch.parts().size(); part++) {
      dropout.step(step + (part << 23));
      MaskedBatch of = batch.parts().get(part);
      ReferenceTraining.Step reference =
          ReferenceTraining.pretraining(
              parameters, SmallModel.reference(of.packed()), of.targets(), scales, dropout);
      loss += reference.loss();
      for (String name : parameters.names()) {
        CommonOps_DDRM.addEquals(gradients.get(name), reference.gradients().get(name));
      }
    }
    return loss;
  }

  private static void copy(float[] from, double[] to) {
    Arrays.setAll(to, i -> from[i]);
  }

  private static void clip(ReferenceParameters gradients, double maxNorm) {
    double squares = 0;
    for (String name : gradients.names()) {
      squares += Arrays.stream(gradients.get(name).data).map(g -> g * g).sum();
    }
    double norm = Math.sqrt(squares);
    double factor = Math.min(1, maxNorm / norm);
    for (String name : gradients.names()) {
      double[] gradient = gradients.get(name).data;
      Arrays.setAll(gradient, i -> gradient[i] * factor);
    }
  }

  @Test
  void overfitsOneBatch() {
    BertConfig config = TinyRun.config();
    BlockMasking masking =
        new BlockMasking(
            MaskSettings.of(MaskScheme.SPANS),
            id -> id % 3 == 0,
            id -> id < 5,
            4,
            TokenDistribution.of(new long[] {0, 0, 0, 0, 0, 1, 1, 1}));
    Random random = new Random(3);
    List<MaskedTokens> blocks = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int[] ids = random.ints(22, 5, config.vocabSize()).toArray();
      ids[0] = 2;
      ids[21] = 3;
      blocks.add(masking.apply(TokenBlock.of(i, ids), 1, 0));
    }
    MaskedBatch batch = MaskedBatch.of(blocks, config.positions(), 5);
    PretrainingHeads heads =
        new PretrainingHeads(Optional.of(new PretrainingHeads.SpanBoundarySize(5, 8)), false);
    PerObjective means = batch.targets().counts().inverse();
    try (Device device = new HostDevice(2);
        Workspace workspace = new Workspace(device)) {
      BertModel model = BertModel.fresh(device, workspace, config, 1, heads.blocks(config));
      Trainable trainable =
          TinyRun.trainable(device, workspace, model, 0.01, LearningRateSchedule.constant(5e-3));
      Optimization optimization = trainable.optimization(device, workspace, Clipping.global(1));
      PretrainingStep step =
          new PretrainingStep(
              device,
              workspace,
              model,
              heads,
              trainable.gradients(),
              true,
              BatchSize.of(batch.packed()),
              new PretrainingObjective.Limits(
                  batch.targets().rows().length, batch.targets().spans().rows().length, 0));
      Dropout dropout = new Dropout(0.1, 0, 1);
      List<PerObjective> losses = new ArrayList<>();
      for (int i = 1; i <= 60; i++) {
        dropout.step(i);
        step.upload(batch, means);
        step.gradient(dropout, 1);
        losses.add(step.losses().times(means));
        optimization.step(i);
      }
      step.measure();
      PerObjective last = step.losses().times(means);
      // A fresh model gives every piece the same chance.
      double chance = Math.log(config.vocabSize());
      assertThat(losses.getFirst().masked()).isBetween(0.9 * chance, 1.1 * chance);
      assertThat(losses.getFirst().spanBoundary()).isBetween(0.9 * chance, 1.1 * chance);
      assertThat(last.masked()).isLessThan(0.3 * chance);
      assertThat(last.spanBoundary()).isLessThan(0.3 * chance);
    }
  }
}
