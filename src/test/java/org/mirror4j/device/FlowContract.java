package org.mirror4j.device;

import static org.mirror4j.support.DeviceBuffers.U;
import static org.mirror4j.support.DeviceBuffers.assertWithin;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.Flow;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Tensor;

/** {@link org.mirror4j.device.operation.Flow}. */
public abstract class FlowContract extends OperationContract {
  private static final float D_LOG_DETERMINANT = -0.37f;

  /** Parameters of as many channels, on the device and here. */
  private record Parameters(float[] bias, float[] logScale, Flow.ActNorm tensors) {
    static Parameters draw(DeviceBuffers buffers, Random random, int channels, double deviation) {
      float[] bias = normal(random, channels);
      float[] logScale = DeviceBuffers.normal(random, channels, deviation);
      return new Parameters(
          bias,
          logScale,
          new Flow.ActNorm(
              buffers.f32("bias", bias, channels), buffers.f32("logScale", logScale, channels)));
    }

    double scale(int channel) {
      return Math.exp(3.0 * logScale[channel]);
    }

    /** Of a scale: of its argument, rounded, and of the exponential, by a card's ex2 too. */
    double error(int channel) {
      return (2 * Math.abs(3 * logScale[channel]) + 9) * U;
    }
  }

  /** A sum over rows of terms that are off by errors, summed in any order. */
  private static final class Sums {
    private final double[] sums;
    private final double[] bounds;
    private final int rows;

    Sums(int channels, int rows) {
      sums = new double[channels];
      bounds = new double[channels];
      this.rows = rows;
    }

    void add(int channel, double term, double error) {
      sums[channel] += term;
      bounds[channel] += (rows + 3) * U * Math.abs(term) + error;
    }

