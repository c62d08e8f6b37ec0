package org.mirror4j.method.finetune;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.optim.Clipping;
import org.mirror4j.optim.LearningRateSchedule;
import org.mirror4j.optim.Optimization;
import org.mirror4j.support.HeapOfSteps;
import org.mirror4j.support.IdleDevice;
import org.mirror4j.task.ToyHead;
import org.mirror4j.task.ToyTask;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.Trainable;

/**
 * A step that is prepared takes no memory from the heap, whatever the head and the device, be it
 * replayed or not; nor do predictions.
 */
class TaskStepAllocationTest {
  private static final int CLASSES = 3;

  @ParameterizedTest
  @EnumSource
  void steps(ToyHead head) {
    requireNone(head, 1);
  }

  @ParameterizedTest
  @EnumSource
  void replayedSteps(ToyHead head) {
    requireNone(head, 16);
  }

  private static void requireNone(ToyHead head, int tokenMultiple) {
    BertConfig config = TinyRun.config();
    PackedBatch packed =
        PackedBatch.of(
            new int[][] {{7, 8, 9, 10, 11, 12, 13}, {14}, {15, 16, 17}}, config.positions());
    int[] targets =
        switch (head) {
          case CLASSES -> new int[] {2, 0, 1};
          case TOKENS -> new int[packed.totalTokens()];
          case ANSWERS -> new int[] {3, 4, 0, 0, 1, 2};
        };
    Dropout dropout = new Dropout(0.1, 0, 1);
    try (Device device = new IdleDevice(tokenMultiple);
        Workspace workspace = new Workspace(device)) {
      BertModel model = BertModel.fresh(device, workspace, config, 1, head.blocks(config, CLASSES));
      Trainable trainable =
          TinyRun.trainable(device, workspace, model, 0.01, LearningRateSchedule.constant(1e-6));
      Optimization optimization = trainable.optimization(device, workspace, Clipping.global(1));
      ToyTask task = ToyTask.of(head, CLASSES);
      BatchSize size = BatchSize.of(packed);
      TaskStep<int[]> step =
          new TaskStep<>(device, workspace, model, task, trainable.gradients(), true, size);
      TaskStep<int[]> predict = new TaskStep<>(device, workspace, model, task, null, false, size);
      HeapOfSteps.requireNone(
          number -> {
            dropout.step(number);
            step.upload(packed, targets);
            step.gradient(dropout, 1);
            step.lossSum();
            optimization.step(number);
            predict.predict(packed);
          });
    }
  }
}
