package org.mirror4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.device.Device;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.support.RoundingDevice;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** The optimiser where activations are stored in a type of 16 bits. */
class ScaledAdamWTest {
  private static final int SIZE = 1025;

  private static final ParameterTable TABLE =
      ParameterTable.of(
          List.of(
              scope -> {
                scope.take(Parameter.weight("matrix", 769, 1, 1));
                scope.take(Parameter.bias("vector", SIZE - 784));
              }));

  private static final double RATE = 1e-2;
  private static final AdamW.Settings SETTINGS =
      new AdamW.Settings(BiasCorrection.MOMENTS, 0.9, 0.999, 1e-8, 0.1, true);

  private Device device;
  private Workspace workspace;
  private DeviceBuffers buffers;

  @BeforeEach
  void open() {
    device = new RoundingDevice(1);
    workspace = new Workspace(device);
    buffers = new DeviceBuffers(device);
  }

  @AfterEach
  void close() {
    buffers.close();
    workspace.close();
    device.close();
  }

  /** One optimiser with its buffers, all of the same start. */
  private final class Run {
    final LossScaler scaler;
    final Tensor parameters = workspace.f32("parameters", SIZE);
    final Tensor stored;
    final AdamW optimizer;
    private final Optimization optimization;
    private final Tensor gradients = workspace.f32("gradients", SIZE);

    Run(DType storage) {
      scaler = LossScaler.of(storage);
      device.upload(parameters, DeviceBuffers.normal(new Random(1), SIZE, 1));
      stored =
          storage == DType.F32 ? parameters : workspace.tensor("stored", storage, Shape.of(SIZE));
      optimizer =
          new AdamW(
              device,
              workspace,
              TABLE,
              parameters,
              stored,
              gradients,
              SETTINGS,
              LearningRateSchedule.constant(RATE));
      optimization =
          new Optimization(device, workspace, List.of(optimizer), Clipping.global(1), scaler);
    }

    /** A step on a gradient times the scale. */
    boolean step(float[] gradient, int step) {
      float[] scaled = gradient.clone();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= scaler.scale();
      }
      device.upload(gradients, scaled);
      return optimization.step(step);
    }
  }

  /** A power of two goes in and comes out without a rounding, clipping included. */
  @Test
  void theScaleChangesNoBit() {
    Run plain = new Run(DType.F32);
    Run scaled = new Run(DType.F16);
    Random random = new Random(2);
    for (int step = 1; step <= 3; step++) {
      float[] gradient = DeviceBuffers.normal(random, SIZE, 0.1);
      assertThat(plain.step(gradient, step)).isTrue();
      assertThat(scaled.step(gradient, step)).isTrue();
    }
    assertThat(buffers.floats(scaled.parameters)).isEqualTo(buffers.floats(plain.parameters));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F16", "BF16"})
  void theStoredParametersAreTheRoundedOnes(DType storage) {
    Run run = new Run(storage);
    run.step(DeviceBuffers.normal(new Random(3), SIZE, 0.1), 1);
    Tensor rounded = workspace.tensor("rounded", storage, Shape.of(SIZE));
    device.kernels().memory().convert(rounded, run.parameters);
    assertThat(buffers.floats(run.stored)).isEqualTo(buffers.floats(rounded));
  }

  /** A skipped step leaves everything as it was, Adam's count of updates too. */
  @Test
  void aSkippedStepIsAsIfItHadNotBeen() {
    Run plain = new Run(DType.F32);
    Run skipping = new Run(DType.F16);
    float[] start = buffers.floats(skipping.parameters);
    float[] bad = new float[SIZE];
    bad[SIZE - 1] = Float.POSITIVE_INFINITY;
    assertThat(skipping.step(bad, 1)).isFalse();
    assertThat(skipping.scaler.scale()).isEqualTo(32768f);
    assertThat(buffers.floats(skipping.parameters)).isEqualTo(start);
    assertThat(buffers.floats(skipping.optimizer.firstMoment())).containsOnly(0f);
    assertThat(buffers.floats(skipping.optimizer.secondMoment())).containsOnly(0f);
    float[] gradient = DeviceBuffers.normal(new Random(4), SIZE, 0.1);
    assertThat(skipping.step(gradient, 2)).isTrue();
    assertThat(plain.step(gradient, 1)).isTrue();
    assertThat(buffers.floats(skipping.parameters)).isEqualTo(buffers.floats(plain.parameters));
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F16", "BF16"})
  void aGradientThatNoScaleHelps(DType storage) {
    Run run = new Run(storage);
    if (storage == DType.F16) {
      run.scaler.restore(new LossScaler.State(1, 0, 16));
    }
    float[] bad = new float[SIZE];
    Arrays.fill(bad, Float.NaN);
    assertThatThrownBy(() -> run.step(bad, 17))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("step 17: the gradient is not finite; lower the learning rate");
  }
}
