package org.mirror4j.bench;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.bench.checkpoint.CheckpointContests;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Protocol;
import org.mirror4j.bench.contest.Workload;
import org.mirror4j.bench.embedding.EmbeddingContests;
import org.mirror4j.bench.operation.FusedOperations;
import org.mirror4j.bench.operation.OperationContests;
import org.mirror4j.bench.product.Multiplier;
import org.mirror4j.bench.product.ProductContests;
import org.mirror4j.bench.product.ProductShape;
import org.mirror4j.bench.search.SearchContests;
import org.mirror4j.bench.text.TokenizingContests;
import org.mirror4j.bench.training.CardContests;
import org.mirror4j.bench.training.TrainingContests;
import org.mirror4j.bench.training.TrainingContests.Rival;
import org.mirror4j.device.Precision;

/** All contests, in the order in which they run: what matters most comes first. */
final class Suite {
  /** Items of a batch of the recipes, and of a batch that is short enough for a quick run. */
  private static final int RECIPE_ITEMS = 200, FEW_ITEMS = 20;

  /** Sentences of a batch that PyTorch trains BERT-base on in 24 GB: for 200 it takes more. */
  private static final int SENTENCES = 100;

  /**
   * Items of the word list for about 500, 2,000 and 8,000 tokens: a view of it has 3.12 on average.
   */
  private static final int[] SCALING_ITEMS = {80, 320, 1280};

  /** What a quick run measures of the operations. */
  private static final FusedOperations.Case[] OF_A_LAYER = {
    FusedOperations.Case.BIAS_GELU,
    FusedOperations.Case.RESIDUAL_LAYER_NORM,
    FusedOperations.Case.ATTENTION_6,
    FusedOperations.Case.CONTRASTIVE_LOSS
  };

  private static final List<Rival> ALL =
      List.of(Rival.LONGEST, Rival.LONGEST_KEEPING_MEMORY, Rival.MAXIMUM_KEEPING_MEMORY);
  private static final List<Rival> LONGEST = List.of(Rival.LONGEST_KEEPING_MEMORY);
  private static final List<Rival> TUNED =
      List.of(Rival.LONGEST_KEEPING_MEMORY, Rival.MAXIMUM_KEEPING_MEMORY);

  /** The strongest of them, for a quick run. */
  private static final List<EmbeddingContests.Rival> EMBEDDING_RIVALS =
      List.of(
          EmbeddingContests.Rival.LANGCHAIN4J,
          EmbeddingContests.Rival.ONNX_RUNTIME,
          EmbeddingContests.Rival.ONNX_RUNTIME_INT8);

  private final boolean full;
  private final int rounds;
  private final int sideRounds;
  private final int repeats;
  private final int threads;
  private final List<Precision> precisions;
  // Of what matters less: in a quick run f32 alone.
  private final List<Precision> otherPrecisions;
  private final List<Precision> encoderPrecisions;

  /**
   * @param full all sizes, or as much as ten minutes allow
   * @param rounds forks of each side, in a quick run of the contests that matter most
   * @param precisions of the engine
   * @param integers whether it encodes with weights in int8 too
   */
  Suite(boolean full, int rounds, int threads, List<Precision> precisions, boolean integers) {
    this.full = full;
    this.rounds = rounds;
    sideRounds = full ? rounds : 1;
    // Of iterations that take seconds, thrown away and measured.
    repeats = full ? 2 : 1;
    this.threads = threads;
    this.precisions = precisions;
    otherPrecisions = full ? precisions : List.of(Precision.F32);
    encoderPrecisions = new ArrayList<>(otherPrecisions);
    if (integers) {
      encoderPrecisions.add(Precision.INT8);
    }
  }

  List<Contest> contests() {
    List<Contest> contests = new ArrayList<>();
    CardContests card = CardContests.find(threads);
    contests.add(card.epoch("word", sideRounds));
    contests.add(card.epoch("sentence", sideRounds));
    contests.add(ProductContests.peak(threads, Protocol.seconds(sideRounds, 2, 3, 0.3)));
    training(contests);
    embedding(contests);
    products(contests);
    operations(contests);
    Protocol calls = Protocol.calls(sideRounds, 2, 3, 1);
    contests.add(TokenizingContests.contest(10_000, threads, calls));
    contests.add(CheckpointContests.contest("write", threads, calls));
    contests.add(CheckpointContests.contest("read", threads, calls));
    contests.add(
        SearchContests.exact(
            full ? 1_000_000 : 100_000, threads, Protocol.calls(sideRounds, 1, 3, 1)));
    return contests;
  }

