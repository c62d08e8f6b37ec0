package org.mirror4j.bench.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mirror4j.bench.Workload;
import org.mirror4j.bench.contest.Contender;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Environment;
import org.mirror4j.bench.contest.Protocol;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.tensor.DType;

/** The training step beside DJL's. */
public final class TrainingContests {
  /** Passes over a layer's weights: forward, gradient of the input, gradient of the weight. */
  private static final int PASSES = 3;

  private final int threads;

  /**
   * Contests between sides that use so many threads.
   *
   * @param threads of the engine and of PyTorch
   */
  public TrainingContests(int threads) {
    this.threads = threads;
  }

  /**
   * One shape and recipe.
   *
   * @param toMaximum whether DJL also runs on batches padded to the recipe's length
   */
  public Contest contest(String shape, String recipe, boolean toMaximum, Protocol protocol) {
    Workload workload = Workload.of(shape, recipe);
    Work work = work(workload);
    List<Contender> contenders = new ArrayList<>();
    for (DType precision : precisions()) {
      contenders.add(engine(shape, recipe, precision, threads, work));
    }
    for (TrainingStep.Djl.Padding padding : TrainingStep.Djl.Padding.values()) {
      if (padding == TrainingStep.Djl.Padding.LONGEST || toMaximum) {
        for (Environment environment :
            List.of(Environment.RIVAL, Environment.RIVAL_KEEPING_MEMORY)) {
          contenders.add(djl(shape, recipe, padding, environment, work));
        }
      }
    }
    return new Contest("training-step", shape + ", " + recipe, protocol, contenders);
  }

  private static List<DType> precisions() {
    try (HostDevice device = new HostDevice(1)) {
      return device.storageTypes().stream().sorted().filter(t -> t != DType.F16).toList();
    }
  }

  private static Contender engine(
      String shape, String recipe, DType precision, int threads, Work work) {
    return new Contender(
        "mirror4j " + precision.label(),
        Contender.benchmark(TrainingStep.class, "mirror4j"),
        Map.of(
            "shape",
            shape,
            "recipe",
            recipe,
            "precision",
            precision.name(),
            "threads",
            Integer.toString(threads)),
        Environment.ENGINE,
        threads,
        work);
  }

  private Contender djl(
      String shape,
      String recipe,
      TrainingStep.Djl.Padding padding,
      Environment environment,
      Work work) {
    String padded = padding == TrainingStep.Djl.Padding.LONGEST ? "longest" : "maximum";
    String memory = environment == Environment.RIVAL ? "" : ", memory kept";
    return new Contender(
        "DJL, padded to " + padded + memory,
        Contender.benchmark(TrainingStep.class, "djl"),
        Map.of("shape", shape, "recipe", recipe, "padding", padding.name()),
        environment,
        threads,
        work);
  }

  /** A step on the mean batch. */
  static Work work(Workload workload) {
    double tokens = 0;
    for (int batch = 0; batch < workload.batches().size(); batch++) {
      tokens += workload.realTokens(batch);
    }
    tokens /= workload.batches().size();
    return Work.products(
        tokens, "tokens", 2 * PASSES * tokens * layerWeights(workload.config()));
  }

  /** Elements of all weight matrices that tokens are multiplied by. */
  private static double layerWeights(BertConfig config) {
    double hidden = config.hiddenSize();
    return config.numHiddenLayers()
        * (4 * hidden * hidden + 2 * hidden * config.intermediateSize());
  }
}
