package org.mirror4j.bench.operation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.optimizer.AdamW;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.optim.BiasCorrection;
import org.mirror4j.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The update of a layer of BERT-base by AdamW, after which the gradients are zero. */
public class AdamWUpdate {
  private static final int PARAMETERS = 7_087_872;
  private static final float RATE = 2e-5f, DECAY = 0.01f, BETA_1 = 0.9f, BETA_2 = 0.999f;

  /** Four arrays are read and written, of the gradients too. */
  static Work work() {
    return Work.movement(PARAMETERS, "parameters", 32.0 * PARAMETERS);
  }

  /** The engine on the CPU. */
  @State(Scope.Benchmark)
  public static class Mirror4j {
    @Param("2")
    public int threads;

    private HostDevice device;
    private Buffers buffers;
    private Tensor parameters;
    private Tensor gradients;
    private org.mirror4j.device.operation.Optimizer.AdamW operands;
    private int step;

    /** Fills the buffers. */
    @Setup(Level.Trial)
    public void fill() {
      device = new HostDevice(threads);
      buffers = new Buffers(device);
      parameters = buffers.gaussianTensor(1, PARAMETERS);
      gradients = buffers.gaussianTensor(2, PARAMETERS);
      operands =
          new org.mirror4j.device.operation.Optimizer.AdamW(
              parameters,
              parameters,
              gradients,
              buffers.empty(PARAMETERS),
              buffers.empty(PARAMETERS),
              BETA_1,
              BETA_2,
              1e-8f);
    }

    /** Frees them. */
    @TearDown(Level.Trial)
    public void close() {
      buffers.close();
      device.close();
    }

    private void update() {
      Kernels kernels = device.kernels();
      step++;
      kernels
          .optimizer()
          .adamW(
              operands,
              1,
              (float) (1 - (double) RATE * DECAY),
              BiasCorrection.MOMENTS.stepSize(RATE, BETA_1, BETA_2, step),
              BiasCorrection.MOMENTS.inverseRoot(BETA_2, step));
      kernels.memory().fill(gradients, 0);
    }
  }

  /** DJL's optimizer. */
  @State(Scope.Benchmark)
  public static class Djl {
    private NDManager manager;
    private Optimizer optimizer;
    private NDArray parameters;
    private NDArray gradients;

    /** Makes the arrays, having made sure that the first update is the engine's. */
    @Setup(Level.Trial)
    public void fill() {
      manager = NDManager.newBaseManager();
      reset();
      optimizer.update("parameters", parameters, gradients);
      Mirror4j engine = new Mirror4j();
      engine.threads = 1;
      engine.fill();
      engine.update();
      float[] expected = engine.buffers.download(engine.parameters);
      engine.close();
      float[] got = parameters.toFloatArray();
      float[] gradient = Buffers.gaussian(2, PARAMETERS);
      for (int i = 0; i < got.length; i++) {
        // The update is of the size of the rate, and its tenth could be seen. DJL adds epsilon to
        // the root before the bias is corrected, which shows where a gradient is next to nothing.
        boolean counts = Math.abs(gradient[i]) > 1e-3;
        if (counts && !(Math.abs(expected[i] - got[i]) <= 0.1 * RATE)) {
          throw new IllegalStateException(
              "DJL's AdamW is another one: parameter %d is %.8f, ours %.8f"
                  .formatted(i, got[i], expected[i]));
        }
      }
      reset();
    }

    private void reset() {
      Shape shape = new Shape(PARAMETERS);
      parameters = manager.create(Buffers.gaussian(1, PARAMETERS), shape);
      parameters.setRequiresGradient(true);
      gradients = manager.create(Buffers.gaussian(2, PARAMETERS), shape);
      optimizer =
          AdamW.builder()
              .optLearningRateTracker(Tracker.fixed(RATE))
              .optWeightDecays(DECAY)
              .build();
    }

    /** Frees all arrays. */
    @TearDown(Level.Trial)
    public void close() {
      manager.close();
    }
  }

  /** The engine. */
  @Benchmark
  public void mirror4j(Mirror4j state) {
    state.update();
  }

  /** DJL, whose update sets the gradients that it has attached to zero. */
  @Benchmark
  public void djl(Djl state) {
    state.optimizer.update("parameters", state.parameters, state.gradients);
  }
}
