package org.mirror4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.reference.ReferenceAdamW;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** The optimiser over many steps against the oracle in double. */
class AdamWTest {
  private static final int STEPS = 20;

  /** More than two pieces of the processor's kernel, with a tail. */
  private static final int SIZE = 40_007;

  private static final ParameterTable TABLE =
      ParameterTable.of(
          List.of(
              scope -> {
                scope.take(Parameter.weight("matrix", 17_003, 1, 1));
                scope.take(Parameter.bias("vector", 22_999));
              }));

  private static final int DECAYING = TABLE.decayingSize();
  private static final double RATE = 1e-2;
  private static final double WEIGHT_DECAY = 0.1;

  private Device device;
  private Workspace workspace;
  private Tensor parameters;
  private Tensor gradients;
  private AdamW optimizer;
  private Optimization optimization;

  @BeforeEach
  void open() {
    device = new HostDevice(2);
    workspace = new Workspace(device);
    parameters = workspace.f32("parameters", SIZE);
    gradients = workspace.f32("gradients", SIZE);
  }

  @AfterEach
  void close() {
    workspace.close();
    device.close();
  }

  @ParameterizedTest
  @CsvSource({
    "MOMENTS, PYTORCH, true, 0",
    "MOMENTS, PYTORCH, false, 0",
    "MOMENTS, PYTORCH, false, 1",
    "MOMENTS, PYTORCH, true, 1e6",
    "NONE, BERT, true, 0",
    "NONE, BERT, false, 1",
    "STEP_SIZE, FAIRSEQ, true, 1",
    "STEP_SIZE, FAIRSEQ, false, 0"
  })
  void manySteps(
      BiasCorrection correction,
      ReferenceAdamW.Variant variant,
      boolean decaysAll,
      double maxGradNorm) {
    float beta1 = 0.9f;
    float beta2 = 0.98f;
    float epsilon = 1e-6f;
    LearningRateSchedule schedule = LearningRateSchedule.linear(RATE, 5, STEPS);
    optimize(
        new AdamW.Settings(correction, beta1, beta2, epsilon, WEIGHT_DECAY, decaysAll),
        schedule,
        maxGradNorm);
    Random random = new Random(1);
    float[] start = DeviceBuffers.normal(random, SIZE, 1);
    device.upload(parameters, start);
    double[] expected = doubles(start);
    double[] m = new double[SIZE];
    double[] v = new double[SIZE];
    for (int step = 1; step <= STEPS; step++) {
      float[] gradient = DeviceBuffers.normal(random, SIZE, 0.1);
      device.upload(gradients, gradient);
      assertThat(optimization.step(step)).isTrue();
      double[] clipped = doubles(gradient);
      clip(clipped, maxGradNorm);
      double rate = schedule.rate(step);
      double othersDecay = decaysAll ? WEIGHT_DECAY : 0;
      new Reference(
              new ReferenceAdamW(variant, rate, beta1, beta2, epsilon, WEIGHT_DECAY),
              new ReferenceAdamW(variant, rate, beta1, beta2, epsilon, othersDecay))
          .step(expected, clipped, m, v, step);
    }
    // An update is at most about the rate times the largest |m| / sqrt(v), which by Cauchy and
    // Schwarz is at most (1 - beta1) / sqrt((1 - beta2) (1 - beta1^2 / beta2)) = 1.7; it is off by
    // some ten roundings of the moments, each of which carries over with weight beta1. Parameters
    // below 4 round twice a step.
    double u = DeviceBuffers.U;
    double bound = STEPS * (2 * 4 * u + RATE * 20 * u);
    DeviceBuffers.assertWithin("parameters", floats(parameters), expected, bound);
    assertMoments(optimizer, m, v);
  }

