package org.mirror4j.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mirror4j.support.DeviceBuffers.U;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.Activation;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Tensor;

/** {@link org.mirror4j.device.operation.Activation}. */
public abstract class ActivationContract extends OperationContract {
  private static final double SLOPE = Math.sqrt(2 / Math.PI);

  @Test
  void biasGelu() {
    for (GeluForm form : GeluForm.values()) {
      checkSizes(
          31,
          (kernels, buffers, random, rows, width) ->
              biasGelu(kernels, buffers, random, rows, width, form));
    }
  }

  private static List<float[]> biasGelu(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows, int width, GeluForm form) {
    float[] x = buffers.rounded(DeviceBuffers.normal(random, rows * width, 3));
    float[] bias = normal(random, width);
    float[] dY = buffers.rounded(normal(random, rows, width));
    float[] before = normal(random, width);
    Tensor xs = buffers.stored("x", x, rows, width);
    Tensor biases = buffers.f32("bias", bias, width);
    Tensor ys = buffers.stored("y", rows, width);
    kernels.activation().biasGelu(ys, xs, biases, form);
    Tensor dXs = buffers.stored("dX", rows, width);
    Tensor dBiases = buffers.f32("dBias", before, width);
    Tensor dYs = buffers.stored("dY", dY, rows, width);
    kernels.activation().biasGeluBackward(dXs, dBiases, dYs, xs, biases, form);
    float[] y = buffers.floats(ys);
    float[] dX = buffers.floats(dXs);
    float[] dBias = buffers.floats(dBiases);
    double[] expected = new double[y.length];
    double[] bounds = new double[y.length];
    double[] gradients = new double[y.length];
    double[] gradientBounds = new double[y.length];
    boolean isExact = buffers.storageRoundoff() == 0;
    double[] errors = new double[width];
    ColumnReference sums = new ColumnReference(before, rows + 1);
    for (int i = 0; i < y.length; i++) {
      double shifted = x[i] + bias[i % width]; // rounded to f32, as every device does
      expected[i] = value(form, shifted);
      gradients[i] = dY[i] * slope(form, shifted);
      // What a device may be off by; its own tests tell how it stays within. One more for dY.
      bounds[i] = 6 * U * Math.max(1, Math.abs(shifted));
      gradientBounds[i] = Math.abs(dY[i]) * 9 * U;
      // A device may sum what it has before it is rounded to the storage type.
      sums.add(i % width, isExact ? dX[i] : gradients[i]);
      errors[i % width] += isExact ? 0 : gradientBounds[i];
    }
    buffers.assertStoredWithin("y", y, expected, bounds);
    buffers.assertStoredWithin("dX", dX, gradients, gradientBounds);
    sums.check("dBias", dBias, errors);

    // dX may be dY; x stays as it is.
    Tensor dBiasesAgain = buffers.f32("dBias", before, width);
    kernels.activation().biasGeluBackward(dYs, dBiasesAgain, dYs, xs, biases, form);
    buffers.assertStoredWithin("dX in place", buffers.floats(dYs), gradients, gradientBounds);
    return List.of(y, dX, dBias, buffers.floats(dYs), buffers.floats(xs));
  }

  /** {@code gelu(x)} in f64. */
  public static double value(GeluForm form, double x) {
    return switch (form) {
      case ERF -> x * NormalDistribution.cumulative(x);
      case TANH -> x / 2 * (1 + Math.tanh(SLOPE * (x + 0.044715 * x * x * x)));
    };
  }

  /** {@code gelu'(x)} in f64. */
  public static double slope(GeluForm form, double x) {
    return switch (form) {
      case ERF -> NormalDistribution.cumulative(x) + x * NormalDistribution.density(x);
      case TANH -> {
        double tanh = Math.tanh(SLOPE * (x + 0.044715 * x * x * x));
        yield (1 + tanh) / 2 + x / 2 * (1 - tanh * tanh) * SLOPE * (1 + 3 * 0.044715 * x * x);
      }
    };
  }

  @Test
  void biasRelu() {
    checkSizes(35, ActivationContract::biasRelu);
  }

