package org.mirror4j.bench.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import org.mirror4j.bench.contest.Workload;
import org.mirror4j.bench.djl.DjlBert;
import org.mirror4j.bench.djl.PaddedBatch;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.PooledEncoder;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** Token ids to the mean hidden state of each view, without dropout and without gradients. */
public class EncoderForward {
  /** A planned encoder with fresh weights. */
  private static final class Engine implements AutoCloseable {
    private final HostDevice device;
    private final Workspace workspace;
    private final BatchTensors batch;
    private final PooledEncoder encoder;
    private final float[] vectors;
    private final List<PackedBatch> packed;

    Engine(Workload workload, Precision precision, int threads) {
      packed =
          workload.batches().stream()
              .map(views -> PackedBatch.of(views, workload.config().positions()))
              .toList();
      BatchSize size = packed.stream().map(BatchSize::of).reduce(BatchSize::max).orElseThrow();
      device = new HostDevice(threads);
      workspace = new Workspace(device);
      BertModel model =
          BertModel.fresh(device, workspace, workload.config(), workload.settings(false).seed())
              .forwardOnly(device.computingForward(precision), workspace, precision);
      batch = new BatchTensors(device, workspace, size);
      encoder = new PooledEncoder(device, workspace, model, null, batch, size, Pooling.MEAN);
      vectors = new float[size.sequences() * workload.config().hiddenSize()];
    }

    float[] encode(int number) {
      batch.upload(packed.get(number));
      device.download(vectors, encoder.forward(Dropout.NONE));
      return vectors;
    }

    @Override
    public void close() {
      workspace.close();
      device.close();
    }
  }

  /** The same in DJL. */
  private static final class Rival implements AutoCloseable {
    private final NDManager manager = NDManager.newBaseManager();
    private final Workload workload;
    private final DjlBert bert;
    private final Padding padding;

    Rival(Workload workload, Padding padding) {
      this.workload = workload;
      this.padding = padding;
      FreshModel weights = new FreshModel(workload.config(), workload.settings(false).seed());
      bert = new DjlBert(manager, workload.config(), weights, false);
    }

    float[] encode(int number) {
      try (NDManager step = manager.newSubManager()) {
        int length = padding.length(workload, number);
        PaddedBatch batch = PaddedBatch.of(step, workload.batches().get(number), length);
        NDArray hidden = bert.forward(batch, 0);
        return batch.mean(hidden).toFloatArray();
      }
    }

    @Override
    public void close() {
      manager.close();
    }
  }

  /** The engine on the CPU. */
  public static class Mirror4j extends EngineState {
    private Engine engine;
    private int next;

    /** Plans all buffers. */
    @Setup(Level.Trial)
    public void plan() {
      engine = new Engine(workload(), precision, threads);
    }

    /** Frees them. */
    @TearDown(Level.Trial)
    public void close() {
      engine.close();
    }
  }

  /** PyTorch through DJL. */
  public static class Djl extends RivalState {
    private Rival rival;
    private int next;

    /** Loads PyTorch, having made sure that a small model's vectors are the engine's. */
    @Setup(Level.Trial)
    public void load() {
      Workload small = small();
      try (Engine engine = new Engine(small, Precision.F32, 1);
          Rival smallRival = new Rival(small, padding)) {
        check(engine.encode(0), smallRival.encode(0));
      }
      rival = new Rival(workload(), padding);
    }

    /** Elements are of order 1 after a LayerNorm, or less; four layers in f32 are below this. */
    private static void check(float[] expected, float[] got) {
      for (int i = 0; i < expected.length; i++) {
        if (!(Math.abs(expected[i] - got[i]) <= 1e-4)) {
          throw new IllegalStateException(
              "DJL's encoder is another one: element %d is %.6f, ours %.6f"
                  .formatted(i, got[i], expected[i]));
        }
      }
    }

    /** Frees all arrays. */
    @TearDown(Level.Trial)
    public void close() {
      rival.close();
    }
  }

  /** The engine. */
  @Benchmark
  public float[] mirror4j(Mirror4j state) {
    return state.engine.encode(state.next++ % Workload.BATCHES);
  }

  /** DJL. */
  @Benchmark
  public float[] djl(Djl state) {
    return state.rival.encode(state.next++ % Workload.BATCHES);
  }
}
