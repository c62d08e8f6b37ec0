package org.mirror4j.method.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.support.ForkedJava;
import org.mirror4j.train.ComputeOptions;

/**
 * Whole steps on the CPU, update included, soon take nothing from the heap in any thread: in a
 * process of their own, as what is compiled depends on what ran before.
 */
class HostStepAllocationTest {
  /**
   * Steps within which it must be so. Fewer than it takes to compile what a step calls a few times,
   * so that none of that may take memory even while it is interpreted.
   */
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
      try (HostDevice device = new HostDevice(2)) {
        for (Precision precision : device.precisions()) {
          step(device, precision);
        }
      }
      System.out.println("quiet");
    }
  }

  private static void step(HostDevice device, Precision precision) throws InterruptedException {
    BertConfig config =
        new BertConfig(
            BertConfig.Family.BERT, 2000, 128, 2, 2, 512, 64, 2, 1e-12f, GeluForm.ERF, 0.02f, 0);
    Random random = new Random(1);
    List<int[][]> batches = new ArrayList<>();
    for (int batch = 0; batch < 2; batch++) {
      int[][] views = new int[100][];
      for (int i = 0; i < views.length; i++) {
        views[i] = random.ints(3 + random.nextInt(5), 5, config.vocabSize()).toArray();
      }
      batches.add(views);
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (MirrorRehearsal rehearsal =
        new MirrorRehearsal(
            device,
            config,
            Recipe.WORD.settings(),
            new ComputeOptions(precision, false),
            batches)) {
      int quiet = 0;
      long bytes = 0;
      for (int step = 0; step < MOST_STEPS && quiet < QUIET_STEPS; step++) {
        long before = threads.getTotalThreadAllocatedBytes();
        rehearsal.step();
        bytes = threads.getTotalThreadAllocatedBytes() - before;
        quiet = bytes == 0 ? quiet + 1 : 0;
        if (bytes > 0) {
          Thread.sleep(PAUSE_MILLIS);
        }
      }
      if (quiet < QUIET_STEPS) {
        System.out.printf("a step in %s took %d bytes of the heap%n", precision.label(), bytes);
      }
    }
  }
}
