package org.mirror4j.bench.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.mirror4j.bench.contest.Workload;
import org.mirror4j.device.Precision;

/** What the engine's warm steps take from the heap, to the byte: without what JMH takes itself. */
public final class StepHeap {
  private static final int STEPS = 4;

  private StepHeap() {}

  /**
   * Prints the bytes that the steps took in all threads, by precision.
   *
   * @param arguments shape, recipe, items, threads and precisions
   */
  public static void main(String[] arguments) throws IOException {
    ObjectNode result = new ObjectMapper().createObjectNode();
    result.put("shape", arguments[0]);
    result.put("recipe", arguments[1]);
    result.put("items", Integer.parseInt(arguments[2]));
    result.put("steps", STEPS);
    ObjectNode bytes = result.putObject("bytes");
    for (int i = 4; i < arguments.length; i++) {
      TrainingStep.Mirror4j engine = new TrainingStep.Mirror4j();
      engine.shape = arguments[0];
      engine.recipe = arguments[1];
      engine.items = Integer.parseInt(arguments[2]);
      engine.threads = Integer.parseInt(arguments[3]);
      engine.precision = Precision.valueOf(arguments[i]);
      engine.plan();
      bytes.put(engine.precision.label(), bytes(engine));
      engine.close();
    }
    System.out.println(new ObjectMapper().writeValueAsString(result));
  }

  private static long bytes(TrainingStep.Mirror4j engine) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    // Each batch once: the library makes code for its sizes.
    for (int batch = 0; batch < Workload.BATCHES; batch++) {
      engine.step();
    }
    long before = threads.getTotalThreadAllocatedBytes();
    for (int step = 0; step < STEPS; step++) {
      engine.step();
    }
    return threads.getTotalThreadAllocatedBytes() - before;
  }
}
