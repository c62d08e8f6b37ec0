package org.mirror4j.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mirror4j.support.DeviceBuffers.U;
import static org.mirror4j.support.DeviceBuffers.assertWithin;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Tensor;

/** {@link org.mirror4j.device.operation.Loss}, against f64. */
public abstract class LossContract extends OperationContract {
  /** Relative error of a vector exponential or of rounding its result, in units of U. */
  private static final double EXP_ULPS = 4;

  @ParameterizedTest
  @CsvSource({
    "0, 0.04, 0",
    "1, 0.04, 0",
    "2, 0.04, 0",
    "3, 0.2, 2",
    "16, 0.04, 3",
    "17, 0.07, 0",
    "33, 0.04, 5",
    "100, 1, 7"
  })
  void contrastiveLossEqualsTheDefinition(int pairs, float temperature, int duplicates) {
    check(
        pairs,
        (kernels, buffers, random) ->
            contrastiveLoss(kernels, buffers, random, pairs, temperature, duplicates));
  }

  private static List<float[]> contrastiveLoss(
      Kernels kernels,
      DeviceBuffers buffers,
      Random random,
      int pairs,
      float temperature,
      int duplicates) {
    int views = 2 * pairs;
    float[] s = new float[views * views];
    for (int i = 0; i < s.length; i++) {
      s[i] = (float) random.nextDouble(-1, 1);
    }
    int[] groups = new int[views];
    for (int i = 0; i < pairs; i++) {
      groups[i] = i < duplicates ? 0 : i;
      groups[i + pairs] = groups[i];
    }
    Tensor loss = buffers.f32("loss", views);
    Tensor similarities = buffers.f32("similarities", s, views, views);

    kernels.loss().contrastiveLoss(loss, similarities, buffers.i32("groups", groups), temperature);

    double[] expected = new double[views];
    double[] lossBound = new double[views];
    double[] gradient = new double[views * views];
    double[] bound = new double[views * views];
    // a difference of cosines over the temperature, and the exponential of it
    double exponent = 2 * U * 2 / temperature + EXP_ULPS * U;
    for (int i = 0; i < views; i++) {
      int partner = (i + pairs) % views;
      double sum = 0;
      for (int j = 0; j < views; j++) {
        if (j == partner || groups[j] != groups[i]) {
          sum += Math.exp(s[i * views + j] / (double) temperature);
        }
      }
      double p = Math.exp(s[i * views + partner] / (double) temperature) / sum;
      expected[i] = -Math.log(p);
      double share = exponent + (views + 4) * U;
      lossBound[i] = share + 2 * U * Math.abs(expected[i]);
      for (int j = 0; j < views; j++) {
        if (j == partner || groups[j] != groups[i]) {
          double q = Math.exp(s[i * views + j] / (double) temperature) / sum;
          double weight = 1.0 / views / temperature;
          gradient[i * views + j] = weight * (j == partner ? q - 1 : q);
          bound[i * views + j] = 2 * share * Math.abs(gradient[i * views + j]) + Float.MIN_NORMAL;
          if (j == partner) {
            bound[i * views + j] += weight * views * 0x1p-52; // 1 - q is what is inexact here
          }
        }
      }
    }
    float[] got = buffers.floats(loss);
    float[] gotGradient = buffers.floats(similarities);
    assertWithin("loss", got, expected, lossBound);
    assertWithin("gradient", gotGradient, gradient, bound);
    return List.of(got, gotGradient);
  }

  @Test
  void withoutNegativesThereIsNothingToLearn() {
    check(
        1,
        (kernels, buffers, random) -> {
          Tensor loss = buffers.f32("loss", 4);
          Tensor similarities = buffers.f32("similarities", normal(random, 4, 4), 4, 4);
          kernels
              .loss()
              .contrastiveLoss(loss, similarities, buffers.i32("groups", 5, 5, 5, 5), 0.04f);
          assertThat(buffers.floats(loss)).containsOnly(0);
          assertThat(buffers.floats(similarities)).containsOnly(0);
          return List.of();
        });
  }

