package org.mirror4j.device.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.Attention;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Embedding;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Norm.LayerNorm;
import org.mirror4j.device.operation.Norm.LayerNormBackward;
import org.mirror4j.device.operation.Norm.ResidualLayerNorm;
import org.mirror4j.device.operation.Norm.ResidualLayerNormBackward;
import org.mirror4j.device.operation.RowPooling;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.support.ForkedJava;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * Warm operations allocate nothing, in the mixture of sizes in which they occur. Vectors that the
 * compiler boxes would show here: 96 bytes for each of 16 elements.
 *
 * <p>The operations run in a Java of their own, as those of a training do: what other tests have
 * called before decides about what the compiler inlines.
 */
class HostAllocationTest {
  private static final int ROWS = 40;

  /** Whole vectors, and not. */
  private static final int[] WIDTHS = {256, 200};

  /** Calls of a round, and rounds in a row that must allocate nothing. */
  private static final int CALLS = 5, QUIET_ROUNDS = 20;

  /** Calls go on for so long at most: a busy machine may take its time to compile. */
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  private static final HostDevice DEVICE = new HostDevice(1, new ScalarStart(0));

  private final List<Operation> operations = new ArrayList<>();

  private record Operation(String name, Runnable call) {}

  /** All operations. */
  static final class All {
    /** Prints what went wrong, else {@code quiet}. */
    public static void main(String[] arguments) {
      Dropout[] dropouts = {Dropout.NONE, new Dropout(0.1, 0.1, 1)};
      new HostAllocationTest().rowOperations(dropouts);
      new HostAllocationTest().productsAttentionAndLosses(dropouts);
      DEVICE.close();
      System.out.println("quiet");
    }
  }

  /** Products, attention without dropout, and losses. */
  static final class Losses {
    /** Prints what went wrong, else {@code quiet}. */
    public static void main(String[] arguments) {
      new HostAllocationTest().productsAttentionAndLosses(Dropout.NONE);
      DEVICE.close();
      System.out.println("quiet");
    }
  }

  @Test
  void warmOperationsAllocateNothing() {
    assertThat(run(All.class)).isEqualTo("quiet");
  }

  /**
   * Whether the compiler inlines a method depends on what it has compiled before: here it inlines
   * none of the CPU's, as if each were large already. A vector that one hands to another shows.
   */
  @Test
  void noVectorGoesFromMethodToMethod() {
    assertThat(
            run(
                All.class,
                "-XX:CompileCommand=quiet",
                "-XX:CompileCommand=dontinline,org.mirror4j.device.host.*::*"))
        .isEqualTo("quiet");
  }

  /**
   * Where the compiler has been wrong often enough about the classes that it saw, it does not rely
   * on them any more: here from the start.
   */
  @Test
  void lossesDoNotRelyOnTheClassesSeen() {
    assertThat(run(Losses.class, "-XX:PerMethodTrapLimit=0", "-XX:-UseTypeSpeculation"))
        .isEqualTo("quiet");
  }

  private static String run(Class<?> main, String... options) {
    return ForkedJava.run(main, jar -> false, options);
  }

  private void rowOperations(Dropout... dropouts) {
    for (DType storage : DEVICE.storageTypes()) {
      try (DeviceBuffers buffers = new DeviceBuffers(DEVICE, storage)) {
        for (int width : WIDTHS) {
          rowOperations(buffers, width, dropouts);
        }
        settle();
      }
    }
  }

