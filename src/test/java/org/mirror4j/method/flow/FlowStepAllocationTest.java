package org.mirror4j.method.flow;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mirror4j.calibrate.flow.FlowArchitecture;
import org.mirror4j.calibrate.flow.FlowCoupling;
import org.mirror4j.calibrate.flow.FlowGradient;
import org.mirror4j.calibrate.flow.FlowPermutation;
import org.mirror4j.calibrate.flow.NormalizingFlow;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.optim.Optimization;
import org.mirror4j.support.ForkedJava;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.train.Fidelity;
import org.mirror4j.train.Trainable;

/**
 * Whole steps on the CPU, update included, soon take nothing from the heap in any thread: in a
 * process of their own, as what is compiled depends on what ran before.
 */
class FlowStepAllocationTest {
  /** Within which the loops over all parameters are compiled: these have some ten thousands. */
  private static final int MOST_STEPS = 500;

  private static final int QUIET_STEPS = 20;

  /** What the compiler has to itself after a step that took memory. */
  private static final int PAUSE_MILLIS = 10;

  @Test
  void stepsTakeNothing() {
    assertThat(ForkedJava.run(Steps.class, jar -> false)).isEqualTo("quiet");
  }

  /** Prints what went wrong, else {@code quiet}. */
  static final class Steps {
    public static void main(String[] arguments) throws InterruptedException {
      for (FlowCoupling coupling : FlowCoupling.values()) {
        for (FlowPermutation permutation : FlowPermutation.values()) {
          steps(new FlowArchitecture(256, 2, 2, 32, coupling, permutation));
        }
      }
      System.out.println("quiet");
    }
  }

  private static void steps(FlowArchitecture architecture) throws InterruptedException {
    float[] vectors = new float[32 * architecture.channels()];
    Random random = new Random(1);
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = (float) random.nextGaussian();
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    FlowTraining method =
        new FlowTraining(null, "test", FlowRecipe.TARGET.settings(), Fidelity.CLEAN);
    try (HostDevice device = new HostDevice(2);
        Workspace workspace = new Workspace(device)) {
      NormalizingFlow flow = NormalizingFlow.fresh(device, workspace, architecture, 1);
      Trainable trainable = method.trainable(device, workspace, flow);
      Optimization optimization = trainable.optimization(device, workspace, method.clipping());
      FlowGradient gradient =
          new FlowGradient(device, workspace, flow, trainable.gradients(), 32, 2);
      int quiet = 0;
      long bytes = 0;
      for (int step = 1; step <= MOST_STEPS && quiet < QUIET_STEPS; step++) {
        long before = threads.getTotalThreadAllocatedBytes();
        gradient.upload(vectors);
        gradient.lossAndGradient(false);
        optimization.step(step);
        bytes = threads.getTotalThreadAllocatedBytes() - before;
        quiet = bytes == 0 ? quiet + 1 : 0;
        if (bytes > 0) {
          Thread.sleep(PAUSE_MILLIS);
        }
      }
      if (quiet < QUIET_STEPS) {
        System.out.printf("a step of %s took %d bytes of the heap%n", architecture, bytes);
      }
    }
  }
}