  private static List<float[]> biasRelu(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows, int width) {
    float[] x = buffers.rounded(normal(random, rows, width));
    float[] bias = buffers.rounded(normal(random, width));
    float[] dY = buffers.rounded(normal(random, rows, width));
    float[] before = normal(random, width);
    for (int i = 0; i < x.length; i += 5) {
      x[i] = -bias[i % width]; // at the corner, where there is no gradient
    }
    Tensor xs = buffers.stored("x", x, rows, width);
    Tensor biases = buffers.f32("bias", bias, width);
    Tensor ys = buffers.stored("y", rows, width);
    kernels.activation().biasRelu(ys, xs, biases);
    Tensor dXs = buffers.stored("dX", rows, width);
    Tensor dBiases = buffers.f32("dBias", before, width);
    Tensor dYs = buffers.stored("dY", dY, rows, width);
    kernels.activation().biasReluBackward(dXs, dBiases, dYs, xs, biases);
    float[] y = buffers.floats(ys);
    float[] dX = buffers.floats(dXs);
    float[] dBias = buffers.floats(dBiases);
    double[] expected = new double[y.length];
    float[] gradient = new float[y.length];
    ColumnReference sums = new ColumnReference(before, rows + 1);
    for (int i = 0; i < y.length; i++) {
      float shifted = x[i] + bias[i % width]; // rounded to f32, as every device does
      expected[i] = shifted > 0 ? shifted : 0;
      gradient[i] = shifted > 0 ? dY[i] : 0;
      sums.add(i % width, gradient[i]);
    }
    buffers.assertStoredWithin("y", y, expected, new double[y.length]);
    assertThat(dX).isEqualTo(gradient);
    sums.check("dBias", dBias);

    // dX may be dY; x stays as it is.
    Tensor dBiasesAgain = buffers.f32("dBias", before, width);
    kernels.activation().biasReluBackward(dYs, dBiasesAgain, dYs, xs, biases);
    assertThat(buffers.floats(dYs)).isEqualTo(gradient);
    return List.of(y, dX, dBias, buffers.floats(xs));
  }

  @Test
  void biasReluOfNoNumberIsNone() {
    float[] x = new float[33];
    Arrays.fill(x, Float.NaN);
    check(
        36,
        (kernels, buffers, random) -> {
          Tensor y = buffers.stored("y", 1, 33);
          Tensor bias = buffers.f32("bias", normal(random, 33), 33);
          kernels.activation().biasRelu(y, buffers.stored("x", x, 1, 33), bias);
          assertThat(buffers.floats(y)).containsOnly(Float.NaN);
          return List.of();
        });
  }

  @Test
  void tanh() {
    checkSizes(33, ActivationContract::tanh);
  }

  private static List<float[]> tanh(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows, int width) {
    float[] x = buffers.rounded(normal(random, rows, width));
    for (int i = 0; i < x.length; i++) {
      // Tiny ones, those around the change of formula, and those of which nothing but 1 is left.
      x[i] *= i % 5 == 0 ? 0x1p-20f : i % 5 == 1 ? 20 : 1;
    }
    buffers.rounded(x);
    float[] dY = buffers.rounded(normal(random, rows, width));
    Tensor ys = buffers.stored("y", rows, width);
    Tensor dXs = buffers.stored("dX", rows, width);
    Tensor dYs = buffers.stored("dY", dY, rows, width);
    kernels.activation().tanh(ys, buffers.stored("x", x, rows, width));
    kernels.activation().tanhBackward(dXs, dYs, ys);
    float[] y = buffers.floats(ys);
    float[] dX = buffers.floats(dXs);
    double[] expected = new double[y.length];
    double[] bounds = new double[y.length];
    double[] gradients = new double[y.length];
    double[] gradientBounds = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      expected[i] = Math.tanh(x[i]);
      // What a device may be off by; its own tests tell how it stays within.
      bounds[i] = 8 * U * Math.abs(expected[i]);
      gradients[i] = dY[i] * (1 - (double) y[i] * y[i]);
      // The slope, rounded once, and the product.
      gradientBounds[i] = 2 * U * Math.abs(gradients[i]);
    }
    buffers.assertStoredWithin("y", y, expected, bounds);
    buffers.assertStoredWithin("dX", dX, gradients, gradientBounds);

