package org.mirror4j.bench;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.bench.checkpoint.CheckpointContests;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Protocol;
import org.mirror4j.bench.embedding.EmbeddingContests;
import org.mirror4j.bench.operation.FusedOperations;
import org.mirror4j.bench.operation.OperationContests;
import org.mirror4j.bench.product.Product;
import org.mirror4j.bench.product.ProductContests;
import org.mirror4j.bench.text.TokenizingContests;
import org.mirror4j.bench.training.TrainingContests;
import org.mirror4j.bench.training.TrainingStep.Djl.Padding;
import org.mirror4j.tensor.DType;

/** All contests, in the order in which they run: what matters most comes first. */
final class Suite {
  /** Items of a batch of the recipes, and of a batch that is short enough for a quick run. */
  private static final int RECIPE_ITEMS = 200, FEW_ITEMS = 50;

  private final boolean full;
  private final int rounds;
  private final int threads;
  private final List<DType> precisions;

  Suite(boolean full, int rounds, int threads, List<DType> precisions) {
    this.full = full;
    this.rounds = rounds;
    this.threads = threads;
    this.precisions = precisions;
  }

  List<Contest> contests() {
    List<Contest> contests = new ArrayList<>();
    contests.add(ProductContests.peak(threads, Protocol.seconds(rounds, 2, 3, 0.3)));
    training(contests);
    embedding(contests);
    products(contests);
    operations(contests);
    Protocol calls = Protocol.calls(rounds, 2, 3, 1);
    contests.add(TokenizingContests.contest(10_000, threads, calls));
    contests.add(CheckpointContests.contest("write", threads, calls));
    contests.add(CheckpointContests.contest("read", threads, calls));
    return contests;
  }

  private void training(List<Contest> contests) {
    TrainingContests training = new TrainingContests(threads, precisions);
    List<Padding> both = List.of(Padding.LONGEST, Padding.MAXIMUM);
    Protocol steps = Protocol.calls(rounds, 1, 1, Workload.BATCHES);
    contests.add(
        training.step("base", "word", RECIPE_ITEMS, full ? both : List.of(Padding.LONGEST), steps));
    contests.add(training.step("base", "word", FEW_ITEMS, both, steps));
    contests.add(training.step("base", "sentence", FEW_ITEMS, both, steps));
    Protocol small = Protocol.calls(rounds, 2, 3, 5 * Workload.BATCHES);
    contests.add(training.step("mini", "word", RECIPE_ITEMS, both, small));
    contests.add(training.encoder("base", "sentence", FEW_ITEMS, steps));
    contests.add(training.threads("base", "word", RECIPE_ITEMS, steps));
    // A view of the word list has 3.12 tokens: 500, 2,000 and 8,000 tokens.
    contests.add(training.tokens("base", "word", 80, steps));
    contests.add(training.tokens("base", "word", 320, steps));
    if (full) {
      contests.add(training.step("base", "sentence", RECIPE_ITEMS, both, steps));
      contests.add(training.tokens("base", "word", 1280, steps));
    }
  }

  private void embedding(List<Contest> contests) {
    EmbeddingContests embedding = new EmbeddingContests(threads, precisions);
    contests.add(embedding.throughput(full ? 10_000 : 2_000, Protocol.calls(rounds, 1, 1, 1)));
    contests.add(embedding.latency(Protocol.seconds(rounds, 2, 3, 1)));
  }

  private void products(List<Contest> contests) {
    for (int rows : full ? new int[] {1800, 10_000} : new int[] {1800}) {
      for (Product.Pass pass : Product.Pass.values()) {
        contests.add(
            ProductContests.products(
                pass, rows, threads, precisions, Protocol.calls(rounds, 2, 3, 1)));
      }
    }
  }

  private void operations(List<Contest> contests) {
    Protocol protocol = Protocol.seconds(rounds, 3, 3, 0.5);
    for (FusedOperations.Case operation : FusedOperations.Case.values()) {
      contests.add(OperationContests.operation(operation, threads, protocol));
    }
    contests.add(OperationContests.adamW(threads, protocol));
  }
}
