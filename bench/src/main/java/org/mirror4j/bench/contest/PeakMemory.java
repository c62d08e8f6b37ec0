package org.mirror4j.bench.contest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import javax.management.JMException;
import javax.management.ObjectName;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * The most memory that the process has held at once, heap, libraries and all (VmHWM), from the
 * first iteration on: what the set-up took for a moment does not count.
 */
public final class PeakMemory implements InternalProfiler {
  static final String LABEL = "peak.memory";
  private static final Path SELF = Path.of("/proc/self");

  private boolean started;

  @Override
  public String getDescription() {
    return "peak resident memory";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    if (!started) {
      started = true;
      System.gc();
      trim();
      try {
        // Sets the peak back to what is held now.
        Files.writeString(SELF.resolve("clear_refs"), "5");
      } catch (IOException problem) {
        throw new UncheckedIOException(problem);
      }
    }
  }

  /** What the C library keeps of freed memory goes back to the system. */
  private static void trim() {
    try {
      ManagementFactory.getPlatformMBeanServer()
          .invoke(
              new ObjectName("com.sun.management:type=DiagnosticCommand"),
              "systemTrimNativeHeap",
              null,
              null);
    } catch (JMException problem) {
      throw new IllegalStateException(problem);
    }
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    return List.of(new ScalarResult(LABEL, peakMiB(), "MiB", AggregationPolicy.MAX));
  }

  private static double peakMiB() {
    try {
      for (String line : Files.readAllLines(SELF.resolve("status"))) {
        if (line.startsWith("VmHWM")) {
          return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
        }
      }
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
    throw new IllegalStateException("no VmHWM in " + SELF.resolve("status"));
  }
}
