package org.mirror4j.bench.operation;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Fused operations beside the sequences that they stand for, forward and backward. */
public class FusedOperations {
  private static final double DROPOUT = 0.1;

  /** The operations at the sizes of a step of BERT-base on about 1,800 tokens. */
  public enum Case {
    /** Feed-forward activation. */
    BIAS_GELU(new BiasGelu(1800, 3072)),
    /** End of a block. */
    RESIDUAL_LAYER_NORM(new ResidualLayerNorm(1800, 768)),
    /** Attention of words. */
    ATTENTION_6(new EqualLengthAttention(300, 6, 768, 12)),
    /** Attention of sentences. */
    ATTENTION_30(new EqualLengthAttention(60, 30, 768, 12)),
    /** Loss of 200 items. */
    CONTRASTIVE_LOSS(new ContrastiveLoss(400, 768)),
    /** Loss of a masked language model. */
    CROSS_ENTROPY(new CrossEntropy(256, 30_522)),
    /** Embedding of words. */
    EMBEDDING(new EqualLengthEmbedding(300, 6, 768, 30_522));

    private final MeasuredOperation operation;

    Case(MeasuredOperation operation) {
      this.operation = operation;
    }

    MeasuredOperation operation() {
      return operation;
    }
  }

  /** The engine on the CPU. */
  @State(Scope.Benchmark)
  public static class Mirror4j {
    @Param("BIAS_GELU")
    public Case operation;

    @Param("2")
    public int threads;

    private HostDevice device;
    private Buffers buffers;
    private MeasuredOperation.EngineSide side;

    /** Fills the buffers. */
    @Setup(Level.Trial)
    public void fill() {
      device = new HostDevice(threads);
      buffers = new Buffers(device);
      side = operation.operation().engine(buffers, new Dropout(DROPOUT, 0, 1));
    }

    /** Frees them. */
    @TearDown(Level.Trial)
    public void close() {
      buffers.close();
      device.close();
    }
  }

  /** PyTorch through DJL. */
  @State(Scope.Benchmark)
  public static class Djl {
    @Param("BIAS_GELU")
    public Case operation;

    private NDManager manager;
    private MeasuredOperation.RivalSide side;

    /** Makes the arrays, having made sure that without dropout the gradient is the engine's. */
    @Setup(Level.Trial)
    public void fill() {
      manager = NDManager.newBaseManager();
      check(operation.operation());
      side = operation.operation().rival(manager, (float) DROPOUT);
    }

    private void check(MeasuredOperation operation) {
      float[] expected;
      try (HostDevice device = new HostDevice(1);
          Buffers buffers = new Buffers(device)) {
        MeasuredOperation.EngineSide engine = operation.engine(buffers, Dropout.NONE);
        engine.run();
        expected = engine.result();
      }
      float[] got;
      try (NDManager checked = manager.newSubManager();
          NDManager step = checked.newSubManager()) {
        got = gradient(operation.rival(checked, 0), step).toFloatArray();
      }
      double largest = 0;
      double worst = 0;
      for (int i = 0; i < expected.length; i++) {
        largest = Math.max(largest, Math.abs(expected[i]));
        double difference = Math.abs(expected[i] - got[i]);
        worst = difference <= worst ? worst : difference;
      }
      // Few operations in f32 on values of order 1; another formula is off by far more.
      if (!(worst <= 1e-4 * largest)) {
        throw new IllegalStateException(
            "%s: DJL's gradient is off by %.2e, the largest element is %.2e"
                .formatted(operation, worst, largest));
      }
    }

    /** Frees all arrays. */
    @TearDown(Level.Trial)
    public void close() {
      manager.close();
    }
  }

  /** Gradient of the first input; leaves that have none yet, as in the first step. */
  private static NDArray gradient(MeasuredOperation.RivalSide side, NDManager step) {
    List<NDArray> leaves = new ArrayList<>();
    for (NDArray input : side.inputs()) {
      NDArray leaf = input.stopGradient();
      leaf.attach(step);
      leaf.setRequiresGradient(true);
      leaves.add(leaf);
    }
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      collector.backward(side.forward(leaves));
    }
    return leaves.getFirst().getGradient();
  }

  /** The engine. */
  @Benchmark
  public void mirror4j(Mirror4j state) {
    state.side.run();
  }

  /** DJL. */
  @Benchmark
  public void djl(Djl state) {
    try (NDManager step = state.manager.newSubManager()) {
      gradient(state.side, step).close();
    }
  }
}