  private void rowOperations(DeviceBuffers buffers, int width, Dropout... dropouts) {
    Kernels k = DEVICE.kernels();
    float[] ones = new float[ROWS * width];
    Arrays.fill(ones, 1f);
    Tensor x = buffers.stored("x", ones, ROWS, width);
    Tensor y = buffers.stored("y", ones, ROWS, width);
    Tensor z = buffers.stored("z", ones, ROWS, width);
    Tensor w = buffers.stored("w", ones, ROWS, width);
    Tensor mean = buffers.f32("mean", new float[ROWS], ROWS);
    Tensor rstd = buffers.f32("rstd", new float[ROWS], ROWS);
    Tensor a = buffers.f32("a", new float[width], width);
    Tensor b = buffers.f32("b", new float[width], width);
    Tensor c = buffers.f32("c", new float[width], width);
    Tensor d = buffers.f32("d", new float[width], width);
    Tensor e = buffers.f32("e", new float[width], width);
    int[] numbers = new int[ROWS];
    int[] starts = new int[ROWS + 1];
    for (int i = 0; i < ROWS; i++) {
      numbers[i] = i;
      starts[i + 1] = i + 1;
    }
    Tensor rows = buffers.i32("rows", numbers);
    Tensor types = buffers.i32("types", IntStream.range(0, ROWS).map(row -> row % 2).toArray());
    RowSegments second =
        new RowSegments(rows, buffers.i32("key", 1), buffers.i32("start", 0, ROWS));
    Tensor cuSeqlens = buffers.i32("cuSeqlens", 0, ROWS / 2, ROWS);
    Tensor keyLengths = buffers.i32("keyLengths", 3, ROWS / 2);
    Tensor pooled = buffers.f32("pooled", new float[2 * width], 2, width);
    Tensor word = buffers.f32("word", ones, ROWS, width);
    Tensor position = buffers.f32("position", ones, ROWS, width);
    Tensor unit = buffers.f32("unit", ones, ROWS, width);
    Tensor type = buffers.f32("type", new float[2 * width], 2, width);
    RowSegments segments =
        new RowSegments(
            buffers.i32("order", numbers),
            buffers.i32("keys", numbers),
            buffers.i32("starts", starts));
    List<Tensor> flat =
        Stream.of("parameters", "gradients", "firstMoment", "secondMoment")
            .map(name -> buffers.f32(name, ones, ROWS * width))
            .toList();
    Tensor stored =
        buffers.storageRoundoff() == 0 ? flat.getFirst() : buffers.stored("stored", ROWS * width);
    Tensor number = buffers.f32("number", 1);
    Tensor flag = buffers.i32("flag", 0);

    LayerNorm norm = new LayerNorm(y, x, mean, rstd, c, d, 1e-5f);
    LayerNormBackward normBackward = new LayerNormBackward(norm, y, z, a, b);
    ResidualLayerNorm residual =
        new ResidualLayerNorm(new LayerNorm(y, z, mean, rstd, c, d, 1e-5f), x, a, 1);
    ResidualLayerNormBackward residualBackward =
        new ResidualLayerNormBackward(residual, y, w, x, a, b, e);
    Embedding.Forward embed =
        new Embedding.Forward(residual.norm(), rows, rows, types, word, position, type);
    Embedding.Backward embedBackward =
        new Embedding.Backward(embed, y, word, position, type, a, b, segments, segments, second);
    operation("layerNorm", () -> k.norm().layerNorm(norm));
    operation("layerNormBackward", () -> k.norm().layerNormBackward(normBackward));
    for (Dropout drop : dropouts) {
      operation("residualLayerNorm", () -> k.norm().residualLayerNorm(residual, drop));
      operation(
          "residualLayerNormBackward",
          () -> k.norm().residualLayerNormBackward(residualBackward, drop));
      operation("embed", () -> k.embedding().embed(embed, drop));
      operation("embedBackward", () -> k.embedding().embedBackward(embedBackward, drop));
    }
    for (GeluForm form : GeluForm.values()) {
      operation("biasGelu " + form, () -> k.activation().biasGelu(y, x, a, form));
      operation(
          "biasGeluBackward " + form, () -> k.activation().biasGeluBackward(y, b, z, x, a, form));
    }
    operation("biasGradient", () -> k.activation().biasGradient(a, x));
    for (RowPooling pooling : RowPooling.values()) {
      operation("pool", () -> k.row().pool(pooled, x, cuSeqlens, keyLengths, pooling));
      operation(
          "poolBackward", () -> k.row().poolBackward(y, pooled, cuSeqlens, keyLengths, pooling));
    }
    operation("gatherRows", () -> k.row().gatherRows(y, x, rows));
    operation("scatterRows", () -> k.row().scatterRows(y, x, rows));
    operation("normalizeRows", () -> k.row().normalizeRows(unit, mean, word));
    operation(
        "normalizeRowsBackward", () -> k.row().normalizeRowsBackward(position, word, unit, mean));
    operation(
        "adamW",
        () ->
            k.optimizer()
                .adamW(
                    flat.get(0),
                    stored,
                    flat.get(1),
                    flat.get(2),
                    flat.get(3),
                    1f,
                    0.9f,
                    0.999f,
                    0.99999f,
                    1e-3f,
                    2f,
                    1e-8f));
    operation("sumOfSquares", () -> k.optimizer().sumOfSquares(number, word));
    operation("anyNonFinite", () -> k.optimizer().anyNonFinite(flag, word));
    operation("scale", () -> k.optimizer().scale(word, 1f));
    operation("fill", () -> k.memory().fill(word, 1f));
    operation("copy", () -> k.memory().copy(z, x));
    operation("add", () -> k.memory().add(z, x));
    operation("convert", () -> k.memory().convert(z, word));
    operation("convert", () -> k.memory().convert(word, x));
  }

