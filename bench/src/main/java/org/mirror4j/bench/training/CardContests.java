package org.mirror4j.bench.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.mirror4j.bench.contest.Contender;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Environment;
import org.mirror4j.bench.contest.Protocol;
import org.mirror4j.bench.contest.Work;
import org.mirror4j.bench.contest.Workload;
import org.mirror4j.device.Precision;
import org.mirror4j.device.cuda.CudaException;
import org.mirror4j.device.cuda.CudaUnavailableException;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.research.card.CardMachine;

/** Epochs of BERT-base on the card of this machine, in each of its precisions. */
public final class CardContests {
  /** Group of the whole epoch. */
  public static final String EPOCH = "card-epoch";

  /** What comes first, and what it is compared with. */
  private static final List<Precision> PRECISIONS =
      List.of(Precision.F16, Precision.BF16, Precision.TF32, Precision.F32);

  private static final String SHAPE = "base";

  private static final int ITEMS = 200, STEPS = 50;

  /** A shape of batches is launched in the first epoch and recorded in the second. */
  private static final int WARM_UPS = 2, ITERATIONS = 3;

  private final int threads;
  private final Optional<String> missing;
  private final String card;
  private final List<Precision> precisions;

  private CardContests(
      int threads, Optional<String> missing, String card, List<Precision> precisions) {
    this.threads = threads;
    this.missing = missing;
    this.card = card;
    this.precisions = precisions;
  }

  /** Looks for a card. */
  public static CardContests find(int threads) {
    return of(threads, () -> CardMachine.CUDA.drivers(threads).get());
  }

  /**
   * Contests on a card that is opened, asked, and closed.
   *
   * @param opening fails where there is no card to use, with the reason
   */
  static CardContests of(int threads, Supplier<Driver> opening) {
    try (DriverDevice device = new DriverDevice("card", opening.get(), KernelLibrary.bundled())) {
      List<Precision> precisions = new ArrayList<>(PRECISIONS);
      precisions.retainAll(device.precisions());
      return new CardContests(
          threads, Optional.empty(), device.description().split(", ")[0], precisions);
    } catch (CudaUnavailableException | CudaException problem) {
      return new CardContests(threads, Optional.of(problem.getMessage()), "", List.of());
    }
  }

  /** An epoch of 10,000 items by one recipe; skipped where there is no card. */
  public Contest epoch(String recipe, int rounds) {
    Workload workload = Workload.of(SHAPE, recipe, ITEMS, STEPS);
    Work work = work(workload);
    List<Contender> contenders =
        precisions.stream()
            .map(
                precision ->
                    new Contender(
                            "mirror4j %s, %s".formatted(precision.label(), card),
                            Contender.benchmark(CardEpoch.class, "mirror4j"),
                            workload.parameters(),
                            Environment.ENGINE,
                            threads,
                            work)
                        .with(
                            Map.of(
                                "batches", Integer.toString(STEPS),
                                "precision", precision.name())))
            .toList();
    String name = "%s, %s, %d steps of %d items".formatted(SHAPE, recipe, STEPS, ITEMS);
    return new Contest(
        EPOCH, name, Protocol.calls(rounds, WARM_UPS, ITERATIONS, 1), contenders, missing);
  }

  /** Tokens of an epoch; no flops, as the peak beside them would be the processor's. */
  private static Work work(Workload workload) {
    long tokens = 0;
    for (int batch = 0; batch < workload.batches().size(); batch++) {
      tokens += workload.realTokens(batch);
    }
    return Work.products(tokens, "tokens", 0);
  }
}
