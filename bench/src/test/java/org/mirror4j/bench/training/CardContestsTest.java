package org.mirror4j.bench.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mirror4j.bench.contest.Contender;
import org.mirror4j.bench.contest.Contest;
import org.mirror4j.bench.contest.Workload;
import org.mirror4j.device.Precision;
import org.mirror4j.device.cuda.CudaUnavailableException;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.method.mirror.MirrorRehearsal;
import org.mirror4j.research.card.CardMachine;
import org.mirror4j.train.ComputeOptions;

/** Epochs on a card, with the interpreter in its place. */
class CardContestsTest {
  /** Items of a batch: the interpreter is a thousand times slower than a card. */
  private static final int ITEMS = 3, BATCHES = 2;

  @Test
  void withoutACardTheyAreSkippedWithTheReason() {
    CardContests none =
        CardContests.of(
            2,
            () -> {
              throw new CudaUnavailableException("no card at all");
            });
    Contest contest = none.epoch("word", 1);
    assertThat(contest.fullName()).isEqualTo("card-epoch: base, word, 50 steps of 200 items");
    assertThat(contest.skipped()).contains("no card at all");
    assertThat(contest.contenders()).isEmpty();
  }

  @Test
  void aCardRunsInEachOfItsPrecisions() {
    CardContests card = CardContests.of(2, CardMachine.PTX.drivers(1));
    Contest contest = card.epoch("sentence", 1);
    assertThat(contest.skipped()).isEmpty();
    assertThat(contest.contenders())
        .extracting(contender -> contender.parameters().get("precision"))
        .containsExactly("F16", "BF16", "TF32", "F32");
    List<int[][]> all = Workload.of("base", "sentence", 200, 50).batches();
    assertThat(all).hasSize(50);
    double tokens = all.stream().flatMap(Arrays::stream).mapToInt(view -> view.length).sum();
    assertThat(contest.contenders())
        .extracting(Contender::work)
        .allSatisfy(work -> assertThat(work.items()).isEqualTo(tokens));
  }

  @Test
  void anEpochIsAllItsSteps() {
    CardEpoch.Card card = new CardEpoch.Card();
    card.machine = CardMachine.PTX;
    card.shape = "mini";
    card.recipe = "word";
    card.items = ITEMS;
    card.batches = BATCHES;
    card.precision = Precision.F32;
    card.plan();
    double onCard = new CardEpoch().mirror4j(card);
    card.close();
    Workload workload = Workload.of("mini", "word", ITEMS, BATCHES);
    double onProcessor = 0;
    try (HostDevice device = new HostDevice(1);
        MirrorRehearsal rehearsal =
            new MirrorRehearsal(
                device,
                workload.config(),
                workload.settings(true),
                new ComputeOptions(Precision.F32, false),
                workload.batches())) {
      for (int batch = 0; batch < BATCHES; batch++) {
        onProcessor += rehearsal.step();
      }
    }
    // Sums in another order, and an update between: as far as losses of kernels measure may be
    // apart.
    assertThat(onCard).isCloseTo(onProcessor, within(1e-4 * onProcessor));
  }
}
