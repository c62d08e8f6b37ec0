package org.mirror4j.bench.contest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs contests by JMH. */
public final class Forks {
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  private final Path folder;

  /**
   * A runner.
   *
   * @param folder takes JMH's own output and the scripts that start forks
   */
  public Forks(Path folder) {
    this.folder = folder;
  }

  /** Takes what a contest has given so far. */
  public interface Listener {
    /** Called after each round. */
    void round(Contest contest, List<ForkResults> measurements) throws IOException;
  }

  /** Runs all rounds of a contest; a contender that fails is left out of the rounds after. */
  public void run(Contest contest, Listener listener) throws IOException {
    List<ForkResults> measurements = contest.contenders().stream().map(ForkResults::new).toList();
    for (int round = 0; round < contest.protocol().rounds(); round++) {
      for (ForkResults measurement : measurements) {
        if (measurement.failure() == null) {
          run(contest, measurement);
        }
      }
      listener.round(contest, measurements);
    }
  }

  private void run(Contest contest, ForkResults measurement) {
    Contender contender = measurement.contender();
    try {
      Collection<RunResult> results = new Runner(options(contest, contender).build()).run();
      for (RunResult result : results) {
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
          add(contest, measurement, fork);
        }
      }
      System.err.printf(
          "%-15s %-28s %-32s %s%n",
          contest.group(), contest.name(), contender.side(), Rates.of(measurement).summary());
    } catch (RunnerException problem) {
      measurement.fail(problem.toString());
      System.err.printf(
          "%s, %s, %s failed: see %s%n",
          contest.group(), contest.name(), contender.side(), log(contest, contender));
    }
  }

  private ChainedOptionsBuilder options(Contest contest, Contender contender) {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + Pattern.quote(contender.benchmark()) + "$")
            .jvm(contender.environment().java(folder, contender.threads()).toString())
            .jvmArgs(
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                // As the launcher does.
                "-XX:+UseSerialGC",
                "-XX:MaxNewSize=16m",
                // ONNX Runtime ends a process with a command line of some 5,000 characters.
                "-Djmh.separateClasspathJAR=true",
                "-D" + Checkout.PROPERTY + "=" + Checkout.path("").toAbsolutePath(),
                "-Dai.djl.offline=true",
                "-Dai.djl.pytorch.num_threads=" + contender.threads())
            .timeUnit(TimeUnit.NANOSECONDS)
            .shouldFailOnError(true)
            .addProfiler(GCProfiler.class)
            .addProfiler(PeakMemory.class)
            .output(log(contest, contender).toString());
    for (Map.Entry<String, String> parameter : contender.parameters().entrySet()) {
      options.param(parameter.getKey(), parameter.getValue());
    }
    contest.protocol().apply(options);
    return options;
  }

  private Path log(Contest contest, Contender contender) {
    String name = contest.group() + " " + contest.name() + " " + contender.side();
    return folder.resolve(name.replaceAll("[^A-Za-z0-9]+", "-") + ".log");
  }

  private static void add(Contest contest, ForkResults measurement, BenchmarkResult fork) {
    // JMH gives the time of all calls of an iteration where their number is fixed.
    int calls = Math.max(1, contest.protocol().calls());
    List<Double> seconds = new ArrayList<>();
    double allocated = Double.POSITIVE_INFINITY;
    double peak = 0;
    for (IterationResult iteration : fork.getIterationResults()) {
      seconds.add(iteration.getPrimaryResult().getScore() * 1e-9 / calls);
      allocated = Math.min(allocated, score(iteration, ALLOCATED) / calls);
      peak = Math.max(peak, score(iteration, PeakMemory.LABEL));
    }
    measurement.add(seconds, allocated, peak);
  }

  /** A profiler's figure; JMH leaves out an allocation of nothing. */
  private static double score(IterationResult iteration, String label) {
    Result<?> result = iteration.getSecondaryResults().get(label);
    return result == null ? 0 : result.getScore();
  }
}
