package org.mirror4j.support;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.IntConsumer;

/** What steps take from the heap. */
public final class HeapOfSteps {
  /** Far more calls than it takes to compile all of a step; before that, copies take memory. */
  private static final int MOST_STEPS = 100_000;

  private static final int CLEAN_STEPS = 100;

  private HeapOfSteps() {}

  /**
   * Steps until many in a row have taken nothing.
   *
   * @param step takes its number, from 1
   */
  public static void requireNone(IntConsumer step) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    int clean = 0;
    for (int number = 1; number <= MOST_STEPS && clean < CLEAN_STEPS; number++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      step.accept(number);
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      least = Math.min(least, bytes);
      clean = bytes == 0 ? clean + 1 : 0;
    }
    assertThat(least).as("bytes of a step").isZero();
    assertThat(clean).as("steps in a row that take nothing").isEqualTo(CLEAN_STEPS);
  }
}
