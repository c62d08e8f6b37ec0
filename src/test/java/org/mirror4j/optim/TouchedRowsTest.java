package org.mirror4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.Device;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.support.RoundingDevice;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** An optimiser that leaves rows alone beside one that goes over all, bit by bit. */
class TouchedRowsTest {
  private static final int ROWS = 61;
  private static final int COLUMNS = 37;
  private static final String WORDS = "words";
  private static final AdamW.Settings DECAYING =
      new AdamW.Settings(BiasCorrection.MOMENTS, 0.9, 0.999, 1e-8, 0.3, false);

  /** Something before the table and behind it, and what does not decay. */
  private static final ParameterTable TABLE =
      ParameterTable.of(
          List.of(
              scope -> {
                scope.take(Parameter.weight("before", 3, 5, 1));
                scope.take(Parameter.weight(WORDS, ROWS, COLUMNS, 1));
                scope.take(Parameter.weight("behind", 2, 7, 1));
                scope.take(Parameter.bias("bias", 11));
              }));

  private Device device;
  private Workspace workspace;
  private DeviceBuffers buffers;

  @BeforeEach
  void open() {
    device = new RoundingDevice(2);
    workspace = new Workspace(device);
    buffers = new DeviceBuffers(device);
  }

  @AfterEach
  void close() {
    buffers.close();
    workspace.close();
    device.close();
  }

  private final class Run {
    final Tensor parameters = workspace.f32("parameters", TABLE.size());
    final Tensor stored;
    final Tensor gradients = workspace.f32("gradients", TABLE.size());
    final AdamW optimizer;
    final Optimization optimization;

    Run(
        AdamW.Settings settings,
        LearningRateSchedule schedule,
        DType storage,
        Optional<String> lookedUp) {
      device.upload(parameters, DeviceBuffers.normal(new Random(1), TABLE.size(), 1));
      stored =
          storage == DType.F32
              ? parameters
              : workspace.tensor("stored", storage, Shape.of(TABLE.size()));
      if (stored != parameters) {
        device.kernels().memory().convert(stored, parameters);
      }
      optimizer =
          new AdamW(
              device,
              workspace,
              TABLE,
              parameters,
              stored,
              gradients,
              List.of(new AdamW.Group(name -> true, settings, schedule)),
              lookedUp);
      optimization =
          new Optimization(
              device, workspace, List.of(optimizer), Clipping.global(1), LossScaler.of(storage));
    }

    void step(int step, float[] gradient) {
      float[] scaled = gradient.clone();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= optimization.lossScaler().scale();
      }
      device.upload(gradients, scaled);
      optimization.step(step);
    }

