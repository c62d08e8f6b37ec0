package org.mirror4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.reference.ReferenceAdamW;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** Two optimisers of different kind and rate on one loss, against the oracle in double. */
class OptimizationTest {
  private static final int STEPS = 6;
  private static final double WEIGHT_DECAY = 0.1;
  private static final double PEAK = 1e-2;

  private Device device;
  private Workspace workspace;
  private Side encoder;
  private Side head;

  /** One optimiser with its parameters, and the same in double. */
  private final class Side {
    final ParameterTable table;
    final Tensor parameters;
    final Tensor gradients;
    final AdamW optimizer;
    final LearningRateSchedule schedule;
    final ReferenceAdamW.Variant variant;
    final AdamW.Settings settings;

    /** By parameter: values, first and second moments. */
    final List<double[][]> expected = new ArrayList<>();

    Side(
        AdamW.Settings settings,
        ReferenceAdamW.Variant variant,
        LearningRateSchedule schedule,
        Random random,
        Parameter... declared) {
      this.settings = settings;
      this.variant = variant;
      this.schedule = schedule;
      table =
          ParameterTable.of(
              List.of(
                  scope -> {
                    for (Parameter parameter : declared) {
                      scope.take(parameter);
                    }
                  }));
      parameters = workspace.f32("parameters", table.size());
      gradients = workspace.f32("gradients", table.size());
      device.kernels().memory().fill(gradients, 0);
      optimizer =
          new AdamW(
              device, workspace, table, parameters, parameters, gradients, settings, schedule);
      for (ParameterTable.Entry entry : table.entries()) {
        int size = (int) entry.shape().size();
        float[] start = DeviceBuffers.normal(random, size, 1);
        device.upload(table.view(parameters, entry.name()), start);
        expected.add(new double[][] {doubles(start), new double[size], new double[size]});
      }
    }

    /** Gradients of a size for each parameter, on the device times the loss scale. */
    List<double[]> gradients(Random random, float lossScale, double... deviations) {
      List<double[]> drawn = new ArrayList<>();
      for (ParameterTable.Entry entry : table.entries()) {
        int size = (int) entry.shape().size();
        float[] gradient = DeviceBuffers.normal(random, size, deviations[drawn.size()]);
        drawn.add(doubles(gradient));
        for (int i = 0; i < size; i++) {
          gradient[i] *= lossScale;
        }
        device.upload(table.view(gradients, entry.name()), gradient);
      }
      return drawn;
    }

    void step(List<double[]> gradients, int step) {
      double rate = schedule.rate(step);
      for (int i = 0; i < expected.size(); i++) {
        boolean decays = settings.decaysAll() || table.entries().get(i).parameter().decays();
        double[][] one = expected.get(i);
        new ReferenceAdamW(
                variant,
                rate,
                (float) settings.beta1(),
                (float) settings.beta2(),
                (float) settings.epsilon(),
                decays ? settings.weightDecay() : 0)
            .step(one[0], gradients.get(i), one[1], one[2], step);
      }
    }

    float[] floats(String name) {
      Tensor tensor = table.view(parameters, name);
      float[] values = new float[(int) tensor.size()];
      device.download(values, tensor);
      return values;
    }

    void requireExpected() {
      for (int i = 0; i < expected.size(); i++) {
        String name = table.entries().get(i).name();
        // Without correction |m| / sqrt(v) is at most 6.2 after six steps, by Cauchy and Schwarz
        // for decays of 0.9 and 0.999, and carries some ten roundings; clipping adds those of sum,
        // root and product, to both moments. Parameters below 4 round twice a step.
        double bound = STEPS * (2 * 4 * DeviceBuffers.U + 2 * PEAK * 6.2 * 20 * DeviceBuffers.U);
        DeviceBuffers.assertWithin(name, floats(name), expected.get(i)[0], bound);
      }
    }
  }

