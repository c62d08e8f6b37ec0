package org.mirror4j.device.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.Dropout;
import org.mirror4j.device.GeluForm;
import org.mirror4j.device.GemmSpec;
import org.mirror4j.device.Kernels;
import org.mirror4j.device.Pooling;
import org.mirror4j.device.RowSegments;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Tensor;

/**
 * A warm operation allocates nothing. Vectors that the compiler boxes would show here: 96 bytes for
 * each of 16 elements.
 */
class HostAllocationTest {
  private static final int ROWS = 40;
  private static final int WIDTH = 256;

  /** Calls of a round, and rounds in a row that must allocate nothing. */
  private static final int CALLS = 50, QUIET_ROUNDS = 4;

  /** Calls go on for so long at most: a busy machine may take its time to compile. */
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private static final HostDevice DEVICE = new HostDevice(1);

  @AfterAll
  static void close() {
    DEVICE.close();
  }

  @Test
  void rowOperations() {
    Dropout dropout = new Dropout(0.1, 0, 1);
    Kernels k = DEVICE.kernels();
    try (DeviceBuffers buffers = new DeviceBuffers(DEVICE)) {
      float[] ones = new float[ROWS * WIDTH];
      Arrays.fill(ones, 1f);
      Tensor x = buffers.f32("x", ones, ROWS, WIDTH);
      Tensor y = buffers.f32("y", ones, ROWS, WIDTH);
      Tensor z = buffers.f32("z", ones, ROWS, WIDTH);
      Tensor w = buffers.f32("w", ones, ROWS, WIDTH);
      Tensor mean = buffers.f32("mean", new float[ROWS], ROWS);
      Tensor rstd = buffers.f32("rstd", new float[ROWS], ROWS);
      Tensor a = buffers.f32("a", new float[WIDTH], WIDTH);
      Tensor b = buffers.f32("b", new float[WIDTH], WIDTH);
      Tensor c = buffers.f32("c", new float[WIDTH], WIDTH);
      Tensor d = buffers.f32("d", new float[WIDTH], WIDTH);
      int[] numbers = new int[ROWS];
      int[] starts = new int[ROWS + 1];
      for (int i = 0; i < ROWS; i++) {
        numbers[i] = i;
        starts[i + 1] = i + 1;
      }
      Tensor rows = buffers.i32("rows", numbers);
      Tensor cuSeqlens = buffers.i32("cuSeqlens", 0, ROWS / 2, ROWS);
      Tensor keyLengths = buffers.i32("keyLengths", 3, ROWS / 2);
      Tensor pooled = buffers.f32("pooled", new float[2 * WIDTH], 2, WIDTH);
      Tensor word = buffers.f32("word", ones, ROWS, WIDTH);
      Tensor position = buffers.f32("position", ones, ROWS, WIDTH);
      Tensor type = buffers.f32("type", new float[2 * WIDTH], 2, WIDTH);
      RowSegments segments =
          new RowSegments(
              buffers.i32("order", numbers),
              buffers.i32("keys", numbers),
              buffers.i32("starts", starts));
      List<Tensor> flat =
          Stream.of("parameters", "gradients", "firstMoment", "secondMoment")
              .map(name -> buffers.f32(name, ones, ROWS * WIDTH))
              .toList();
      Tensor number = buffers.f32("number", 1);
      Tensor flag = buffers.i32("flag", 0);

      settles("layerNorm", () -> k.layerNorm(y, mean, rstd, x, a, b, 1e-5f));
      settles("layerNormBackward", () -> k.layerNormBackward(y, a, b, z, x, mean, rstd, c));
      for (Dropout drop : new Dropout[] {Dropout.NONE, dropout}) {
        settles(
            "residualLayerNorm",
            () -> k.residualLayerNorm(y, z, mean, rstd, x, a, b, c, 1e-5f, drop, 1));
        settles(
            "residualLayerNormBackward",
            () -> k.residualLayerNormBackward(y, w, a, b, c, x, z, mean, rstd, d, drop, 1));
        settles(
            "embed",
            () -> k.embed(y, z, mean, rstd, rows, rows, word, position, type, a, b, 1e-5f, drop));
        settles(
            "embedBackward",
            () ->
                k.embedBackward(
                    word, position, type, a, b, y, z, mean, rstd, c, segments, segments, drop));
      }
      for (GeluForm form : GeluForm.values()) {
        settles("biasGelu " + form, () -> k.biasGelu(y, x, a, form));
        settles("biasGeluBackward " + form, () -> k.biasGeluBackward(y, b, z, x, a, form));
      }
      settles("biasGradient", () -> k.biasGradient(a, x));
      for (Pooling pooling : Pooling.values()) {
        settles("pool", () -> k.pool(pooled, x, cuSeqlens, keyLengths, pooling));
        settles("poolBackward", () -> k.poolBackward(y, pooled, cuSeqlens, keyLengths, pooling));
      }
      settles("gatherRows", () -> k.gatherRows(y, x, rows));
      settles("scatterRows", () -> k.scatterRows(y, x, rows));
      settles("normalizeRows", () -> k.normalizeRows(y, mean, x));
      settles("normalizeRowsBackward", () -> k.normalizeRowsBackward(z, x, y, mean));
      settles(
          "adamW",
          () ->
              k.adamW(
                  flat.get(0),
                  flat.get(1),
                  flat.get(2),
                  flat.get(3),
                  1e-3f,
                  0.9f,
                  0.999f,
                  1e-8f,
                  0.01f,
                  3,
                  1f));
      settles("sumOfSquares", () -> k.sumOfSquares(number, x));
      settles("anyNonFinite", () -> k.anyNonFinite(flag, x));
      settles("scale", () -> k.scale(x, 1f));
      settles("fill", () -> k.fill(y, 1f));
      settles("copy", () -> k.copy(z, x));
    }
  }

