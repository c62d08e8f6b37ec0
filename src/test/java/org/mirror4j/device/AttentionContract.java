package org.mirror4j.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mirror4j.support.DeviceBuffers.assertWithin;
import static org.mirror4j.support.DeviceBuffers.doubles;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.device.operation.Attention;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Tensor;

/**
 * {@link org.mirror4j.device.operation.Attention#attention} and its gradient against {@link
 * AttentionReference}.
 */
public abstract class AttentionContract extends OperationContract {
  private static final int LAYER = 2;

  /** Rows of each sequence, rows that are padding, heads, head size, both dropout rates. */
  static Stream<Arguments> batches() {
    return Stream.of(
        Arguments.of(new int[] {1}, 0, 1, 1, 0, 0),
        Arguments.of(new int[] {1, 2, 33, 5}, 0, 2, 64, 0, 0),
        Arguments.of(new int[] {4, 3, 6, 17, 2, 1, 40, 39, 41}, 0, 3, 32, 0.1, 0),
        Arguments.of(new int[] {7, 7, 7, 47, 13}, 3, 2, 33, 0.1, 0.3),
        Arguments.of(new int[] {5, 65, 16}, 4, 5, 12, 0.25, 0.9),
        Arguments.of(new int[] {3, 127, 1}, 0, 1, 8, 0.5, 0),
        Arguments.of(new int[] {3, 5, 8, 6, 4, 1}, 0, 12, 64, 0.1, 0.3),
        Arguments.of(new int[] {49, 48, 63, 64, 57}, 1, 2, 64, 0.1, 0),
        Arguments.of(new int[] {9, 12, 13, 16, 20, 21, 28, 30, 52, 53}, 5, 5, 64, 0.1, 0.3),
        Arguments.of(new int[] {25, 24, 7, 32, 33}, 2, 3, 96, 0.1, 0),
        Arguments.of(new int[] {1, 70}, 0, 1, 128, 0, 0.5),
        Arguments.of(new int[] {512}, 129, 1, 64, 0.1, 0),
        Arguments.of(new int[] {65, 15, 128, 53, 1, 64}, 0, 3, 64, 0.1, 0.3),
        Arguments.of(new int[] {200, 17, 81, 129}, 16, 1, 64, 0, 0));
  }

  /**
   * Rows from which on attention of heads of 64 elements in half precision rounds its factors to be
   * multiplied by tensor cores.
   */
  protected int leastTensorRows() {
    return Integer.MAX_VALUE;
  }

  /** The same of the gradient. */
  protected int leastTensorRowsBackward() {
    return Integer.MAX_VALUE;
  }

  /** A packed batch with its inputs, and what attention makes of it. */
  private static final class Batch {
    final AttentionReference reference;
    final int[] starts;
    final int[] keys;
    final Dropout dropout;
    final float[] input;
    final float[] bias;
    final float[] biased;
    final float[] context;
    final float[] gradient;
    final int tokens;
    final int hidden;

    Batch(
        DeviceBuffers buffers,
        int leastTensorRows,
        int[] rows,
        int padding,
        int heads,
        int headSize,
        double rate,
        double headRate) {
      starts = new int[rows.length + 1];
      keys = new int[rows.length];
      int longest = 0;
      for (int s = 0; s < rows.length; s++) {
        starts[s + 1] = starts[s] + rows[s];
        keys[s] = Math.max(1, rows[s] - padding);
        longest = Math.max(longest, rows[s]);
      }
      tokens = starts[rows.length];
      hidden = heads * headSize;
      dropout = new Dropout(rate, headRate, 77);
      dropout.step(5);
      Random random = new Random(1);
      input = buffers.rounded(normal(random, tokens, 3 * hidden));
      bias = DeviceBuffers.normal(random, 3 * hidden, 0.5);
      biased = new float[input.length];
      for (int i = 0; i < input.length; i++) {
        biased[i] = input[i] + bias[i % (3 * hidden)];
      }
      double[] exact = doubles(buffers.rounded(biased));
      reference =
          new AttentionReference(
                  starts,
                  keys,
                  heads,
                  headSize,
                  longest + 3,
                  dropout,
                  LAYER,
                  new AttentionReference.Tensors(
                      leastTensorRows, buffers.storageRoundoff(), buffers.smallestNormal()),
                  exact)
              .forward();
      context = buffers.rounded(floats(reference.context));
      gradient = buffers.rounded(normal(new Random(3), tokens, hidden));
    }

    /** The gradient for the context as the backward pass finds it: stored. */
    Batch differentiated() {
      for (int i = 0; i < context.length; i++) {
        reference.context[i] = context[i];
      }
      reference.backward(doubles(gradient));
      return this;
    }
  }

  @ParameterizedTest
  @MethodSource("batches")
  void forwardEqualsTheReference(
      int[] rows, int padding, int heads, int headSize, double rate, double headRate) {
    Map<Double, Batch> batches = new HashMap<>();
    check(
        1,
        (kernels, buffers, random) ->
            forward(
                kernels,
                buffers,
                batches.computeIfAbsent(
                    buffers.storageRoundoff(),
                    u ->
                        new Batch(
                            buffers,
                            leastTensorRows(),
                            rows,
                            padding,
                            heads,
                            headSize,
                            rate,
                            headRate))));
  }

