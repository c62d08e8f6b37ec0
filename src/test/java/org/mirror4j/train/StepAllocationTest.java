package org.mirror4j.train;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.method.mirror.MirrorStep;
import org.mirror4j.method.mirror.TextGroups;
import org.mirror4j.objective.MaskedBatch;
import org.mirror4j.objective.PerObjective;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.objective.PretrainingObjective;
import org.mirror4j.objective.PretrainingStep;
import org.mirror4j.objective.PretrainingTargets;
import org.mirror4j.optim.AdamW;
import org.mirror4j.optim.Clipping;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.optim.Optimization;
import org.mirror4j.support.HeapOfSteps;
import org.mirror4j.support.IdleDevice;
import org.mirror4j.support.SmallModel;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/**
 * A step that is prepared takes no memory from the heap, whatever the device: measured over kernels
 * that do nothing, as what a kernel in Java takes depends on how it is compiled.
 */
class StepAllocationTest {
  private static final int MASK_ID = 4;

  @ParameterizedTest
  @EnumSource(
      value = Pooling.class,
      names = {"CLS", "MEAN", "FIRST_LAST_AVG", "MASK"})
  void contrastive(Pooling pooling) {
    BertConfig config = TinyRun.config();
    Random random = new Random(1);
    int[][] views = new int[8][];
    for (int i = 0; i < views.length; i++) {
      views[i] = random.ints(1 + random.nextInt(20), 5, config.vocabSize()).toArray();
      views[i][0] = MASK_ID;
    }
    PackedBatch packed = PackedBatch.of(views, config.positions());
    int[] groups = TextGroups.distinct(4);
    Dropout dropout = new Dropout(0.1, 0.2, 1);
    try (Device device = new IdleDevice();
        Workspace workspace = new Workspace(device)) {
      BertModel model = SmallModel.load(device, workspace, config, TinyRun.parameters());
      Trainable trainable =
          Trainable.of(
              device,
              workspace,
              model.table(),
              model.parameters(),
              model.stored(),
              List.of(
                  new AdamW.Group(
                      name -> true,
                      AdamW.Settings.bert(0.01),
                      LearningRateSchedule.constant(1e-6))),
              Optional.of(BertModel.WORDS));
      Optimization optimization = trainable.optimization(device, workspace, Clipping.global(1));
      MirrorStep step =
          new MirrorStep(
              device,
              workspace,
              model,
              trainable,
              TinyRun.mirrorSettings(1, 4, 1)
                  .with(Map.of("pooling", pooling, "template", "{} [MASK]")),
              true,
              MASK_ID,
              BatchSize.of(packed));
      HeapOfSteps.requireNone(
          number -> {
            dropout.step(number);
            step.upload(packed, groups);
            step.lossAndGradient(dropout, 1);
            optimization.step(number);
          });
    }
  }

  @Test
  void masked() {
    BertConfig config = TinyRun.config();
    int[][] sequences = {{7, 8, 9, 10, 11, 12, 13}, {14}, {15, 16, 17}};
    MaskedBatch batch =
        new MaskedBatch(
            PackedBatch.of(sequences, config.positions()),
            new PretrainingTargets(
                new int[] {0, 3, 7, 9},
                new int[] {20, 21, 22, 23},
                PretrainingTargets.Spans.of(
                    new int[] {2, 4}, new int[] {0}, new int[] {1}, new int[] {0}, new int[] {21}),
                new int[] {8},
                new int[] {1}));
    Dropout dropout = new Dropout(0.1, 0, 1);
    try (Device device = new IdleDevice();
        Workspace workspace = new Workspace(device)) {
      BertModel model = BertModel.fresh(device, workspace, config, 1, HEADS.blocks(config));
      Trainable trainable =
          TinyRun.trainable(device, workspace, model, 0.01, LearningRateSchedule.constant(1e-6));
      Optimization optimization = trainable.optimization(device, workspace, Clipping.global(1));
      PretrainingStep step =
          new PretrainingStep(
              device,
              workspace,
              model,
              HEADS,
              trainable.gradients(),
              true,
              BatchSize.of(batch.packed()),
              new PretrainingObjective.Limits(5, 3, 2));
      PerObjective scales = batch.targets().counts().inverse();
      HeapOfSteps.requireNone(
          number -> {
            dropout.step(number);
            step.upload(batch, scales);
            step.gradient(dropout, 1);
            optimization.step(number);
          });
    }
  }

  private static final PretrainingHeads HEADS =
      new PretrainingHeads(Optional.of(new PretrainingHeads.SpanBoundarySize(3, 5)), true);
}
