package org.mirror4j.research;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LengthStatisticsTest {
  private static final Path LENGTHS = Path.of("bench/gpu/lengths");

  /** Both corpora have ten thousand items, and an epoch draws each of them once. */
  @Test
  void anEpochHasEveryLengthAsOftenAsTheCorpus() {
    for (String recipe : List.of("word", "sentence")) {
      LengthStatistics statistics = LengthStatistics.read(LENGTHS.resolve(recipe + ".json"));
      assertThat(statistics.items()).hasSize(10_000);
      List<int[][]> epoch = statistics.batches(200, 1000, 30_522, 1);
      assertThat(epoch).hasSize(50).allMatch(views -> views.length == 400);
      long expected = statistics.items().stream().mapToLong(i -> i[0] + i[1]).sum();
      long tokens = epoch.stream().flatMap(Arrays::stream).mapToLong(ids -> ids.length).sum();
      assertThat(tokens).isEqualTo(expected);
      assertThat(epoch.stream().flatMap(Arrays::stream))
          .allMatch(ids -> ids.length <= statistics.maxLength())
          .allMatch(ids -> ids[0] == 101 && ids[ids.length - 1] == 102)
          .allMatch(ids -> Arrays.stream(ids).allMatch(id -> id > 0 && id < 30_522));
    }
  }

  @Test
  void sameSeedSameBatches() {
    LengthStatistics statistics = LengthStatistics.read(LENGTHS.resolve("word.json"));
    int[][] first = statistics.batches(5, 1, 2_000, 7).getFirst();
    assertThat(statistics.batches(5, 1, 2_000, 7).getFirst()).isDeepEqualTo(first);
    assertThat(Arrays.deepEquals(statistics.batches(5, 1, 2_000, 8).getFirst(), first)).isFalse();
  }
}
