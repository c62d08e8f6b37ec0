package org.mirror4j.device.ptx.count;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ListingDifferenceTest {
  /** Each line executed as often, but for those that begin with a slash. */
  private static LaunchCounts counts(List<String> lines, int times) {
    SortedMap<Integer, CounterValues> counts = new TreeMap<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).startsWith("/")) {
        long[] values = new long[CountingListener.COUNTERS];
        values[Counter.WARP_INSTRUCTIONS.ordinal()] = times;
        counts.put(i + 1, new CounterValues(values));
      }
    }
    return new LaunchCounts(counts, 0, 0);
  }

  private static List<String> differences(
      List<String> original, int times, List<String> variant, int timesOfVariant) {
    return ListingDifference.of(
            String.join("\n", original),
            counts(original, times),
            String.join("\n", variant),
            counts(variant, timesOfVariant))
        .stream()
        .map(line -> (line.ofVariant() ? "+" : "-") + line.number() + line.source())
        .toList();
  }

  @Test
  void linesThatMatchDifferInTheirCountsAlone() {
    List<String> lines = List.of("a", "b", "c");
    assertThat(differences(lines, 1, lines, 1)).isEmpty();
    assertThat(differences(lines, 1, lines, 2))
        .containsExactly("-1a", "+1a", "-2b", "+2b", "-3c", "+3c");
    // Comments and blanks in front change nothing.
    assertThat(differences(lines, 1, List.of("/", "a", "/", "  b", "c"), 1)).isEmpty();
  }

  @Test
  void asManyLinesAsCanBeMatch() {
    List<String> lines = List.of("a", "b", "c", "d", "e");
    assertThat(differences(lines, 1, List.of("a", "c", "d", "x", "e"), 1))
        .containsExactly("-2b", "+4x");
    assertThat(differences(lines, 1, List.of("b", "a", "c", "e", "d"), 1)).hasSize(4);
    assertThat(differences(List.of(), 1, lines, 1))
        .containsExactly("+1a", "+2b", "+3c", "+4d", "+5e");
    assertThat(differences(lines, 1, List.of(), 1)).hasSize(5);
    // The same line several times.
    assertThat(differences(List.of("a", "a", "b"), 1, List.of("a", "a", "a", "b"), 1))
        .containsExactly("+3a");
  }

  /** In time and memory that are bounded. */
  @Test
  void manyLinesAreNotMatchedButAtTheirEnds() {
    List<String> original =
        IntStream.range(0, 3000).mapToObj(Integer::toString).collect(Collectors.toList());
    List<String> variant = new ArrayList<>(original.reversed());
    List<String> all = differences(original, 1, variant, 1);
    assertThat(all).hasSize(6000).startsWith("-10").endsWith("+30000");
    original.addFirst("first");
    List<String> behind = new ArrayList<>(variant);
    behind.addFirst("first");
    assertThat(differences(original, 1, behind, 1)).hasSize(6000).startsWith("-20");
  }
}