  @Test
  void lossOfAFarPartnerIsFinite() {
    float[] s = {1, 1, -1, 1, 1, 1, 1, -1, -1, 1, 1, 1, 1, -1, 1, 1}; // partners at -1
    // two negatives 2,000 above the partner
    double[] expected = new double[4];
    Arrays.fill(expected, 2 / (double) 0.001f + Math.log(2));
    check(
        1,
        (kernels, buffers, random) -> {
          Tensor loss = buffers.f32("loss", 4);
          Tensor similarities = buffers.f32("similarities", s, 4, 4);
          kernels
              .loss()
              .contrastiveLoss(loss, similarities, buffers.i32("groups", 0, 1, 0, 1), 0.001f);
          float[] got = buffers.floats(loss);
          assertWithin("loss", got, expected, 2001 * 2 * U);
          return List.of(got, buffers.floats(similarities));
        });
  }

  @ParameterizedTest
  @CsvSource({"0, 5", "1, 1", "1, 8", "3, 33", "31, 12", "2, 769", "5, 30522"})
  void crossEntropyEqualsTheDefinition(int rows, int vocab) {
    check(vocab, (kernels, buffers, random) -> crossEntropy(kernels, buffers, random, rows, vocab));
  }

  private static List<float[]> crossEntropy(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows, int vocab) {
    float[] x = buffers.rounded(DeviceBuffers.normal(random, rows * vocab, 3));
    float[] bias = normal(random, vocab);
    int[] labels = random.ints(rows, 0, vocab).toArray();
    for (int r = 1; r < rows; r += 3) { // not predicted, and not to be read
      labels[r] = -1;
      Arrays.fill(x, r * vocab, (r + 1) * vocab, Float.NaN);
    }
    float scale = 0.37f;
    Tensor loss = buffers.f32("loss", rows);
    Tensor logits = buffers.stored("logits", x, rows, vocab);

    kernels
        .loss()
        .softmaxCrossEntropy(
            loss,
            logits,
            buffers.f32("bias", bias, vocab),
            buffers.i32("labels", labels),
            buffers.f32("gradientScale", new float[] {scale}, 1));

    double[] expected = new double[rows];
    double[] lossBound = new double[rows];
    double[] gradient = new double[x.length];
    double[] bound = new double[x.length];
    for (int r = 0; r < rows; r++) {
      if (labels[r] < 0) {
        continue;
      }
      double sum = 0;
      double largest = 0;
      for (int c = 0; c < vocab; c++) {
        double logit = (double) x[r * vocab + c] + bias[c];
        sum += Math.exp(logit);
        largest = Math.max(largest, Math.abs(logit));
      }
      // bias added and maximum subtracted, exponential, sum of vocab terms, quotient
      double share = 2 * (4 * U * largest + EXP_ULPS * U) + (vocab + 4) * U;
      double label = (double) x[r * vocab + labels[r]] + bias[labels[r]];
      expected[r] = Math.log(sum) - label;
      lossBound[r] = share + 2 * U * Math.abs(expected[r]);
      for (int c = 0; c < vocab; c++) {
        double p = Math.exp((double) x[r * vocab + c] + bias[c]) / sum;
        gradient[r * vocab + c] = scale * (p - (c == labels[r] ? 1 : 0));
        bound[r * vocab + c] = scale * (share * p + (c == labels[r] ? 2 * U : 0));
      }
    }
    float[] got = buffers.floats(loss);
    float[] gotGradient = buffers.floats(logits);
    assertWithin("loss", got, expected, lossBound);
    buffers.assertStoredWithin("gradient", gotGradient, gradient, bound);
    return List.of(got, gotGradient);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 33})
  void crossEntropyOfLargeLogitsIsFinite(int vocab) {
    float[] x = new float[vocab];
    Arrays.fill(x, -9984f); // 39 * 256: every storage type has it
    x[0] = 9984f;
    float[] zeros = new float[vocab];
    check(
        1,
        (kernels, buffers, random) -> {
          Tensor loss = buffers.f32("loss", 1);
          Tensor logits = buffers.stored("logits", x, 1, vocab);
          Tensor bias = buffers.f32("bias", zeros, vocab);
          Tensor labels = buffers.i32("labels", vocab - 1);
          Tensor scale = buffers.f32("gradientScale", new float[] {1}, 1);
          kernels.loss().softmaxCrossEntropy(loss, logits, bias, labels, scale);
          assertThat(buffers.floats(loss)[0]).isEqualTo(vocab == 1 ? 0f : 2 * 9984f);
          assertThat(buffers.floats(logits)[vocab - 1]).isEqualTo(vocab == 1 ? 0f : -1f);
          return List.of();
        });
  }

  @ParameterizedTest
  @CsvSource({
    "0, 2, 0",
    "1, 1, 1",
    "1, 2, 31",
    "3, 2, 32",
    "5, 1, 33",
    "2, 3, 127",
    "2, 2, 128",
    "3, 2, 129",
    "1, 2, 512",
    "33, 5, 40",
    "2, 33, 300"
  })
  void segmentCrossEntropyEqualsTheDefinition(int sequences, int columns, int longest) {
    check(
        longest,
        (kernels, buffers, random) ->
            segmentCrossEntropy(kernels, buffers, random, sequences, columns, longest));
  }

  private static List<float[]> segmentCrossEntropy(
      Kernels kernels,
      DeviceBuffers buffers,
      Random random,
      int sequences,
      int columns,
      int longest) {
    int[] cuSeqlens = new int[sequences + 1];
    for (int s = 0; s < sequences; s++) {
      int rows = s == 0 ? longest : s % 5 == 1 ? 1 : 1 + random.nextInt(longest);
      cuSeqlens[s + 1] = cuSeqlens[s] + rows;
    }
    // Rows of no sequence at the end: they are not read, and their gradient is 0.
    int tokens = cuSeqlens[sequences] + (sequences * columns) % 4;
    float[] x = buffers.rounded(DeviceBuffers.normal(random, tokens * columns, 3));
    Arrays.fill(x, cuSeqlens[sequences] * columns, x.length, Float.NaN);
    int[] labels = new int[sequences * columns];
    float scale = 0.37f;
    double[] expected = new double[labels.length];
    double[] lossBound = new double[labels.length];
    double[] gradient = new double[x.length];
    double[] bound = new double[x.length];
    for (int i = 0; i < labels.length; i++) {
      int first = cuSeqlens[i / columns];
      int rows = cuSeqlens[i / columns + 1] - first;
      int column = i % columns;
      labels[i] = i % 4 == 3 ? -1 : random.nextInt(rows);
      if (labels[i] < 0) { // not predicted, and not to be read
        for (int r = first; r < first + rows; r++) {
          x[r * columns + column] = Float.NaN;
        }
        continue;
      }
      double sum = 0;
      double largest = 0;
      for (int r = first; r < first + rows; r++) {
        sum += Math.exp(x[r * columns + column]);
        largest = Math.max(largest, Math.abs(x[r * columns + column]));
      }
      // maximum subtracted, exponential, sum of the rows, quotient
      double share = 2 * (4 * U * largest + EXP_ULPS * U) + (rows + 4) * U;
      int label = first + labels[i];
      expected[i] = Math.log(sum) - x[label * columns + column];
      lossBound[i] = share + 2 * U * Math.abs(expected[i]);
      for (int r = first; r < first + rows; r++) {
        double p = Math.exp(x[r * columns + column]) / sum;
        gradient[r * columns + column] = scale * (p - (r == label ? 1 : 0));
        bound[r * columns + column] = scale * (share * p + (r == label ? 2 * U : 0));
      }
    }
    Tensor loss = buffers.f32("loss", sequences, columns);
    Tensor logits = buffers.stored("logits", x, tokens, columns);
    kernels
        .loss()
        .segmentCrossEntropy(
            loss,
            logits,
            buffers.i32("cuSeqlens", cuSeqlens),
            buffers.i32("labels", labels, sequences, columns),
            buffers.f32("gradientScale", new float[] {scale}, 1));
    float[] got = buffers.floats(loss);
    float[] gotGradient = buffers.floats(logits);
    assertWithin("loss", got, expected, lossBound);
    buffers.assertStoredWithin("gradient", gotGradient, gradient, bound);
    return List.of(got, gotGradient);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 33, 200})
  void segmentCrossEntropyOfLargeLogitsIsFinite(int rows) {
    float[] x = new float[rows];
    Arrays.fill(x, -9984f); // 39 * 256: every storage type has it
    x[0] = 9984f;
    check(
        1,
        (kernels, buffers, random) -> {
          Tensor loss = buffers.f32("loss", 1, 1);
          Tensor logits = buffers.stored("logits", x, rows, 1);
          Tensor cuSeqlens = buffers.i32("cuSeqlens", 0, rows);
          Tensor labels = buffers.i32("labels", new int[] {rows - 1}, 1, 1);
          Tensor scale = buffers.f32("gradientScale", new float[] {1}, 1);
          kernels.loss().segmentCrossEntropy(loss, logits, cuSeqlens, labels, scale);
          assertThat(buffers.floats(loss)[0]).isEqualTo(rows == 1 ? 0f : 2 * 9984f);
          assertThat(buffers.floats(logits)[rows - 1]).isEqualTo(rows == 1 ? 0f : -1f);
          return List.of();
        });
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "1, 31", "3, 32", "5, 33", "2, 127", "3, 129", "33, 51", "2, 700"})
  void marginalCrossEntropyEqualsTheDefinition(int sequences, int longest) {
    check(
        longest,
        (kernels, buffers, random) ->
            marginalCrossEntropy(kernels, buffers, random, sequences, longest));
  }

  private static List<float[]> marginalCrossEntropy(
      Kernels kernels, DeviceBuffers buffers, Random random, int sequences, int longest) {
    int[] cuSeqlens = new int[sequences + 1];
    for (int s = 0; s < sequences; s++) {
      cuSeqlens[s + 1] = cuSeqlens[s] + (s == 0 ? longest : 1 + random.nextInt(longest));
    }
    // Rows of no sequence at the end: they are not read, and their gradient is 0.
    int rows = cuSeqlens[sequences] + sequences % 4;
    float[] x = buffers.rounded(DeviceBuffers.normal(random, rows, 3));
    Arrays.fill(x, cuSeqlens[sequences], rows, Float.NaN);
    int[] marks = new int[rows];
    float scale = 0.37f;
    double[] expected = new double[sequences];
    double[] lossBound = new double[sequences];
    double[] gradient = new double[rows];
    double[] bound = new double[rows];
    for (int s = 0; s < sequences; s++) {
      int first = cuSeqlens[s];
      int end = cuSeqlens[s + 1];
      if (s % 4 == 3) { // none is right: not predicted, and not to be read
        Arrays.fill(x, first, end, Float.NaN);
        continue;
      }
      for (int r = first; r < end; r++) { // one, some, all
        marks[r] = r == first || s % 4 == 2 || s % 4 == 1 && random.nextBoolean() ? 1 : 0;
      }
      double sum = 0;
      double marked = 0;
      double largest = 0;
      for (int r = first; r < end; r++) {
        sum += Math.exp(x[r]);
        marked += marks[r] * Math.exp(x[r]);
        largest = Math.max(largest, Math.abs(x[r]));
      }
      // maximum subtracted, exponential, sum of the rows, quotient
      double share = 2 * (4 * U * largest + EXP_ULPS * U) + (end - first + 4) * U;
      expected[s] = Math.log(sum) - Math.log(marked);
      // both logarithms, with the maxima that were taken out
      lossBound[s] = 2 * share + 4 * U * (2 * largest + Math.log(end - first) + 1);
      for (int r = first; r < end; r++) {
        double p = Math.exp(x[r]) / sum;
        double q = marks[r] * Math.exp(x[r]) / marked;
        gradient[r] = scale * (p - q);
        bound[r] = scale * (share + 2 * U) * (p + q);
      }
    }
    Tensor loss = buffers.f32("loss", sequences);
    Tensor logits = buffers.stored("logits", x, rows, 1);
    kernels
        .loss()
        .marginalCrossEntropy(
            loss,
            logits,
            buffers.i32("cuSeqlens", cuSeqlens),
            buffers.i32("marks", marks),
            buffers.f32("gradientScale", new float[] {scale}, 1));
    float[] got = buffers.floats(loss);
    float[] gotGradient = buffers.floats(logits);
    assertWithin("loss", got, expected, lossBound);
    buffers.assertStoredWithin("gradient", gotGradient, gradient, bound);
    return List.of(got, gotGradient);
  }

  /** The marked one far below the others, whose exponential beside theirs is 0, and above them. */
  @ParameterizedTest
  @ValueSource(ints = {2, 33, 200})
  void marginalCrossEntropyOfLargeLogitsIsFinite(int rows) {
    float[] x = new float[rows];
    Arrays.fill(x, -9984f); // 39 * 256: every storage type has it
    x[0] = 9984f;
    for (boolean below : new boolean[] {true, false}) {
      int[] marks = new int[rows];
      marks[below ? rows - 1 : 0] = 1;
      check(
          1,
          (kernels, buffers, random) -> {
            Tensor loss = buffers.f32("loss", 1);
            Tensor logits = buffers.stored("logits", x, rows, 1);
            Tensor cuSeqlens = buffers.i32("cuSeqlens", 0, rows);
            Tensor scale = buffers.f32("gradientScale", new float[] {1}, 1);
            kernels
                .loss()
                .marginalCrossEntropy(loss, logits, cuSeqlens, buffers.i32("marks", marks), scale);
            assertThat(buffers.floats(loss)[0]).isEqualTo(below ? 2 * 9984f : 0f);
            float[] gradient = new float[rows];
            gradient[0] = below ? 1 : 0;
            gradient[rows - 1] = below ? -1 : 0;
            assertThat(buffers.floats(logits)).isEqualTo(gradient);
            return List.of();
          });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 31, 32, 33, 255, 256, 257, 1025})
  void squaredErrorEqualsTheDefinition(int rows) {
    check(rows, (kernels, buffers, random) -> squaredError(kernels, buffers, random, rows));
  }

  private static List<float[]> squaredError(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows) {
    float[] x = buffers.rounded(normal(random, rows));
    float[] targets = normal(random, rows);
    float[] weights = normal(random, rows);
    float bias = 0.3f;
    float scale = 0.37f;
    double[] expected = new double[rows];
    double[] lossBound = new double[rows];
    double[] gradient = new double[rows];
    double[] bound = new double[rows];
    for (int r = 0; r < rows; r++) {
      if (r % 4 == 2) { // padding, whatever it has
        weights[r] = 0;
        x[r] = Float.NaN;
        targets[r] = Float.NaN;
        continue;
      }
      double error = (double) x[r] + bias - targets[r];
      // the sum, then the difference
      double off = U * Math.abs(x[r] + bias) * 2 + U * Math.abs(error);
      expected[r] = weights[r] * error * error;
      gradient[r] = 2 * scale * weights[r] * error;
      // twice the error and off by that much of it, and two products
      double size = Math.abs(weights[r]) * (Math.abs(error) + off);
      lossBound[r] = 2 * size * off + 2 * U * size * (Math.abs(error) + off);
      bound[r] = 2 * scale * (Math.abs(weights[r]) * off + 2 * U * size);
    }
    Tensor loss = buffers.f32("loss", rows);
    Tensor predictions = buffers.stored("x", x, rows, 1);
    kernels
        .loss()
        .squaredError(
            loss,
            predictions,
            buffers.f32("bias", new float[] {bias}, 1),
            buffers.f32("targets", targets, rows),
            buffers.f32("weights", weights, rows),
            buffers.f32("gradientScale", new float[] {scale}, 1));
    float[] got = buffers.floats(loss);
    float[] gotGradient = buffers.floats(predictions);
    assertWithin("loss", got, expected, lossBound);
    buffers.assertStoredWithin("gradient", gotGradient, gradient, bound);
    return List.of(got, gotGradient);
  }
}