  private void productsAttentionAndLosses(Dropout... dropouts) {
    for (DType storage : DEVICE.storageTypes()) {
      try (DeviceBuffers buffers = new DeviceBuffers(DEVICE, storage)) {
        productsAttentionAndLosses(buffers, dropouts);
        settle();
      }
    }
  }

  private void productsAttentionAndLosses(DeviceBuffers buffers, Dropout... dropouts) {
    Kernels k = DEVICE.kernels();
    int[] starts = {0, 3, 4, 9, 33, 80};
    int tokens = starts[5];
    Tensor cuSeqlens = buffers.i32("cuSeqlens", starts);
    Tensor keyLengths = buffers.i32("keyLengths", 3, 1, 5, 20, 47);
    Tensor context = buffers.stored("context", new float[tokens * 64], tokens, 64);
    Tensor dContext = buffers.stored("dContext", new float[tokens * 64], tokens, 64);
    Tensor logSumExp = buffers.f32("logSumExp", tokens, 2);
    Tensor qkv = buffers.stored("qkv", new float[tokens * 192], tokens, 192);
    Tensor dQkv = buffers.stored("dQkv", tokens, 192);
    Tensor bias = buffers.f32("bias", new float[192], 192);
    Tensor dBias = buffers.f32("dBias", new float[192], 192);
    Attention.Forward forward =
        new Attention.Forward(context, logSumExp, qkv, bias, cuSeqlens, keyLengths, 2, 0);
    Attention.Backward backward = new Attention.Backward(forward, dQkv, dBias, dContext);
    for (Dropout drop : dropouts) {
      operation("attention", () -> k.attention().attention(forward, 47, drop));
      operation("attentionBackward", () -> k.attention().attentionBackward(backward, 47, drop));
    }
    Tensor weight = buffers.stored("weight", new float[192 * 64], 192, 64);
    operation("gemm", () -> k.product().gemm(GemmSpec.NT, qkv, context, weight));
    for (int rows : new int[] {1, FewRowProducts.MOST_ROWS}) {
      Tensor few = buffers.stored("few", new float[rows * 64], rows, 64);
      Tensor result = buffers.stored("result", rows, 192);
      operation("gemm of few rows", () -> k.product().gemm(GemmSpec.NT, result, few, weight));
    }
    Tensor dWeight = buffers.f32("dWeight", new float[192 * 64], 192, 64);
    operation("gemm", () -> k.product().gemm(GemmSpec.TN_ADD, dWeight, dQkv, context));
    operation(
        "gemmStridedBatched",
        () -> k.product().gemmStridedBatched(GemmSpec.NT, 1, qkv, context, weight));
    Tensor loss = buffers.f32("loss", 40);
    Tensor similarities = buffers.f32("similarities", new float[1600], 40, 40);
    Tensor groups = buffers.i32("groups", new int[40]);
    operation("contrastiveLoss", () -> k.loss().contrastiveLoss(loss, similarities, groups, 0.04f));
    Tensor logits = buffers.stored("logits", new float[40 * 301], 40, 301);
    Tensor vocabulary = buffers.f32("bias", new float[301], 301);
    operation(
        "softmaxCrossEntropy",
        () -> k.loss().softmaxCrossEntropy(loss, logits, vocabulary, groups, 1e-3f));
  }

  private void operation(String name, Runnable call) {
    operations.add(new Operation(name, call));
  }

  /** Calls all operations in turn until several rounds have allocated nothing; forgets them. */
  private void settle() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    long[] allocated = new long[operations.size()];
    int quiet = 0;
    while (quiet < QUIET_ROUNDS && System.nanoTime() < deadline) {
      quiet++;
      for (int i = 0; i < allocated.length; i++) {
        Runnable call = operations.get(i).call;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int n = 0; n < CALLS; n++) {
          call.run();
        }
        allocated[i] = threads.getCurrentThreadAllocatedBytes() - before;
        quiet = allocated[i] == 0 ? quiet : 0;
      }
    }
    if (quiet < QUIET_ROUNDS) {
      fail(
          "bytes of %d warm calls: %s",
          CALLS,
          IntStream.range(0, allocated.length)
              .filter(i -> allocated[i] != 0)
              .mapToObj(i -> operations.get(i).name + " " + allocated[i])
              .toList());
    }
    operations.clear();
  }
}