    kernels.activation().tanhBackward(dYs, dYs, ys); // dX may be dY
    return List.of(y, dX, buffers.floats(dYs));
  }

  @Test
  void gate() {
    checkSizes(37, ActivationContract::gate);
  }

  private static List<float[]> gate(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows, int width) {
    float[] z = buffers.rounded(DeviceBuffers.normal(random, rows * width, 4));
    float[] bias = normal(random, width);
    float[] a = buffers.rounded(normal(random, rows, width));
    float[] b = buffers.rounded(normal(random, rows, width));
    float[] dY = buffers.rounded(normal(random, rows, width));
    for (int i = 0; i < z.length; i += 11) {
      z[i] = i % 2 == 0 ? 200 : -200; // one side alone is left
    }
    Activation.Gate forward =
        new Activation.Gate(
            buffers.stored("y", rows, width),
            buffers.stored("z", z, rows, width),
            buffers.f32("bias", bias, width),
            buffers.stored("a", a, rows, width),
            buffers.stored("b", b, rows, width));
    kernels.activation().gate(forward);
    Activation.GateBackward backward =
        new Activation.GateBackward(
            forward,
            buffers.stored("dZ", rows, width),
            buffers.stored("dA", rows, width),
            buffers.stored("dB", rows, width),
            buffers.stored("dY", dY, rows, width));
    kernels.activation().gateBackward(backward);
    double[][] expected = new double[4][z.length];
    double[][] bounds = new double[4][z.length];
    for (int i = 0; i < z.length; i++) {
      float t = z[i] + bias[i % width]; // rounded to f32, as every device does
      double f = 1 / (1 + Math.exp(-(double) t));
      double g = 1 / (1 + Math.exp((double) t));
      double share = (8 + 2 * Math.abs(t)) * U;
      double difference = (double) a[i] - b[i];
      expected[0][i] = f * a[i] + g * b[i];
      bounds[0][i] = (share + 2 * U) * (f * Math.abs(a[i]) + g * Math.abs(b[i]));
      expected[1][i] = dY[i] * difference * f * g;
      bounds[1][i] = (2 * share + 4 * U) * Math.abs(expected[1][i]);
      expected[2][i] = dY[i] * f;
      bounds[2][i] = (share + U) * Math.abs(expected[2][i]);
      expected[3][i] = dY[i] * g;
      bounds[3][i] = (share + U) * Math.abs(expected[3][i]);
      for (double[] bound : bounds) {
        bound[i] += Float.MIN_NORMAL; // an exponential below it is 0
      }
    }
    List<Tensor> tensors = List.of(forward.y(), backward.dZ(), backward.dA(), backward.dB());
    List<float[]> got = tensors.stream().map(buffers::floats).toList();
    for (int i = 0; i < 4; i++) {
      buffers.assertStoredWithin(tensors.get(i).name(), got.get(i), expected[i], bounds[i]);
    }
    return got;
  }

  @Test
  void dropout() {
    Dropout dropout = new Dropout(0.3, 0, 0x1234_5678_9ABC_DEF0L);
    dropout.step(17);
    dropout(dropout);
  }

  @Test
  void dropoutOfNothing() {
    dropout(Dropout.NONE);
  }

  private void dropout(Dropout dropout) {
    int site = DropoutSite.CLASSIFIER_INPUT.in(1);
    checkSizes(
        34,
        (kernels, buffers, random, rows, width) -> {
          float[] x = buffers.rounded(normal(random, rows, width));
          Tensor xs = buffers.stored("x", x, rows, width);
          Tensor ys = buffers.stored("y", rows, width);
          kernels.activation().dropout(ys, xs, dropout, site);
          kernels.activation().dropout(xs, xs, dropout, site); // y may be x
          double[] expected = new double[x.length];
          double[] bounds = new double[x.length];
          for (int i = 0; i < x.length; i++) {
            expected[i] = x[i] * multiplier(dropout, site, i / width, width, i % width);
            bounds[i] = U * Math.abs(expected[i]); // one product
          }
          float[] y = buffers.floats(ys);
          buffers.assertStoredWithin("y", y, expected, bounds);
          assertThat(buffers.floats(xs)).isEqualTo(y);
          return List.of(y);
        });
  }

  @Test
  void biasGradient() {
    checkSizes(
        32,
        (kernels, buffers, random, rows, width) -> {
          float[] dY = buffers.rounded(normal(random, rows, width));
          float[] before = normal(random, width);
          Tensor dBiases = buffers.f32("dBias", before, width);
          kernels.activation().biasGradient(dBiases, buffers.stored("dY", dY, rows, width));
          ColumnReference sums = new ColumnReference(before, rows + 1);
          for (int i = 0; i < dY.length; i++) {
            sums.add(i % width, dY[i]);
          }
          float[] dBias = buffers.floats(dBiases);
          sums.check("dBias", dBias);
          return List.of(dBias);
        });
  }
}