  /** Each step rounds three times and the sums are of positive weights. */
  private void assertMoments(AdamW optimizer, double[] m, double[] v) {
    double largest = Arrays.stream(m).map(Math::abs).max().orElseThrow();
    double bound = 10 * 4 * DeviceBuffers.U * Math.max(largest, 0.5);
    DeviceBuffers.assertWithin("firstMoment", floats(optimizer.firstMoment()), m, bound);
    double[] bounds =
        Arrays.stream(v).map(value -> STEPS * 4 * DeviceBuffers.U * value + 1e-12).toArray();
    DeviceBuffers.assertWithin("secondMoment", floats(optimizer.secondMoment()), v, bounds);
  }

  /** Biases and LayerNorm keep their size where decay leaves them out. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void decayWithoutGradient(boolean decaysAll) {
    optimize(
        new AdamW.Settings(BiasCorrection.MOMENTS, 0.9, 0.999, 1e-8, WEIGHT_DECAY, decaysAll),
        LearningRateSchedule.constant(RATE),
        1);
    device.kernels().memory().fill(parameters, 1);
    device.kernels().memory().fill(gradients, 0);
    optimization.step(1);
    float decayed = (float) (1 - RATE * WEIGHT_DECAY);
    float[] values = floats(parameters);
    assertThat(Arrays.copyOf(values, DECAYING)).containsOnly(decayed);
    assertThat(Arrays.copyOfRange(values, DECAYING, SIZE)).containsOnly(decaysAll ? decayed : 1f);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, 1e30f})
  void gradientThatIsNotFinite(float bad) {
    optimize(AdamW.Settings.bert(0.01), LearningRateSchedule.constant(RATE), 1);
    float[] start = DeviceBuffers.normal(new Random(2), SIZE, 1);
    device.upload(parameters, start);
    float[] gradient = new float[SIZE];
    gradient[SIZE - 1] = bad;
    device.upload(gradients, gradient);
    assertThatThrownBy(() -> optimization.step(7))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("step 7")
        .hasMessageContaining("not finite");
    assertThat(floats(parameters)).isEqualTo(start);
    assertThat(floats(optimizer.firstMoment())).containsOnly(0f);
    assertThat(floats(optimizer.secondMoment())).containsOnly(0f);
  }

  private void optimize(
      AdamW.Settings settings, LearningRateSchedule schedule, double maxGradNorm) {
    optimizer =
        new AdamW(device, workspace, TABLE, parameters, parameters, gradients, settings, schedule);
    optimization =
        new Optimization(
            device,
            workspace,
            List.of(optimizer),
            Clipping.global(maxGradNorm),
            LossScaler.of(DType.F32));
  }

  /** The oracle with the decay of matrices, then of vectors. */
  private record Reference(ReferenceAdamW matrices, ReferenceAdamW vectors) {
    void step(double[] parameters, double[] gradients, double[] m, double[] v, int step) {
      for (boolean vector : new boolean[] {false, true}) {
        int from = vector ? DECAYING : 0;
        int to = vector ? SIZE : DECAYING;
        double[] p = Arrays.copyOfRange(parameters, from, to);
        double[] g = Arrays.copyOfRange(gradients, from, to);
        double[] first = Arrays.copyOfRange(m, from, to);
        double[] second = Arrays.copyOfRange(v, from, to);
        (vector ? vectors : matrices).step(p, g, first, second, step);
        System.arraycopy(p, 0, parameters, from, p.length);
        System.arraycopy(first, 0, m, from, p.length);
        System.arraycopy(second, 0, v, from, p.length);
      }
    }
  }

  private static void clip(double[] gradient, double maxGradNorm) {
    double norm = Math.sqrt(Arrays.stream(gradient).map(g -> g * g).sum());
    // The normal gradients of 0.1 have a norm of 20.
    assertThat(norm).isBetween(19.0, 21.0);
    if (maxGradNorm > 0 && norm > maxGradNorm) {
      Arrays.setAll(gradient, i -> gradient[i] * maxGradNorm / norm);
    }
  }

  private float[] floats(Tensor tensor) {
    float[] values = new float[(int) tensor.size()];
    device.download(values, tensor);
    return values;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }
}
