package org.mirror4j.bench.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mirror4j.bench.contest.Contender;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Environment;
import org.mirror4j.bench.contest.Protocol;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.bench.contest.Workload;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.Pooling;
import org.mirror4j.device.Precision;

/** The training step, and the encoder alone, beside DJL's. */
public final class TrainingContests {
  /** Group of the whole step. */
  public static final String STEP = "training-step";

  /** Group of the forward pass without dropout. */
  public static final String ENCODER = "encoder";

  /** Group of the engine's step on other numbers of threads and tokens. */
  public static final String SCALING = "scaling";

  /** How DJL runs. */
  public enum Rival {
    /** Views padded to the longest of the batch. */
    LONGEST("DJL, padded to longest", Padding.LONGEST, Environment.RIVAL),
    /** The same with a C library that keeps freed memory. */
    LONGEST_KEEPING_MEMORY(
        "DJL, padded to longest, memory kept", Padding.LONGEST, Environment.RIVAL_KEEPING_MEMORY),
    /** Views padded to the recipe's length, with such a library. */
    MAXIMUM_KEEPING_MEMORY(
        "DJL, padded to maximum, memory kept", Padding.MAXIMUM, Environment.RIVAL_KEEPING_MEMORY);

    private final String side;
    private final Padding padding;
    private final Environment environment;

    Rival(String side, Padding padding, Environment environment) {
      this.side = side;
      this.padding = padding;
      this.environment = environment;
    }
  }

  /** Passes over a layer's weights: forward, gradient of the input, gradient of the weight. */
  private static final int PASSES = 3;

  private final int threads;
  private final List<Precision> precisions;

  /**
   * Contests between sides that use so many threads.
   *
   * @param threads of the engine and of PyTorch
   * @param precisions of the engine
   */
  public TrainingContests(int threads, List<Precision> precisions) {
    this.threads = threads;
    this.precisions = precisions;
  }

  /**
   * Steps of one shape and recipe.
   *
   * @param items of a batch
   * @param rivals DJL's sides
   */
  public Contest step(
      String shape, String recipe, int items, List<Rival> rivals, Protocol protocol) {
    Workload workload = Workload.of(shape, recipe, items);
    Work work = step(workload);
    List<Contender> contenders = new ArrayList<>();
    for (Precision precision : precisions) {
      contenders.add(engine(TrainingStep.class, workload, precision, threads, work));
    }
    for (Rival rival : rivals) {
      contenders.add(djl(TrainingStep.class, workload, rival, work));
    }
    return new Contest(STEP, name(workload), protocol, contenders);
  }

  /** Forward passes of one shape and recipe. */
  public Contest encoder(String shape, String recipe, int items, Protocol protocol) {
    Workload workload = Workload.of(shape, recipe, items);
    Work work = forward(workload);
    List<Contender> contenders = new ArrayList<>();
    for (Precision precision : precisions) {
      contenders.add(engine(EncoderForward.class, workload, precision, threads, work));
    }
    contenders.add(djl(EncoderForward.class, workload, Rival.LONGEST_KEEPING_MEMORY, work));
    return new Contest(ENCODER, name(workload), protocol, contenders);
  }

  /** Steps of the engine on one thread and on all. */
  public Contest threads(String shape, String recipe, int items, Protocol protocol) {
    Workload workload = Workload.of(shape, recipe, items);
    Work work = step(workload);
    List<Contender> contenders = new ArrayList<>();
    for (Precision precision : precisions) {
      for (int used : Contender.oneAndAll(threads)) {
        contenders.add(engine(TrainingStep.class, workload, precision, used, work));
      }
    }
    return new Contest(SCALING, name(workload) + ", threads", protocol, contenders);
  }

  /** Steps of the engine on batches of one size. */
  public Contest tokens(String shape, String recipe, int items, Protocol protocol) {
    Workload workload = Workload.of(shape, recipe, items);
    Work work = step(workload);
    List<Contender> contenders = new ArrayList<>();
    for (Precision precision : precisions) {
      contenders.add(engine(TrainingStep.class, workload, precision, threads, work));
    }
    return new Contest(
        SCALING, "%s, %.0f tokens".formatted(name(workload), work.items()), protocol, contenders);
  }

  private static String name(Workload workload) {
    return "%s, %s, %d items"
        .formatted(workload.shape(), workload.recipe().label(), workload.items());
  }

  private static Contender engine(
      Class<?> type, Workload workload, Precision precision, int threads, Work work) {
    return new Contender(
            Contender.engine(precision, threads),
            Contender.benchmark(type, "mirror4j"),
            workload.parameters(),
            Environment.ENGINE,
            threads,
            work)
        .with(Map.of("precision", precision.name(), "threads", Integer.toString(threads)));
  }

  private Contender djl(Class<?> type, Workload workload, Rival rival, Work work) {
    return new Contender(
            rival.side,
            Contender.benchmark(type, "djl"),
            workload.parameters(),
            rival.environment,
            threads,
            work)
        .with(Map.of("padding", rival.padding.name()));
  }

  /** A step on the mean batch: its text, padding counts for nothing. */
  private static Work step(Workload workload) {
    BertConfig config = workload.config();
    double hidden = config.hiddenSize();
    double tokens = tokens(workload);
    double flops = 2 * PASSES * tokens * config.numHiddenLayers() * layerWeights(config);
    if (workload.settings(true).pooling() == Pooling.CLS) {
      // Of the last layer only keys and values are needed of the other tokens, and queries with
      // them, as one product computes all three.
      double unneeded = tokens - 2 * workload.items();
      flops -= 2 * PASSES * unneeded * (layerWeights(config) - 3 * hidden * hidden);
    }
    return Work.products(tokens, "tokens", flops);
  }

  private static Work forward(Workload workload) {
    BertConfig config = workload.config();
    double tokens = tokens(workload);
    return Work.products(
        tokens, "tokens", 2 * tokens * config.numHiddenLayers() * layerWeights(config));
  }

  private static double tokens(Workload workload) {
    double tokens = 0;
    for (int batch = 0; batch < Workload.BATCHES; batch++) {
      tokens += workload.realTokens(batch);
    }
    return tokens / Workload.BATCHES;
  }

  /** Elements of a layer's weight matrices. */
  private static double layerWeights(BertConfig config) {
    double hidden = config.hiddenSize();
    return 4 * hidden * hidden + 2 * hidden * config.intermediateSize();
  }
}