  @Test
  void productsAttentionAndLosses() {
    Kernels k = DEVICE.kernels();
    try (DeviceBuffers buffers = new DeviceBuffers(DEVICE)) {
      int[] starts = {0, 3, 4, 9, 33, 80};
      int tokens = starts[5];
      Tensor cuSeqlens = buffers.i32("cuSeqlens", starts);
      Tensor keyLengths = buffers.i32("keyLengths", 3, 1, 5, 20, 47);
      Tensor context = buffers.f32("context", new float[tokens * 64], tokens, 64);
      Tensor dContext = buffers.f32("dContext", new float[tokens * 64], tokens, 64);
      Tensor logSumExp = buffers.f32("logSumExp", tokens, 2);
      Tensor qkv = buffers.f32("qkv", new float[tokens * 192], tokens, 192);
      Tensor dQkv = buffers.f32("dQkv", tokens, 192);
      Tensor bias = buffers.f32("bias", new float[192], 192);
      Tensor dBias = buffers.f32("dBias", new float[192], 192);
      for (Dropout drop : new Dropout[] {Dropout.NONE, new Dropout(0.1, 0.1, 1)}) {
        settles(
            "attention",
            () ->
                k.attention(context, logSumExp, qkv, bias, cuSeqlens, keyLengths, 47, 2, drop, 0));
        settles(
            "attentionBackward",
            () ->
                k.attentionBackward(
                    dQkv,
                    dBias,
                    dContext,
                    context,
                    logSumExp,
                    qkv,
                    cuSeqlens,
                    keyLengths,
                    47,
                    2,
                    drop,
                    0));
      }
      Tensor weight = buffers.f32("weight", new float[192 * 64], 192, 64);
      settles("gemm", () -> k.gemm(GemmSpec.NT, qkv, context, weight));
      Tensor dWeight = buffers.f32("dWeight", new float[192 * 64], 192, 64);
      settles("gemm", () -> k.gemm(GemmSpec.TN_ADD, dWeight, dQkv, context));
      settles(
          "gemmStridedBatched", () -> k.gemmStridedBatched(GemmSpec.NT, 1, qkv, context, weight));
      Tensor loss = buffers.f32("loss", 40);
      Tensor similarities = buffers.f32("similarities", new float[1600], 40, 40);
      Tensor groups = buffers.i32("groups", new int[40]);
      settles("contrastiveLoss", () -> k.contrastiveLoss(loss, similarities, groups, 0.04f));
      Tensor logits = buffers.f32("logits", new float[40 * 301], 40, 301);
      Tensor vocabulary = buffers.f32("bias", new float[301], 301);
      settles(
          "softmaxCrossEntropy",
          () -> k.softmaxCrossEntropy(loss, logits, vocabulary, groups, 1e-3f));
    }
  }

  /** Calls until several rounds of calls in a row have allocated nothing. */
  private static void settles(String what, Runnable operation) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    long allocated;
    int quiet = 0;
    do {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        operation.run();
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
      quiet = allocated == 0 ? quiet + 1 : 0;
    } while (quiet < QUIET_ROUNDS && System.nanoTime() < deadline);
    assertThat(quiet)
        .as("%s: quiet rounds of %d calls; the last allocated %d bytes", what, CALLS, allocated)
        .isEqualTo(QUIET_ROUNDS);
  }
}
