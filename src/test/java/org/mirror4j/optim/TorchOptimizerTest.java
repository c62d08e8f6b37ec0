package org.mirror4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The same steps as PyTorch in double, with decay of a weight and not of a bias, clipping and
 * schedule; made by {@code weights-converter/golden/make_optimizers.py}.
 */
class TorchOptimizerTest {
  private static final JsonNode GOLDEN =
      JsonFiles.read(Path.of("src/test/resources/golden/optimizers.json"));

  private static final int STEPS = GOLDEN.path("steps").asInt();
  private static final double PEAK = GOLDEN.path("peak").asDouble();
  private static final int WARMUP_STEPS = GOLDEN.path("warmupSteps").asInt();

  @Test
  void adamW() {
    ParameterTable table =
        ParameterTable.of(
            List.of(
                scope -> {
                  scope.take(Parameter.weight("weight", 17, 1, 1));
                  scope.take(Parameter.bias("bias", 5));
                }));
    try (Device device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      Tensor parameters = workspace.f32("parameters", table.size());
      Tensor gradients = workspace.f32("gradients", table.size());
      device.kernels().memory().fill(gradients, 0);
      AdamW optimizer =
          new AdamW(
              device,
              workspace,
              table,
              parameters,
              parameters,
              gradients,
              new AdamW.Settings(
                  BiasCorrection.MOMENTS,
                  GOLDEN.path("beta1").asDouble(),
                  GOLDEN.path("beta2").asDouble(),
                  GOLDEN.path("epsilon").asDouble(),
                  GOLDEN.path("weightDecay").asDouble(),
                  false),
              LearningRateSchedule.linearFromZero(PEAK, WARMUP_STEPS, STEPS));
      Optimization optimization =
          new Optimization(
              device,
              workspace,
              List.of(optimizer),
              Clipping.global(GOLDEN.path("maxNorm").asDouble()),
              LossScaler.of(DType.F32));
      for (ParameterTable.Entry entry : table.entries()) {
        device.upload(table.view(parameters, entry.name()), floats(GOLDEN.path(entry.name())));
      }
      for (int step = 1; step <= STEPS; step++) {
        JsonNode gradient = GOLDEN.path("gradients").path(step - 1);
        for (ParameterTable.Entry entry : table.entries()) {
          device.upload(table.view(gradients, entry.name()), floats(gradient.path(entry.name())));
        }
        optimization.step(step);
        for (ParameterTable.Entry entry : table.entries()) {
          float[] got = new float[(int) entry.shape().size()];
          device.download(got, table.view(parameters, entry.name()));
          // As in AdamWTest; PyTorch adds 1e-6 to a norm of 0.5 and more, which changes both
          // moments by a relative 2e-6 and 4e-6.
          double u = DeviceBuffers.U;
          double bound = STEPS * (2 * 4 * u + PEAK * 1.7 * (20 * u + 4e-6));
          double[] expected = doubles(GOLDEN.path("parameters").path(step - 1).path(entry.name()));
          DeviceBuffers.assertWithin("step " + step + " " + entry.name(), got, expected, bound);
        }
      }
    }
  }

  @Test
  void schedules() {
    LearningRateSchedule fromZero = LearningRateSchedule.linearFromZero(PEAK, WARMUP_STEPS, STEPS);
    LearningRateSchedule overWarmup = LearningRateSchedule.linearOverWarmup(PEAK, 0, STEPS);
    for (int step = 1; step <= STEPS; step++) {
      // A few roundings of f64 each; PolynomialLR multiplies from step to step.
      assertThat(fromZero.rate(step))
          .isCloseTo(
              GOLDEN.path("linearFromZero").path(step - 1).asDouble(), within(PEAK * 0x1p-50));
      assertThat(overWarmup.rate(step))
          .isCloseTo(
              GOLDEN.path("polynomialDecay").path(step - 1).asDouble(), within(PEAK * 0x1p-50));
    }
  }

  private static float[] floats(JsonNode values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.path(i).floatValue();
    }
    return floats;
  }

  private static double[] doubles(JsonNode values) {
    double[] doubles = new double[values.size()];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = values.path(i).asDouble();
    }
    return doubles;
  }
}
