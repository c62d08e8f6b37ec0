package org.mirror4j.bench.training;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.mirror4j.bench.contest.Workload;
import org.mirror4j.bench.djl.DjlMirrorTraining;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.method.mirror.MirrorRehearsal;
import org.mirror4j.train.ComputeOptions;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The training step of Mirror-BERT, update included, dropout on: one operation is one batch, and
 * calls take the batches of the workload in turn.
 */
public class TrainingStep {
  /** Until all loops are compiled they take memory from the heap: some ten seconds to a minute. */
  private static final long MOST_WARM_UP_NANOS = 60_000_000_000L;

  /** The engine on the CPU. */
  public static class Mirror4j extends EngineState {
    private HostDevice device;
    private MirrorRehearsal rehearsal;

    /** Plans all buffers, the code being compiled: by steps of the small shape, which are short. */
    @Setup(Level.Trial)
    public void plan() {
      device = new HostDevice(threads);
      try (MirrorRehearsal small = rehearsal(small())) {
        warmUp(small);
      }
      rehearsal = rehearsal(workload());
    }

    private static void warmUp(MirrorRehearsal small) {
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long end = System.nanoTime() + MOST_WARM_UP_NANOS;
      int quiet = 0;
      while (quiet < 10 && System.nanoTime() < end) {
        long before = threads.getTotalThreadAllocatedBytes();
        small.step();
        quiet = threads.getTotalThreadAllocatedBytes() - before == 0 ? quiet + 1 : 0;
      }
    }

    private MirrorRehearsal rehearsal(Workload workload) {
      return new MirrorRehearsal(
          device,
          workload.config(),
          workload.settings(true),
          new ComputeOptions(precision, true),
          workload.batches());
    }

    double step() {
      return finite(rehearsal.step());
    }

    /** Frees them. */
    @TearDown(Level.Trial)
    public void close() {
      rehearsal.close();
      device.close();
    }
  }

  /** PyTorch through DJL, on batches padded to the longest view or to the recipe's length. */
  public static class Djl extends RivalState {
    private Workload workload;
    private DjlMirrorTraining training;
    private int step;

    /** Loads PyTorch, having made sure that a small model's gradients are ours. */
    @Setup(Level.Trial)
    public void load() {
      Workload small = small();
      GradientParity.of(small, padding.length(small, 0)).require();
      workload = workload();
      training =
          new DjlMirrorTraining(
              workload.config(),
              new FreshModel(workload.config(), workload.settings(true).seed()),
              workload.settings(true),
              2 * items);
    }

    private double step() {
      int batch = step++ % workload.batches().size();
      return training.step(workload.batches().get(batch), padding.length(workload, batch));
    }

    /** Frees all arrays. */
    @TearDown(Level.Trial)
    public void close() {
      training.close();
    }
  }

  /** The engine. */
  @Benchmark
  public double mirror4j(Mirror4j state) {
    return state.step();
  }

  /** DJL. */
  @Benchmark
  public double djl(Djl state) {
    return finite(state.step());
  }

  /** A loss, refused where it is none. */
  static double finite(double loss) {
    if (!Double.isFinite(loss)) {
      throw new ArithmeticException("the loss is " + loss);
    }
    return loss;
  }
}