  private void training(List<Contest> contests) {
    TrainingContests training = new TrainingContests(threads, precisions);
    TrainingContests rest = new TrainingContests(threads, otherPrecisions);
    Protocol steps = Protocol.calls(sideRounds, repeats, repeats, Workload.BATCHES);
    Protocol mainSteps = Protocol.calls(rounds, repeats, repeats, Workload.BATCHES);
    Protocol smallSteps = Protocol.calls(sideRounds, 1, 2, 5 * Workload.BATCHES);
    if (full) {
      contests.add(training.step("base", "word", RECIPE_ITEMS, ALL, mainSteps));
      // An iteration takes minutes, and what compiles has compiled in the small shape.
      Protocol longSteps = Protocol.calls(rounds, 1, 1, Workload.BATCHES);
      contests.add(training.step("base", "sentence", SENTENCES, TUNED, longSteps));
      contests.add(training.step("mini", "word", RECIPE_ITEMS, ALL, smallSteps));
      contests.add(training.step("mini", "sentence", RECIPE_ITEMS, TUNED, smallSteps));
      contests.add(training.encoder("base", "word", RECIPE_ITEMS, steps));
      contests.add(training.encoder("base", "sentence", SENTENCES, steps));
    } else {
      contests.add(training.step("base", "word", RECIPE_ITEMS, LONGEST, mainSteps));
      contests.add(rest.step("base", "sentence", FEW_ITEMS, LONGEST, steps));
      contests.add(rest.step("mini", "word", RECIPE_ITEMS, LONGEST, smallSteps));
    }
    contests.add(rest.threads("base", "word", RECIPE_ITEMS, steps));
    for (int items : full ? SCALING_ITEMS : new int[] {SCALING_ITEMS[0]}) {
      contests.add(rest.tokens("base", "word", items, steps));
    }
  }

  private void embedding(List<Contest> contests) {
    EmbeddingContests embedding =
        new EmbeddingContests(
            threads,
            encoderPrecisions,
            full ? List.of(EmbeddingContests.Rival.values()) : EMBEDDING_RIVALS);
    contests.add(
        embedding.throughput(
            full ? 10_000 : 2_000, Protocol.calls(sideRounds, repeats, repeats, 1)));
    // Some thousand calls until all code is compiled.
    contests.add(embedding.latency(Protocol.seconds(sideRounds, full ? 10 : 7, 3, 1)));
  }

  private void products(List<Contest> contests) {
    Protocol protocol = Protocol.seconds(sideRounds, 2, 3, full ? 0.5 : 0.2);
    List<Multiplier> multipliers = new ArrayList<>(List.of(Multiplier.values()));
    if (!precisions.contains(Precision.BF16)) {
      multipliers.removeAll(List.of(Multiplier.MIRROR4J_BF16, Multiplier.ONEDNN_BF16));
    }
    if (!full) {
      // They take as long as all others together.
      multipliers.removeAll(List.of(Multiplier.EJML, Multiplier.VECTOR_API));
    }
    for (int rows : full ? new int[] {1800, 10_000} : new int[] {1800}) {
      for (ProductShape.Pass pass : ProductShape.Pass.values()) {
        contests.add(ProductContests.products(pass, rows, threads, multipliers, protocol));
      }
    }
  }

  private void operations(List<Contest> contests) {
    // An operation on few rows is compiled after some hundred calls.
    Protocol protocol = Protocol.seconds(sideRounds, 4, 3, full ? 1 : 0.4);
    for (FusedOperations.Case operation : full ? FusedOperations.Case.values() : OF_A_LAYER) {
      contests.add(OperationContests.operation(operation, threads, protocol));
    }
    contests.add(OperationContests.adamW(threads, protocol));
  }
}