  @BeforeEach
  void open() {
    device = new HostDevice(2);
    workspace = new Workspace(device);
    Random random = new Random(1);
    encoder =
        new Side(
            AdamW.Settings.bert(WEIGHT_DECAY),
            ReferenceAdamW.Variant.BERT,
            LearningRateSchedule.linear(PEAK, 2, STEPS),
            random,
            Parameter.weight("matrix", 33, 7, 1),
            Parameter.gain("gain", 7),
            Parameter.bias("bias", 33));
    head =
        new Side(
            new AdamW.Settings(BiasCorrection.STEP_SIZE, 0.9, 0.999, 1e-8, WEIGHT_DECAY, true),
            ReferenceAdamW.Variant.FAIRSEQ,
            LearningRateSchedule.constant(2 * PEAK),
            random,
            Parameter.weight("head.matrix", 129, 1, 1),
            Parameter.bias("head.bias", 3));
  }

  @AfterEach
  void close() {
    workspace.close();
    device.close();
  }

  private Optimization optimization(Clipping clipping, DType storage) {
    return new Optimization(
        device,
        workspace,
        List.of(encoder.optimizer, head.optimizer),
        clipping,
        LossScaler.of(storage));
  }

  /** The norms of the five gradients are about 15, 0.3, 0.6, 1.1 and 0.02. */
  @ParameterizedTest
  @CsvSource({
    "ALL, 1, F32",
    "ALL, 100, F32",
    "ALL, 0, F32",
    "ALL, 1, F16",
    "OPTIMIZER, 2, F32",
    "OPTIMIZER, 0.5, F16",
    "OPTIMIZER, 0, F32"
  })
  void clippingOverSteps(Clipping.Over over, double maxNorm, DType storage) {
    Optimization optimization = optimization(new Clipping(over, maxNorm), storage);
    Random random = new Random(2);
    boolean clipped = false;
    boolean whole = false;
    for (int step = 1; step <= STEPS; step++) {
      float scale = optimization.lossScaler().scale();
      List<double[]> ofEncoder = encoder.gradients(random, scale, 1, 0.1, 0.1);
      List<double[]> ofHead = head.gradients(random, scale, 0.1, 0.01);
      for (List<double[]> group : groups(over, ofEncoder, ofHead)) {
        double norm = norm(group);
        boolean over1 = maxNorm > 0 && norm > maxNorm;
        clipped |= over1;
        whole |= !over1;
        for (double[] gradient : group) {
          for (int i = 0; i < gradient.length && over1; i++) {
            gradient[i] *= maxNorm / norm;
          }
        }
      }
      assertThat(optimization.step(step)).isTrue();
      encoder.step(ofEncoder, step);
      head.step(ofHead, step);
    }
    assertThat(clipped).isEqualTo(maxNorm > 0 && maxNorm < 100);
    assertThat(whole).isEqualTo(!clipped || maxNorm == 2);
    encoder.requireExpected();
    head.requireExpected();
  }

  private static List<List<double[]>> groups(
      Clipping.Over over, List<double[]> first, List<double[]> second) {
    List<double[]> all = new ArrayList<>(first);
    all.addAll(second);
    return switch (over) {
      case ALL -> List.of(all);
      case OPTIMIZER -> List.of(first, second);
    };
  }

  private static double norm(List<double[]> gradients) {
    double sum = 0;
    for (double[] gradient : gradients) {
      for (double value : gradient) {
        sum += value * value;
      }
    }
    return Math.sqrt(sum);
  }

  /** A gradient of one optimiser that is not finite keeps the other from its update too. */
  @ParameterizedTest
  @EnumSource
  void allOrNone(Clipping.Over over) {
    Optimization optimization = optimization(new Clipping(over, 1), DType.F16);
    float[] start = encoder.floats("matrix");
    encoder.gradients(new Random(3), 1, 1, 1, 1);
    head.gradients(new Random(4), Float.POSITIVE_INFINITY, 1, 1);
    assertThat(optimization.step(1)).isFalse();
    assertThat(optimization.lossScaler().skippedSteps()).isEqualTo(1);
    assertThat(encoder.floats("matrix")).isEqualTo(start);
    Optimization unscaled = optimization(new Clipping(over, 1), DType.F32);
    assertThatThrownBy(() -> unscaled.step(2))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("step 2: the gradient is not finite; lower the learning rate");
    assertThat(encoder.floats("matrix")).isEqualTo(start);
  }

  @Test
  void aLimitThatIsNone() {
    for (double limit : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> Clipping.global(limit))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("largest norm of a gradient is " + limit + ", expected 0 or more");
    }
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
