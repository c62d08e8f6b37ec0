package org.mirror4j.device.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.mirror4j.support.DeviceBuffers.normal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.device.operation.Attention;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Embedding;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Norm.LayerNorm;
import org.mirror4j.device.operation.Row.WeightedSpans;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/** What the bits of a result may depend on, and what the CPU refuses. */
class HostBitsTest {
  /** All outputs of products, attention and losses on so many threads. */
  private static List<int[]> outputs(int threads, DType storage) {
    Random random = new Random(3);
    List<int[]> outputs = new ArrayList<>();
    try (HostDevice device = new HostDevice(threads);
        DeviceBuffers buffers = new DeviceBuffers(device, storage)) {
      for (GemmSpec spec : List.of(GemmSpec.NT, GemmSpec.NN, GemmSpec.TN)) {
        int m = 402; // whole words of two bf16
        int n = 769;
        int k = 523;
        float[] a = buffers.rounded(normal(random, m * k, 1));
        float[] b = buffers.rounded(normal(random, k * n, 1));
        Tensor c = buffers.stored("c", m, n);
        device
            .kernels()
            .product()
            .gemm(
                spec,
                c,
                spec.transposeA() ? buffers.stored("a", a, k, m) : buffers.stored("a", a, m, k),
                spec.transposeB() ? buffers.stored("b", b, n, k) : buffers.stored("b", b, k, n));
        outputs.add(buffers.ints(c));
      }

      int[] starts = new int[61];
      int[] keys = new int[60];
      for (int s = 0; s < 60; s++) {
        keys[s] = 1 + (s == 7 ? 70 : random.nextInt(12));
        starts[s + 1] = starts[s] + keys[s];
      }
      int tokens = starts[60];
      Tensor cuSeqlens = buffers.i32("cuSeqlens", starts);
      Tensor keyLengths = buffers.i32("keyLengths", keys);
      Tensor context = buffers.stored("context", tokens, 128);
      Tensor logSumExp = buffers.f32("logSumExp", tokens, 4);
      Tensor qkv =
          buffers.stored("qkv", buffers.rounded(normal(random, tokens * 384, 1)), tokens, 384);
      Tensor bias = buffers.f32("bias", normal(random, 384, 1), 384);
      Tensor dContext =
          buffers.stored("dContext", buffers.rounded(normal(random, tokens * 128, 1)), tokens, 128);
      Tensor dQkv = buffers.stored("dQkv", tokens, 384);
      Tensor dBias = buffers.f32("dBias", new float[384], 384);
      Dropout dropout = new Dropout(0.1, 0.2, 9);
      Attention.Forward forward =
          new Attention.Forward(context, logSumExp, qkv, bias, cuSeqlens, keyLengths, 4, 1);
      device.kernels().attention().attention(forward, 71, dropout);
      device
          .kernels()
          .attention()
          .attentionBackward(new Attention.Backward(forward, dQkv, dBias, dContext), 71, dropout);
      for (Tensor tensor : List.of(context, logSumExp, qkv, dQkv, dBias)) {
        outputs.add(buffers.ints(tensor));
      }

      Tensor loss = buffers.f32("loss", 66);
      Tensor similarities = buffers.f32("similarities", normal(random, 66 * 66, 0.3), 66, 66);
      Tensor groups = buffers.i32("groups", random.ints(66, 0, 40).toArray());
      device.kernels().loss().contrastiveLoss(loss, similarities, groups, 0.04f);
      outputs.add(buffers.ints(loss));
      outputs.add(buffers.ints(similarities));
      Tensor logits =
          buffers.stored("logits", buffers.rounded(normal(random, 66 * 777, 2)), 66, 777);
      Tensor biasOfLogits = buffers.f32("bias", normal(random, 777, 1), 777);
      Tensor scale = buffers.f32("gradientScale", new float[] {1}, 1);
      device.kernels().loss().softmaxCrossEntropy(loss, logits, biasOfLogits, groups, scale);
      outputs.add(buffers.ints(loss));
      outputs.add(buffers.ints(logits));
      Tensor lossOfRows = buffers.f32("loss", 60, 2);
      Tensor logitsOfRows =
          buffers.stored("logits", buffers.rounded(normal(random, tokens * 2, 2)), tokens, 2);
      Tensor rows = buffers.i32("labels", new int[120], 60, 2);
      device.kernels().loss().segmentCrossEntropy(lossOfRows, logitsOfRows, cuSeqlens, rows, scale);
      outputs.add(buffers.ints(lossOfRows));
      outputs.add(buffers.ints(logitsOfRows));
    }
    return outputs;
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16"})
  void doNotDependOnTheNumberOfThreads(DType storage) {
    assumeStored(storage);
    List<int[]> one = outputs(1, storage);
    for (int threads : new int[] {2, 3}) {
      List<int[]> more = outputs(threads, storage);
      for (int i = 0; i < one.size(); i++) {
        assertThat(more.get(i)).as("output %d, %d threads", i, threads).isEqualTo(one.get(i));
      }
    }
  }

  /** Code is interpreted at first and compiled later: a model must not depend on when. */
  @Test
  void doNotDependOnTheCompiler() {
    Random random = new Random(5);
    int tokens = 9;
    int width = 24;
    try (HostDevice device = new HostDevice(1);
        DeviceBuffers buffers = new DeviceBuffers(device)) {
      Kernels kernels = device.kernels();
      float[] rows = normal(random, tokens * 3 * width, 1);
      Tensor qkv = buffers.f32("qkv", tokens, 3 * width);
      Tensor bias = buffers.f32("bias", normal(random, 3 * width, 1), 3 * width);
      Tensor starts = buffers.i32("cuSeqlens", 0, 2, tokens);
      Tensor keys = buffers.i32("keyLengths", 1, 7);
      Tensor context = buffers.f32("context", tokens, width);
      Tensor logSumExp = buffers.f32("logSumExp", tokens, 2);
      Tensor dX = buffers.f32("dX", tokens, 3 * width);
      Tensor loss = buffers.f32("loss", 6);
      Tensor similarities = buffers.f32("similarities", 6, 6);
      Tensor groups = buffers.i32("groups", 0, 1, 2, 0, 1, 2);
      Tensor logitBias = buffers.f32("bias", normal(random, 6, 1), 6);
      Tensor scale = buffers.f32("gradientScale", new float[] {1}, 1);
      Tensor dBias = buffers.f32("dBias", new float[3 * width], 3 * width);
      List<int[]> first = List.of();
      for (int call = 0; call < 3000; call++) {
        List<int[]> outputs = new ArrayList<>();
        device.upload(qkv, rows);
        kernels
            .attention()
            .attention(
                new Attention.Forward(context, logSumExp, qkv, bias, starts, keys, 2, 0),
                7,
                Dropout.NONE);
        outputs.add(buffers.ints(context));
        outputs.add(buffers.ints(logSumExp));
        for (GeluForm form : GeluForm.values()) {
          kernels.memory().fill(dX, 1);
          kernels.activation().biasGeluBackward(dX, dBias, dX, qkv, bias, form);
          outputs.add(buffers.ints(dX));
        }
        device.upload(similarities, rows);
        kernels.loss().contrastiveLoss(loss, similarities, groups, 0.05f);
        outputs.add(buffers.ints(loss));
        outputs.add(buffers.ints(similarities));
        device.upload(similarities, rows);
        kernels.loss().softmaxCrossEntropy(loss, similarities, logitBias, groups, scale);
        outputs.add(buffers.ints(loss));
        outputs.add(buffers.ints(similarities));
        first = call == 0 ? outputs : first;
        for (int i = 0; i < first.size(); i++) {
          assertThat(outputs.get(i)).as("output %d of call %d", i, call).isEqualTo(first.get(i));
        }
      }
    }
  }

  /** A layer forwards: what one of few rows becomes does not depend on the rows beside it. */
  @ParameterizedTest
  @CsvSource({"F32, 768, 3072", "F32, 3072, 769", "F32, 33, 5", "BF16, 768, 3072"})
  void ofOneOfFewRowsDoNotDependOnTheOthers(DType storage, int inFeatures, int outFeatures) {
    assumeStored(storage);
    requireRowsAlike(storage, inFeatures, outFeatures, FewRowProducts.MOST_ROWS, 1, 2, 5, 15);
  }

  /** The layers of BERT forwards: what one of many rows becomes does not depend on the others. */
  @ParameterizedTest
  @CsvSource({
    "F32, 768, 768",
    "F32, 768, 3072",
    "F32, 3072, 768",
    "F32, 384, 1536",
    "F32, 1536, 384",
    "F32, 256, 1024",
    "BF16, 768, 768",
    "BF16, 768, 3072",
    "BF16, 3072, 768",
    "BF16, 384, 1536",
    "BF16, 1536, 384",
    "BF16, 256, 1024"
  })
  void ofOneOfManyRowsDoNotDependOnTheOthers(DType storage, int inFeatures, int outFeatures) {
    assumeStored(storage);
    assumeThat(MatrixLibrary.choose().library().name())
        .as("other libraries choose by the number of rows")
        .startsWith("oneDNN");
    assumeThat(HostSystem.vectors())
        .as("with shorter vectors oneDNN chooses by the number of rows")
        .contains("AVX-512");
    requireRowsAlike(storage, inFeatures, outFeatures, 1100, 33, 127, 513);
  }

  private static void requireRowsAlike(
      DType storage, int inFeatures, int outFeatures, int most, int... fewer) {
    Random random = new Random(4);
    float[] x = normal(random, most * inFeatures, 1);
    try (HostDevice device = new HostDevice(2);
        DeviceBuffers buffers = new DeviceBuffers(device, storage)) {
      float[] w = buffers.rounded(normal(random, outFeatures * inFeatures, 1));
      Tensor weight = buffers.stored("weight", w, outFeatures, inFeatures);
      Tensor input = buffers.stored("x", buffers.rounded(x), most, inFeatures);
      Tensor output = buffers.stored("y", most, outFeatures);
      device.kernels().product().gemm(GemmSpec.NT, output, input, weight);
      int[] all = buffers.ints(output);
      for (int rows : fewer) {
        device.kernels().product().gemm(GemmSpec.NT, output.rows(rows), input.rows(rows), weight);
        assertThat(buffers.ints(output))
            .as("%d rows", rows)
            .isEqualTo(Arrays.copyOf(all, rows * outFeatures * storage.bytes() / Float.BYTES));
      }
    }
  }

  /** Sequences of all slots and of several vectors, one with padding, beside others and alone. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16"})
  void ofAttentionInASequenceDoNotDependOnTheOthers(DType storage) {
    assumeStored(storage);
    int[] rows = {2, 1, 3, 5, 9, 2, 14, 39, 40, 17, 1, 1, 4, 70, 6, 8, 33, 16, 3};
    int padded = 5; // of the sequence of this number, the last row is no key
    Random random = new Random(8);
    int[] starts = new int[rows.length + 1];
    int[] keys = rows.clone();
    keys[padded]--;
    for (int s = 0; s < rows.length; s++) {
      starts[s + 1] = starts[s] + rows[s];
    }
    float[] qkv = normal(random, starts[rows.length] * 192, 1);
    float[] dContext = normal(random, starts[rows.length] * 64, 1);
    List<int[]> together = attention(storage, starts, keys, qkv, dContext);
    for (int s = 0; s < rows.length; s++) {
      List<int[]> alone =
          attention(
              storage,
              new int[] {0, rows[s]},
              new int[] {keys[s]},
              Arrays.copyOfRange(qkv, starts[s] * 192, starts[s + 1] * 192),
              Arrays.copyOfRange(dContext, starts[s] * 64, starts[s + 1] * 64));
      for (int i = 0; i < alone.size(); i++) {
        int width = alone.get(i).length / rows[s];
        assertThat(alone.get(i))
            .as("output %d of sequence %d", i, s)
            .isEqualTo(
                Arrays.copyOfRange(together.get(i), starts[s] * width, starts[s + 1] * width));
      }
    }
  }

  /** Context, logSumExp and dQkv of two heads. */
  private static List<int[]> attention(
      DType storage, int[] starts, int[] keys, float[] x, float[] gradient) {
    int tokens = starts[keys.length];
    try (HostDevice device = new HostDevice(2);
        DeviceBuffers buffers = new DeviceBuffers(device, storage)) {
      Tensor qkv = buffers.stored("qkv", buffers.rounded(x), tokens, 192);
      Tensor dContext = buffers.stored("dContext", buffers.rounded(gradient), tokens, 64);
      Tensor bias = buffers.f32("bias", normal(new Random(5), 192, 1), 192);
      Tensor dBias = buffers.f32("dBias", new float[192], 192);
      Tensor cuSeqlens = buffers.i32("cuSeqlens", starts);
      Tensor keyLengths = buffers.i32("keyLengths", keys);
      Tensor context = buffers.stored("context", tokens, 64);
      Tensor logSumExp = buffers.f32("logSumExp", tokens, 2);
      Tensor dQkv = buffers.stored("dQkv", tokens, 192);
      Kernels kernels = device.kernels();
      Attention.Forward forward =
          new Attention.Forward(context, logSumExp, qkv, bias, cuSeqlens, keyLengths, 2, 0);
      kernels.attention().attention(forward, 70, Dropout.NONE);
      kernels
          .attention()
          .attentionBackward(
              new Attention.Backward(forward, dQkv, dBias, dContext), 70, Dropout.NONE);
      return List.of(buffers.ints(context), buffers.ints(logSumExp), buffers.ints(dQkv));
    }
  }

  private static void assumeStored(DType storage) {
    try (HostDevice device = new HostDevice(1)) {
      assumeThat(device.storageTypes()).as("types of the processor").contains(storage);
    }
  }

  @Test
  void openBlasComputesTheSameWithinRounding() {
    String before = System.getProperty(MatrixLibrary.PROPERTY, "");
    System.setProperty(MatrixLibrary.PROPERTY, "openblas");
    try (HostDevice device = new HostDevice(2);
        DeviceBuffers buffers = new DeviceBuffers(device)) {
      assertThat(device.description()).contains("OpenBLAS").contains("2 threads");
      int n = 65;
      float[] identity = new float[n * n];
      for (int i = 0; i < n; i++) {
        identity[i * n + i] = 1;
      }
      float[] a = normal(new Random(1), n * n, 1);
      Tensor c = buffers.f32("c", n, n);
      device
          .kernels()
          .product()
          .gemm(GemmSpec.NN, c, buffers.f32("a", a, n, n), buffers.f32("i", identity, n, n));
      assertThat(buffers.floats(c)).containsExactly(a); // products with 0 and 1 are exact
    } finally {
      System.setProperty(MatrixLibrary.PROPERTY, before);
    }
  }

  @Test
  void badIndicesAreRefused() {
    try (HostDevice device = new HostDevice(1);
        DeviceBuffers buffers = new DeviceBuffers(device)) {
      Tensor x = buffers.f32("x", new float[12], 4, 3);
      Tensor y = buffers.f32("y", new float[6], 2, 3);
      Tensor rows = buffers.i32("rows", 3, 4);
      assertThatThrownBy(() -> device.kernels().row().gatherRows(y, x, rows))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("gatherRows: rows[1] is 4, expected 0 to 3, or -1 for none");
      Tensor none = buffers.i32("none", -1, -2);
      assertThatThrownBy(() -> device.kernels().row().scatterRows(x, y, none))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("scatterRows: none[1] is -2, expected 0 to 3, or -1 for none");
      RowSegments segments =
          new RowSegments(
              buffers.i32("order", 0, 2), buffers.i32("keys", 3), buffers.i32("starts", 0, 2));
      assertThatThrownBy(() -> device.kernels().row().addRows(x, y, segments))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("addRows: order[1] is 2, expected 0 to 1");

      Tensor ids = buffers.i32("ids", 0, 1, 0, 1);
      Tensor types = buffers.i32("tokenTypeIds", 0, 1, 2, 0);
      Tensor vector = buffers.f32("vector", new float[3], 3);
      Tensor table = buffers.f32("table", new float[6], 2, 3);
      LayerNorm norm =
          new LayerNorm(
              buffers.f32("norm", 4, 3),
              x,
              buffers.f32("mean", 4),
              buffers.f32("rstd", 4),
              vector,
              vector,
              0);
      Embedding.Forward embed = new Embedding.Forward(norm, ids, ids, types, table, table, table);
      assertThatThrownBy(() -> device.kernels().embedding().embed(embed, Dropout.NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("embed: tokenTypeIds[2] is 2, expected 0 to 1");

      Tensor context = buffers.f32("context", new float[8], 4, 2);
      Tensor logSumExp = buffers.f32("logSumExp", new float[4], 4, 1);
      Tensor qkv = buffers.f32("qkv", new float[24], 4, 6);
      Tensor bias = buffers.f32("bias", new float[6], 6);
      Tensor keys = buffers.i32("keyLengths", 1, 3);
      Tensor starts = buffers.i32("cuSeqlens", 0, 2, 4);
      assertThatThrownBy(
              () ->
                  device
                      .kernels()
                      .attention()
                      .attention(
                          new Attention.Forward(context, logSumExp, qkv, bias, starts, keys, 1, 0),
                          2,
                          Dropout.NONE))
          .hasMessage("attention: keyLengths[1] is 3, expected 1 to 2, the rows of the sequence");

      Tensor losses = buffers.f32("losses", 2, 2);
      Tensor labels = buffers.i32("labels", new int[] {0, 1, -1, 2}, 2, 2);
      Tensor scale = buffers.f32("gradientScale", new float[] {1}, 1);
      assertThatThrownBy(
              () ->
                  device
                      .kernels()
                      .loss()
                      .segmentCrossEntropy(losses, context, starts, labels, scale))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("segmentCrossEntropy: labels[1, 1] is 2, expected 0 to 1, or -1 for none");

      Tensor rights = buffers.f32("rights", 2);
      Tensor marks = buffers.i32("marks", 0, 1, 2, 0);
      Tensor scores = buffers.f32("scores", new float[4], 4, 1);
      assertThatThrownBy(
              () ->
                  device
                      .kernels()
                      .loss()
                      .marginalCrossEntropy(rights, scores, starts, marks, scale))
          .hasMessage("marginalCrossEntropy: marks[2] is 2, expected 0 to 1");
      Tensor products = buffers.f32("products", 2, 2);
      Tensor first = buffers.i32("first", 3, 0);
      Tensor second = buffers.i32("second", 0, 4);
      assertThatThrownBy(
              () -> device.kernels().row().multiplyRows(products, context, first, second))
          .hasMessage("multiplyRows: second[1] is 4, expected 0 to 3");
      Tensor spanSums = buffers.f32("spanSums", 2, 2);
      Tensor logs = buffers.f32("logSumExp", 2);
      Tensor from = buffers.i32("from", 1, 0);
      Tensor to = buffers.i32("to", 3, 1);
      assertThatThrownBy(
              () ->
                  device
                      .kernels()
                      .row()
                      .weightedSpanSum(
                          new WeightedSpans(spanSums, logs, context, scores, from, to, 2)))
          .hasMessage("weightedSpanSum: from[1] is 0, expected ascending from 0 to at most 4");
      assertThatThrownBy(
              () ->
                  device
                      .kernels()
                      .row()
                      .weightedSpanSum(
                          new WeightedSpans(spanSums, logs, context, scores, from, to, 1)))
          .hasMessage("weightedSpanSum: to[0] is 3, expected 1 to 2");
    }
  }
}