  private static List<float[]> forward(Kernels kernels, DeviceBuffers buffers, Batch batch) {
    AttentionReference reference = batch.reference;
    Tensor context = buffers.stored("context", batch.tokens, batch.hidden);
    Tensor logSumExp = buffers.f32("logSumExp", batch.tokens, reference.heads);
    Tensor qkv = buffers.stored("qkv", batch.input, batch.tokens, 3 * batch.hidden);
    kernels
        .attention()
        .attention(
            new Attention.Forward(
                context,
                logSumExp,
                qkv,
                buffers.f32("bias", batch.bias, 3 * batch.hidden),
                buffers.i32("cuSeqlens", batch.starts),
                buffers.i32("keyLengths", batch.keys),
                reference.heads,
                LAYER),
            reference.maxSeqlen,
            batch.dropout);
    float[] got = buffers.floats(context);
    float[] gotLogSumExp = buffers.floats(logSumExp);
    assertThat(buffers.floats(qkv)).isEqualTo(batch.biased);
    assertWithin("logSumExp", gotLogSumExp, reference.logSumExp, reference.logSumExpBound);
    buffers.assertStoredWithin("context", got, reference.context, reference.contextBound);
    return List.of(got, gotLogSumExp);
  }

  @ParameterizedTest
  @MethodSource("batches")
  void backwardEqualsTheReference(
      int[] rows, int padding, int heads, int headSize, double rate, double headRate) {
    Map<Double, Batch> batches = new HashMap<>();
    check(
        4,
        (kernels, buffers, random) ->
            backward(
                kernels,
                buffers,
                random,
                batches.computeIfAbsent(
                    buffers.storageRoundoff(),
                    u ->
                        new Batch(
                                buffers,
                                leastTensorRowsBackward(),
                                rows,
                                padding,
                                heads,
                                headSize,
                                rate,
                                headRate)
                            .differentiated())));
  }

  private static List<float[]> backward(
      Kernels kernels, DeviceBuffers buffers, Random random, Batch batch) {
    AttentionReference reference = batch.reference;
    int heads = reference.heads;
    int width = 3 * batch.hidden;
    float[] startOfBias = normal(random, width);
    Tensor dQkv = buffers.stored("dQkv", batch.tokens, width);
    Tensor dBias = buffers.f32("dBias", startOfBias, width);
    Attention.Forward forward =
        new Attention.Forward(
            buffers.stored("context", batch.context, batch.tokens, batch.hidden),
            buffers.f32("logSumExp", floats(reference.logSumExp), batch.tokens, heads),
            buffers.stored("qkv", batch.biased, batch.tokens, width),
            buffers.f32("bias", width),
            buffers.i32("cuSeqlens", batch.starts),
            buffers.i32("keyLengths", batch.keys),
            heads,
            LAYER);
    kernels
        .attention()
        .attentionBackward(
            new Attention.Backward(
                forward,
                dQkv,
                dBias,
                buffers.stored("dContext", batch.gradient, batch.tokens, batch.hidden)),
            reference.maxSeqlen,
            batch.dropout);
    float[] got = buffers.floats(dQkv);
    float[] gotBias = buffers.floats(dBias);
    buffers.assertStoredWithin("dQkv", got, reference.dQkv, reference.dQkvBound);
    ColumnReference sums = new ColumnReference(startOfBias, batch.tokens + 1);
    for (int i = 0; i < got.length; i++) {
      sums.add(i % width, got[i]);
    }
    sums.check("dBias", gotBias);
    return List.of(got, gotBias);
  }

  /** Rows of a sequence for each way that attention is computed, and what they have in a head. */
  @ParameterizedTest
  @CsvSource({"2, 4", "16, 64", "128, 64"})
  void scoresBeyondTheRangeOfExpAreNoProblem(int rows, int headSize) {
    float[] values = new float[rows * 3 * headSize];
    for (int row = 0; row < rows; row++) {
      int at = row * 3 * headSize;
      Arrays.fill(values, at, at + headSize, row == 0 ? 100 : 0); // query
      // scores of the first query: 10,000 sqrt(headSize) and as much below 0
      Arrays.fill(values, at + headSize, at + 2 * headSize, row == 0 ? 100 : -100);
      Arrays.fill(values, at + 2 * headSize, at + 3 * headSize, row == 0 ? 3 : 7);
    }
    float largest = (float) (10_000 * Math.sqrt(headSize));
    double[] expected = new double[rows * headSize];
    // The other queries are 0: all keys alike.
    Arrays.fill(expected, (3 + 7.0 * (rows - 1)) / rows);
    Arrays.fill(expected, 0, headSize, 3);
    check(
        1,
        (kernels, buffers, random) -> {
          Tensor context = buffers.stored("context", rows, headSize);
          Tensor logSumExp = buffers.f32("logSumExp", rows, 1);
          kernels
              .attention()
              .attention(
                  new Attention.Forward(
                      context,
                      logSumExp,
                      buffers.stored("qkv", values, rows, 3 * headSize),
                      buffers.f32("bias", new float[3 * headSize], 3 * headSize),
                      buffers.i32("cuSeqlens", 0, rows),
                      buffers.i32("keyLengths", rows),
                      1,
                      0),
                  rows,
                  Dropout.NONE);
          // Exponentials are 0, or about 1 with a bit or two, in a quotient; of the first query,
          // whose score is large, tensor cores multiply with one that is rounded to storage.
          double[] bound = new double[expected.length];
          Arrays.fill(bound, 8 * DeviceBuffers.U * 7);
          if (rows >= leastTensorRows()) {
            Arrays.fill(
                bound, 0, headSize, 3 * buffers.storageRoundoff() + 8 * DeviceBuffers.U * 7);
          }
          buffers.assertStoredWithin("context", buffers.floats(context), expected, bound);
          assertThat(buffers.floats(logSumExp)[0]).isEqualTo(largest);
          return List.of();
        });
  }

  private static float[] floats(double[] values) {
    float[] result = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = (float) values[i];
    }
    return result;
  }
}
