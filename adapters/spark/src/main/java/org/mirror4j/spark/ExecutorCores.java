package org.mirror4j.spark;

import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.mirror4j.EncoderSettings;

/**
 * What an executor may compute with, as the driver knows it. An executor is not told, and a process
 * sees all processors of its machine, those of other executors too.
 *
 * @param cores of an executor; 0 for all that its process sees
 * @param taskCores of a task
 */
record ExecutorCores(int cores, int taskCores) implements Serializable {
  private static final Pattern LOCAL = Pattern.compile("local\\[(\\d+|\\*)(?:\\s*,\\s*\\d+)?]");
  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*\\d+\\s*,\\s*(\\d+)\\s*,\\s*\\d+\\s*]");

  /** Reads the settings of an application, which have Spark's own defaults for each master. */
  static ExecutorCores of(SparkConf conf) {
    return new ExecutorCores(
        cores(conf.get("spark.master"), conf), conf.getInt("spark.task.cpus", 1));
  }

  private static int cores(String master, SparkConf conf) {
    Matcher local = LOCAL.matcher(master);
    if (local.matches()) {
      return local.group(1).equals("*") ? 0 : Integer.parseInt(local.group(1));
    }
    if (master.equals("local")) {
      return 1;
    }
    Matcher cluster = LOCAL_CLUSTER.matcher(master);
    if (cluster.matches()) {
      return conf.getInt("spark.executor.cores", Integer.parseInt(cluster.group(1)));
    }
    // An executor of a standalone cluster takes its whole worker, elsewhere one core.
    return conf.getInt("spark.executor.cores", master.startsWith("spark:") ? 0 : 1);
  }

  /** The settings with threads and engines of this process, where they name none. */
  EncoderSettings share(EncoderSettings settings) {
    int usable = cores == 0 ? Runtime.getRuntime().availableProcessors() : cores;
    int threads = settings.threads().orElse(Math.max(usable, settings.engines().orElse(1)));
    int tasks = Math.max(1, usable / taskCores);
    int engines = settings.engines().orElse(Math.min(tasks, threads));
    return settings.withThreads(threads).withEngines(engines);
  }
}
