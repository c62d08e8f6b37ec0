package org.mirror4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
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
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** The optimiser over many steps against the oracle in double. */
class AdamWTest {
  private static final int STEPS = 20;

  /** More than two pieces of the processor's kernel, with a tail. */
  private static final int SIZE = 40_007;

  private static final int MATRICES = 17_003;
  private static final double RATE = 1e-2;
  private static final double WEIGHT_DECAY = 0.1;

  private Device device;
  private Workspace workspace;
  private Tensor parameters;
  private Tensor gradients;

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
  @CsvSource({"true, 0", "false, 0", "false, 1", "true, 1e6"})
  void manySteps(boolean decayVectors, double maxGradNorm) {
    float beta1 = 0.9f;
    float beta2 = 0.98f;
    float epsilon = 1e-6f;
    AdamW optimizer =
        optimizer(
            new AdamW.Settings(beta1, beta2, epsilon, WEIGHT_DECAY, decayVectors, maxGradNorm));
    LearningRateSchedule schedule = LearningRateSchedule.linear(RATE, 5, STEPS);
    Random random = new Random(1);
    float[] start = DeviceBuffers.normal(random, SIZE, 1);
    device.upload(parameters, start);
    double[] expected = doubles(start);
    double[] m = new double[SIZE];
    double[] v = new double[SIZE];
    for (int step = 1; step <= STEPS; step++) {
      float[] gradient = DeviceBuffers.normal(random, SIZE, 0.1);
      device.upload(gradients, gradient);
      optimizer.step(schedule.rate(step), step);
      double[] clipped = doubles(gradient);
      clip(clipped, maxGradNorm);
      reference(schedule.rate(step), beta1, beta2, epsilon, decayVectors)
          .step(expected, clipped, m, v, step);
    }
    // An update is at most about the rate times the largest |m| / sqrt(v), which (1 - beta1) /
    // sqrt(1 - beta2) bounds by 1; it is off by some ten roundings of the moments, each of which
    // carries over with weight beta1. Parameters below 4 round twice a step.
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
  void decayWithoutGradient(boolean decayVectors) {
    AdamW optimizer =
        optimizer(new AdamW.Settings(0.9, 0.999, 1e-8, WEIGHT_DECAY, decayVectors, 1));
    device.kernels().memory().fill(parameters, 1);
    device.kernels().memory().fill(gradients, 0);
    optimizer.step(RATE, 1);
    float decayed = (float) (1 - RATE * WEIGHT_DECAY);
    float[] values = floats(parameters);
    assertThat(Arrays.copyOf(values, MATRICES)).containsOnly(decayed);
    assertThat(Arrays.copyOfRange(values, MATRICES, SIZE))
        .containsOnly(decayVectors ? decayed : 1f);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, 1e30f})
  void gradientThatIsNotFinite(float bad) {
    AdamW optimizer = optimizer(new AdamW.Settings(0.9, 0.999, 1e-8, 0.01, true, 1));
    float[] start = DeviceBuffers.normal(new Random(2), SIZE, 1);
    device.upload(parameters, start);
    float[] gradient = new float[SIZE];
    gradient[SIZE - 1] = bad;
    device.upload(gradients, gradient);
    assertThatThrownBy(() -> optimizer.step(RATE, 7))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("step 7")
        .hasMessageContaining("not finite");
    assertThat(floats(parameters)).isEqualTo(start);
    assertThat(floats(optimizer.firstMoment())).containsOnly(0f);
    assertThat(floats(optimizer.secondMoment())).containsOnly(0f);
  }

  private AdamW optimizer(AdamW.Settings settings) {
    return new AdamW(
        device,
        workspace,
        parameters,
        parameters,
        gradients,
        MATRICES,
        LossScaler.of(DType.F32),
        settings);
  }

  /** The oracle with the decay of matrices, then of vectors. */
  private record Reference(ReferenceAdamW matrices, ReferenceAdamW vectors) {
    void step(double[] parameters, double[] gradients, double[] m, double[] v, int step) {
      for (boolean vector : new boolean[] {false, true}) {
        int from = vector ? MATRICES : 0;
        int to = vector ? SIZE : MATRICES;
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

  private static Reference reference(
      double rate, double beta1, double beta2, double epsilon, boolean decayVectors) {
    return new Reference(
        new ReferenceAdamW(rate, beta1, beta2, epsilon, WEIGHT_DECAY),
        new ReferenceAdamW(rate, beta1, beta2, epsilon, decayVectors ? WEIGHT_DECAY : 0));
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