    /** After all terms: the factor 3 of log scales, and a constant, each with a rounding. */
    void check(String what, float[] got, double factor, double constant) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] = factor * (sums[i] + constant);
        bounds[i] = factor * bounds[i] + 2 * U * Math.abs(sums[i]);
      }
      assertWithin(what, got, sums, bounds);
    }
  }

  private static Flow.ActNorm gradient(DeviceBuffers buffers, int channels) {
    return new Flow.ActNorm(buffers.f32("dBias", channels), buffers.f32("dLogScale", channels));
  }

  private static Flow.Columns columns(
      DeviceBuffers buffers, String name, float[] values, int rows, int left, int channels) {
    float[] first = new float[rows * left];
    float[] second = new float[rows * (channels - left)];
    for (int i = 0; i < values.length; i++) {
      int r = i / channels;
      int c = i % channels;
      if (c < left) {
        first[r * left + c] = values[i];
      } else {
        second[r * (channels - left) + c - left] = values[i];
      }
    }
    return new Flow.Columns(
        buffers.f32(name + ".left", first, rows, left),
        buffers.f32(name + ".right", second, rows, channels - left));
  }

  private static Flow.Columns columns(
      DeviceBuffers buffers, String name, int rows, int left, int channels) {
    return new Flow.Columns(
        buffers.f32(name + ".left", rows, left),
        buffers.f32(name + ".right", rows, channels - left));
  }

  private static float[] floats(DeviceBuffers buffers, Flow.Columns columns) {
    float[] first = buffers.floats(columns.left());
    float[] second = buffers.floats(columns.right());
    int left = columns.left().columns();
    int channels = left + columns.right().columns();
    float[] values = new float[first.length + second.length];
    for (int i = 0; i < values.length; i++) {
      int r = i / channels;
      int c = i % channels;
      values[i] = c < left ? first[r * left + c] : second[r * (channels - left) + c - left];
    }
    return values;
  }

  /** The reversal at even widths, else any permutation. */
  private static int[] order(Random random, int channels) {
    int[] order = new int[channels];
    for (int c = 0; c < channels; c++) {
      int other = channels % 2 == 0 ? c : random.nextInt(c + 1);
      order[c] = order[other];
      order[other] = c;
    }
    for (int c = 0; channels % 2 == 0 && c < channels; c++) {
      order[c] = channels - 1 - c;
    }
    return order;
  }

  @Test
  void actNorm() {
    checkSizes(71, FlowContract::actNorm);
  }

  private static List<float[]> actNorm(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows, int channels) {
    int[] order = order(random, channels);
    int half = channels / 2;
    // All in the left part as at the start of a level, or half as after a coupling, or any cut.
    int left = rows % 3 == 0 ? channels : rows % 3 == 1 ? half : channels / 3;
    Parameters parameters = Parameters.draw(buffers, random, channels, 0.5);
    float[] x = normal(random, rows, channels);
    float[] dY = normal(random, rows, channels);
    Tensor orders = buffers.i32("order", order);
    Flow.Columns xs = columns(buffers, "x", x, rows, left, channels);
    Flow.Columns ys = columns(buffers, "y", rows, half, channels);
    kernels.flow().actNorm(ys, xs, orders, parameters.tensors);
    float[] y = floats(buffers, ys);
    Flow.Columns inverses = columns(buffers, "inverse", rows, left, channels);
    kernels.flow().actNormInverse(inverses, ys, orders, parameters.tensors);
    float[] inverse = floats(buffers, inverses);
    Flow.Columns dXs = columns(buffers, "dX", rows, left, channels);
    Flow.ActNorm gradient = gradient(buffers, channels);
    Flow.Columns dYs = columns(buffers, "dY", dY, rows, half, channels);
    kernels
        .flow()
        .actNormBackward(dXs, gradient, dYs, ys, orders, parameters.tensors, D_LOG_DETERMINANT);
    float[] dX = floats(buffers, dXs);

    double[][] expected = new double[3][rows * channels];
    double[][] bounds = new double[3][rows * channels];
    Sums bias = new Sums(channels, rows);
    Sums scales = new Sums(channels, rows);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < channels; c++) {
        int s = order[c];
        int to = r * channels + c;
        int from = r * channels + s;
        double scale = parameters.scale(s);
        double error = parameters.error(s);
        expected[0][to] = ((double) x[from] + parameters.bias[s]) * scale;
        bounds[0][to] = Math.abs(expected[0][to]) * (error + 3 * U);
        expected[1][from] = y[to] / scale - parameters.bias[s];
        bounds[1][from] =
            Math.abs(y[to] / scale) * (error + 2 * U) + U * Math.abs(expected[1][from]);
        expected[2][from] = dY[to] * scale;
        bounds[2][from] = Math.abs(expected[2][from]) * (error + 2 * U);
        bias.add(s, expected[2][from], bounds[2][from]);
        scales.add(s, (double) dY[to] * y[to], 0);
      }
    }
    assertWithin("y", y, expected[0], bounds[0]);
    assertWithin("inverse", inverse, expected[1], bounds[1]);
    assertWithin("dX", dX, expected[2], bounds[2]);
    float[] dBias = buffers.floats(gradient.bias());
    float[] dLogScale = buffers.floats(gradient.logScale());
    bias.check("dBias", dBias, 1, 0);
    scales.check("dLogScale", dLogScale, 3, D_LOG_DETERMINANT);
    return List.of(y, inverse, dX, dBias, dLogScale);
  }

  @Test
  void actNormRelu() {
    checkSizes(72, FlowContract::actNormRelu);
  }

  private static List<float[]> actNormRelu(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows, int channels) {
    Parameters parameters = Parameters.draw(buffers, random, channels, 0.5);
    float[] x = normal(random, rows, channels);
    float[] dY = normal(random, rows, channels);
    Tensor ys = buffers.f32("y", rows, channels);
    kernels.flow().actNormRelu(ys, buffers.f32("x", x, rows, channels), parameters.tensors);
    Tensor dXs = buffers.f32("dX", rows, channels);
    Tensor dYs = buffers.f32("dY", dY, rows, channels);
    Flow.ActNorm gradient = gradient(buffers, channels);
    kernels.flow().actNormReluBackward(dXs, gradient, dYs, ys, parameters.tensors);
    float[] y = buffers.floats(ys);
    float[] dX = buffers.floats(dXs);
    double[][] expected = new double[2][y.length];
    double[][] bounds = new double[2][y.length];
    Sums bias = new Sums(channels, rows);
    Sums scales = new Sums(channels, rows);
    for (int i = 0; i < y.length; i++) {
      int c = i % channels;
      double scale = parameters.scale(c);
      double error = parameters.error(c) + 3 * U;
      expected[0][i] = Math.max(0, ((double) x[i] + parameters.bias[c]) * scale);
      bounds[0][i] = expected[0][i] * error;
      expected[1][i] = y[i] > 0 ? dY[i] * scale : 0;
      bounds[1][i] = Math.abs(expected[1][i]) * error;
      bias.add(c, expected[1][i], bounds[1][i]);
      scales.add(c, (double) dY[i] * y[i], 0);
    }
    assertWithin("y", y, expected[0], bounds[0]);
    assertWithin("dX", dX, expected[1], bounds[1]);
    float[] dBias = buffers.floats(gradient.bias());
    float[] dLogScale = buffers.floats(gradient.logScale());
    bias.check("dBias", dBias, 1, 0);
    scales.check("dLogScale", dLogScale, 3, 0);

    kernels.flow().actNormReluBackward(dYs, gradient, dYs, ys, parameters.tensors); // dX may be dY
    assertWithin("dX in place", buffers.floats(dYs), expected[1], bounds[1]);
    return List.of(y, dX, dBias, dLogScale);
  }

  @Test
  void additiveCoupling() {
    checkSizes(73, FlowContract::additiveCoupling);
  }

  private static List<float[]> additiveCoupling(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows, int channels) {
    Parameters parameters = Parameters.draw(buffers, random, channels, 0.5);
    float[] x = normal(random, rows, channels);
    float[] shift = normal(random, rows, channels);
    float[] dY = normal(random, rows, channels);
    Tensor ys = buffers.f32("y", rows, channels);
    Tensor xs = buffers.f32("x", x, rows, channels);
    Tensor shifts = buffers.f32("shift", shift, rows, channels);
    kernels.flow().additiveCoupling(ys, xs, shifts, parameters.tensors);
    Tensor inverses = buffers.f32("inverse", rows, channels);
    kernels.flow().additiveCouplingInverse(inverses, xs, shifts, parameters.tensors);
    Tensor dShifts = buffers.f32("dShift", rows, channels);
    Flow.ActNorm gradient = gradient(buffers, channels);
    Tensor dYs = buffers.f32("dY", dY, rows, channels);
    kernels.flow().additiveCouplingBackward(dShifts, gradient, dYs, shifts, parameters.tensors);
    float[] y = buffers.floats(ys);
    float[] inverse = buffers.floats(inverses);
    float[] dShift = buffers.floats(dShifts);
    double[][] expected = new double[3][y.length];
    double[][] bounds = new double[3][y.length];
    Sums bias = new Sums(channels, rows);
    Sums scales = new Sums(channels, rows);
    for (int i = 0; i < y.length; i++) {
      int c = i % channels;
      double error = parameters.error(c) + 3 * U;
      double shifted = (double) shift[i] + parameters.bias[c];
      double value = shifted * parameters.scale(c);
      expected[0][i] = x[i] + value;
      expected[1][i] = x[i] - value;
      bounds[0][i] = Math.abs(value) * error + U * Math.abs(expected[0][i]);
      bounds[1][i] = Math.abs(value) * error + U * Math.abs(expected[1][i]);
      expected[2][i] = dY[i] * parameters.scale(c);
      bounds[2][i] = Math.abs(expected[2][i]) * error;
      bias.add(c, expected[2][i], bounds[2][i]);
      scales.add(c, expected[2][i] * shifted, Math.abs(shifted) * bounds[2][i]);
    }
    assertWithin("y", y, expected[0], bounds[0]);
    assertWithin("inverse", inverse, expected[1], bounds[1]);
    assertWithin("dShift", dShift, expected[2], bounds[2]);
    float[] dBias = buffers.floats(gradient.bias());
    float[] dLogScale = buffers.floats(gradient.logScale());
    bias.check("dBias", dBias, 1, 0);
    scales.check("dLogScale", dLogScale, 3, 0);

    kernels.flow().additiveCoupling(xs, xs, shifts, parameters.tensors); // y may be x
    assertWithin("y in place", buffers.floats(xs), expected[0], bounds[0]);
    return List.of(y, inverse, dShift, dBias, dLogScale);
  }

  @Test
  void affineCoupling() {
    checkSizes(74, FlowContract::affineCoupling);
  }

  private static List<float[]> affineCoupling(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows, int channels) {
    // Small enough that no sigmoid underflows.
    Parameters parameters = Parameters.draw(buffers, random, 2 * channels, 0.1);
    float[] x = normal(random, rows, channels);
    float[] net = normal(random, rows, 2 * channels);
    float[] dY = normal(random, rows, channels);
    float[] before = normal(random, rows);
    Tensor ys = buffers.f32("y", rows, channels);
    Tensor xs = buffers.f32("x", x, rows, channels);
    Tensor nets = buffers.f32("net", net, rows, 2 * channels);
    Tensor determinants = buffers.f32("logDeterminant", before, rows);
    kernels.flow().affineCoupling(ys, determinants, xs, nets, parameters.tensors);
    float[] y = buffers.floats(ys);
    Tensor inverses = buffers.f32("inverse", rows, channels);
    kernels.flow().affineCouplingInverse(inverses, ys, nets, parameters.tensors);
    float[] inverse = buffers.floats(inverses);
    Tensor dXs = buffers.f32("dX", rows, channels);
    Tensor dNets = buffers.f32("dNet", rows, 2 * channels);
    Flow.ActNorm gradient = gradient(buffers, 2 * channels);
    Tensor dYs = buffers.f32("dY", dY, rows, channels);
    kernels
        .flow()
        .affineCouplingBackward(
            dXs, dNets, gradient, dYs, xs, nets, parameters.tensors, D_LOG_DETERMINANT);
    float[] dX = buffers.floats(dXs);
    float[] dNet = buffers.floats(dNets);

    double[][] expected = new double[3][y.length];
    double[][] bounds = new double[3][y.length];
    double[] gradients = new double[net.length];
    double[] gradientBounds = new double[net.length];
    double[] determinant = new double[rows];
    double[] determinantBounds = new double[rows];
    Sums bias = new Sums(2 * channels, rows);
    Sums scales = new Sums(2 * channels, rows);
    for (int r = 0; r < rows; r++) {
      determinant[r] = before[r];
      for (int c = 0; c < channels; c++) {
        int i = r * channels + c;
        double[] shifted = new double[2];
        double[] value = new double[2];
        double[] error = new double[2];
        for (int k = 0; k < 2; k++) {
          int column = 2 * c + k;
          shifted[k] = (double) net[2 * i + k] + parameters.bias[column];
          value[k] = shifted[k] * parameters.scale(column);
          error[k] = Math.abs(value[k]) * (parameters.error(column) + 2 * U);
        }
        double t = value[1] + 2;
        double gate = 1 / (1 + Math.exp(-t));
        double rest = 1 / (1 + Math.exp(t));
        // Of the argument, times the slope, and of exponential, sum and quotient.
        double argument = error[1] + U * Math.abs(t);
        double exponential = (2 * Math.abs(t) + 9) * U;
        double gateError = gate * rest * argument + gate * exponential;
        double restError = gate * rest * argument + rest * exponential;
        double sum = x[i] + value[0];
        double sumError = error[0] + U * Math.abs(sum);
        expected[0][i] = sum * gate;
        bounds[0][i] =
            Math.abs(sum) * gateError + gate * sumError + 2 * U * Math.abs(expected[0][i]);
        double quotient = y[i] / gate;
        expected[1][i] = quotient - value[0];
        bounds[1][i] =
            Math.abs(quotient) * (gateError / gate + 2 * U)
                + error[0]
                + U * Math.abs(expected[1][i]);
        // ln(1 + e) of a card is off by 2^-22 of 1 at most, wherever it is below 1.
        determinant[r] += Math.log(gate);
        determinantBounds[r] +=
            rest * argument + exponential + 4 * U + (channels + 3) * U * -Math.log(gate);
        expected[2][i] = dY[i] * gate;
        bounds[2][i] = Math.abs(dY[i]) * gateError + U * Math.abs(expected[2][i]);
        double inner = expected[2][i] * sum + D_LOG_DETERMINANT;
        double innerError =
            bounds[2][i] * Math.abs(sum)
                + Math.abs(expected[2][i]) * sumError
                + 2 * U * Math.abs(inner);
        double[] dValue = {expected[2][i], inner * rest};
        double[] dError = {
          bounds[2][i],
          innerError * rest + Math.abs(inner) * restError + 2 * U * Math.abs(inner * rest)
        };
        for (int k = 0; k < 2; k++) {
          int column = 2 * c + k;
          int at = 2 * i + k;
          gradients[at] = dValue[k] * parameters.scale(column);
          gradientBounds[at] =
              1.001 * dError[k] * parameters.scale(column)
                  + Math.abs(gradients[at]) * (parameters.error(column) + 2 * U);
          bias.add(column, gradients[at], gradientBounds[at]);
          scales.add(
              column,
              gradients[at] * shifted[k],
              (gradientBounds[at] + U * Math.abs(gradients[at])) * Math.abs(shifted[k]));
        }
      }
      determinantBounds[r] += 2 * U * Math.abs(determinant[r]) + 2 * U * Math.abs(before[r]);
    }
    float[] determinantGot = buffers.floats(determinants);
    assertWithin("y", y, expected[0], bounds[0]);
    assertWithin("logDeterminant", determinantGot, determinant, determinantBounds);
    assertWithin("inverse", inverse, expected[1], bounds[1]);
    assertWithin("dX", dX, expected[2], bounds[2]);
    assertWithin("dNet", dNet, gradients, gradientBounds);
    float[] dBias = buffers.floats(gradient.bias());
    float[] dLogScale = buffers.floats(gradient.logScale());
    bias.check("dBias", dBias, 1, 0);
    scales.check("dLogScale", dLogScale, 3, 0);
    kernels
        .flow()
        .affineCouplingBackward(
            dYs, dNets, gradient, dYs, xs, nets, parameters.tensors, D_LOG_DETERMINANT);
    assertWithin("dX in place", buffers.floats(dYs), expected[2], bounds[2]);
    return List.of(y, determinantGot, inverse, dX, dNet, dBias, dLogScale);
  }

  @Test
  void triangularFactors() {
    for (int n : new int[] {1, 2, 3, 16, 17, 33, 127}) {
      check(75, (kernels, buffers, random) -> triangularFactors(kernels, buffers, random, n));
    }
  }

  private static List<float[]> triangularFactors(
      Kernels kernels, DeviceBuffers buffers, Random random, int n) {
    float[] factors = normal(random, n, n);
    float[] logScale = normal(random, n);
    float[] sign = new float[n];
    for (int i = 0; i < n; i++) {
      sign[i] = random.nextBoolean() ? 1 : -1;
    }
    float[] dLower = normal(random, n, n);
    float[] dUpper = normal(random, n, n);
    Tensor lowers = buffers.f32("lower", n, n);
    Tensor uppers = buffers.f32("upper", n, n);
    kernels
        .flow()
        .triangularFactors(
            lowers,
            uppers,
            buffers.f32("factors", factors, n, n),
            buffers.f32("logScale", logScale, n),
            buffers.f32("sign", sign, n));
    Tensor dFactors = buffers.f32("dFactors", n, n);
    Tensor dLogScales = buffers.f32("dLogScale", n);
    kernels
        .flow()
        .triangularFactorsBackward(
            dFactors,
            dLogScales,
            buffers.f32("dLower", dLower, n, n),
            buffers.f32("dUpper", dUpper, n, n),
            uppers,
            D_LOG_DETERMINANT);
    float[] upper = buffers.floats(uppers);
    double[][] expected = new double[4][n * n];
    double[] upperBounds = new double[n * n];
    double[] scaleBounds = new double[n];
    expected[3] = new double[n];
    for (int i = 0; i < n * n; i++) {
      int row = i / n;
      int column = i % n;
      if (row > column) {
        expected[0][i] = factors[i];
        expected[2][i] = dLower[i];
      } else if (row < column) {
        expected[1][i] = factors[i];
        expected[2][i] = dUpper[i];
      } else {
        expected[0][i] = 1;
        expected[1][i] = sign[row] * Math.exp(logScale[row]);
        upperBounds[i] = Math.abs(expected[1][i]) * (2 * Math.abs(logScale[row]) + 9) * U;
        expected[3][row] = (double) dUpper[i] * upper[i] + D_LOG_DETERMINANT;
        scaleBounds[row] = 2 * U * (Math.abs(dUpper[i] * upper[i]) + Math.abs(expected[3][row]));
      }
    }
    float[] lower = buffers.floats(lowers);
    float[] dFactor = buffers.floats(dFactors);
    float[] dLogScale = buffers.floats(dLogScales);
    assertWithin("lower", lower, expected[0], 0);
    assertWithin("upper", upper, expected[1], upperBounds);
    assertWithin("dFactors", dFactor, expected[2], 0);
    assertWithin("dLogScale", dLogScale, expected[3], scaleBounds);
    return List.of(lower, upper, dFactor, dLogScale);
  }
}