    float[] row(Tensor flat, int row) {
      return buffers.floats(TABLE.view(flat, WORDS).view("row", (long) row * COLUMNS, ROW));
    }
  }

  private static final Shape ROW = Shape.of(COLUMNS);

  /** A few rows, more often small ones; one of them is read and has no gradient. */
  private static int[] read(Random random) {
    int[] rows = new int[1 + random.nextInt(4)];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = random.nextInt(1 + random.nextInt(ROWS - 5));
    }
    return rows;
  }

  private static float[] gradient(Random random, int[] read) {
    float[] gradient = DeviceBuffers.normal(random, TABLE.size(), 0.1);
    int from = (int) TABLE.entry(WORDS).offset();
    float[] words = new float[ROWS * COLUMNS];
    for (int i = 1; i < read.length; i++) {
      System.arraycopy(gradient, from + read[i] * COLUMNS, words, read[i] * COLUMNS, COLUMNS);
    }
    System.arraycopy(words, 0, gradient, from, words.length);
    return gradient;
  }

  private void requireSame(Run lazy, Run eager) {
    lazy.optimizer.settle();
    assertThat(buffers.floats(lazy.parameters)).isEqualTo(buffers.floats(eager.parameters));
    assertThat(buffers.floats(lazy.stored)).isEqualTo(buffers.floats(eager.stored));
    assertThat(buffers.floats(lazy.optimizer.firstMoment()))
        .isEqualTo(buffers.floats(eager.optimizer.firstMoment()));
    assertThat(buffers.floats(lazy.optimizer.secondMoment()))
        .isEqualTo(buffers.floats(eager.optimizer.secondMoment()));
  }

  /**
   * Of what a step reads each row is as it should be before; at the end, and now and then as a
   * checkpoint is written, all are. More updates than factors are kept.
   */
  @ParameterizedTest
  @CsvSource({
    "F32, MOMENTS, 0.3, 0",
    "F32, NONE, 0, 0",
    "BF16, STEP_SIZE, 0.3, 7",
    "F16, MOMENTS, 0.3, 100"
  })
  void asOverAllRows(DType storage, BiasCorrection correction, double decay, int settled) {
    AdamW.Settings settings = new AdamW.Settings(correction, 0.9, 0.999, 1e-6, decay, false);
    int steps = TouchedRows.MISSED + 40;
    LearningRateSchedule schedule = LearningRateSchedule.linear(1e-2, 30, steps);
    Run lazy = new Run(settings, schedule, storage, Optional.of(WORDS));
    Run eager = new Run(settings, schedule, storage, Optional.empty());
    Random random = new Random(3);
    for (int step = 1; step <= steps; step++) {
      int[] read = read(random);
      lazy.optimizer.touch(read);
      eager.optimizer.touch(read);
      for (int row : read) {
        assertThat(lazy.row(lazy.stored, row)).isEqualTo(eager.row(eager.stored, row));
      }
      float[] gradient = gradient(random, read);
      if (step == 20) {
        gradient[TABLE.size() - 1] = storage == DType.F16 ? Float.POSITIVE_INFINITY : 1;
      }
      lazy.step(step, gradient);
      eager.step(step, gradient);
      if (settled > 0 && step % settled == 0) {
        requireSame(lazy, eager);
      }
    }
    requireSame(lazy, eager);
  }

  /** As a run that goes on: only buffers are left of the first one. */
  @Test
  void goingOn() {
    LearningRateSchedule schedule = LearningRateSchedule.constant(1e-2);
    Run eager = new Run(DECAYING, schedule, DType.F32, Optional.empty());
    Run first = new Run(DECAYING, schedule, DType.F32, Optional.of(WORDS));
    Random random = new Random(4);
    Run lazy = first;
    for (int step = 1; step <= 30; step++) {
      if (step == 12) {
        lazy = new Run(DECAYING, schedule, DType.F32, Optional.of(WORDS));
        goOn(lazy, first);
      }
      int[] read = read(random);
      lazy.optimizer.touch(read);
      float[] gradient = gradient(random, read);
      lazy.step(step, gradient);
      eager.step(step, gradient);
    }
    requireSame(lazy, eager);
  }

  private void goOn(Run lazy, Run first) {
    first.optimizer.settle();
    device.upload(lazy.parameters, buffers.floats(first.parameters));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment firstMoment = arena.allocate(first.parameters.bytes(), 64);
      MemorySegment secondMoment = arena.allocate(first.parameters.bytes(), 64);
      device.download(firstMoment, first.optimizer.firstMoment());
      device.download(secondMoment, first.optimizer.secondMoment());
      // What was missed before is no matter of the other parameters.
      lazy.optimizer.touch(new int[] {1});
      lazy.step(1, new float[TABLE.size()]);
      device.upload(lazy.parameters, buffers.floats(first.parameters));
      lazy.optimizer.recall(firstMoment, secondMoment);
    }
  }

  /** Else the time would be that of all rows: what nobody reads has no bit changed until then. */
  @Test
  void rowsThatNobodyReadsAreLeftAlone() {
    Run lazy =
        new Run(DECAYING, LearningRateSchedule.constant(1e-2), DType.F32, Optional.of(WORDS));
    float[] before = lazy.row(lazy.parameters, 5);
    lazy.optimizer.touch(new int[] {4});
    lazy.step(1, gradient(new Random(5), new int[] {4, 4}));
    assertThat(lazy.row(lazy.parameters, 5)).isEqualTo(before);
    lazy.optimizer.settle();
    float factor = (float) (1 - (double) 1e-2f * 0.3f);
    for (int i = 0; i < COLUMNS; i++) {
      before[i] *= factor;
    }
    assertThat(lazy.row(lazy.parameters, 5)).isEqualTo(before);
  }

  /** 0 / 0 would be no number in the rows that nobody reads. */
  @Test
  void withoutEpsilonItIsRefused() {
    AdamW.Settings settings = new AdamW.Settings(BiasCorrection.NONE, 0.9, 0.999, 0, 0, false);
    assertThatThrownBy(
            () ->
                new Run(settings, LearningRateSchedule.constant(1), DType.F32, Optional.of(WORDS)))
        .hasMessage(
            "epsilon is 0.0, expected more than 0 where rows are looked up: 0 / 0 is no number");
  }
}
