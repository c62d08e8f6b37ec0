package org.mirror4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.device.kernel.KernelLibrary;
import org.mirror4j.device.ptx.count.Counter;
import org.mirror4j.device.ptx.count.CounterFile;
import org.mirror4j.device.ptx.count.CounterValues;

/** What every kernel costs at the sizes of BERT-base and 1,800 tokens, counted once. */
class KernelCountersTest {
  private static final Path FOLDER = Path.of("bench", "counters");

  private static final int SECTOR = 32;

  /**
   * The most that kernels may move which do not stay within a tenth of what they must: rows of a
   * loss read the bias or the groups each for itself, and where they are no multiple of four long
   * they start within a sector.
   */
  private static final Map<String, ToDoubleFunction<CountedLaunch>> MOST =
      Map.of(
          // A warp reads the dropout step.
          "attention_head_scale", one -> one.minimumBytes() + SECTOR * warps(one),
          // One block: an input and a result, each less than its sectors.
          "any_non_finite_total", one -> one.minimumBytes() + 2 * SECTOR,
          // The bias once for each row of queries, keys and values.
          "attention_forward",
              one ->
                  one.minimumBytes()
                      + 12.0
                          * scalar(one, "tokens")
                          * scalar(one, "heads")
                          * scalar(one, "head_size"),
          "contrastive_loss",
              one -> 1.1 * (one.minimumBytes() + 4.0 * scalar(one, "views") * scalar(one, "views")),
          // x is read twice and written, the bias read twice by each row; 32 elements of S bytes
          // from anywhere on are in S + 1 sectors.
          "softmax_cross_entropy",
              one -> {
                double elements = (double) scalar(one, "rows") * scalar(one, "vocab");
                int bytes = one.storage().bytes();
                return elements * (3 * (bytes + 1) + 2 * (Float.BYTES + 1));
              });

  /** Kernels whose accesses are not all in as few sectors as there can be. */
  private static final Set<String> SCATTERED =
      Set.of("attention_forward", "attention_backward", "segment_sum", "softmax_cross_entropy");

  private static List<KernelProfile> counted;

  @BeforeAll
  static void count() {
    counted =
        KernelCounters.count(KernelLibrary.bundled(), Runtime.getRuntime().availableProcessors());
  }

  /**
   * {@code bench/counters}: a change of a kernel that moves a number brings the new file with it.
   * {@code -Dmirror4j.counters=write} writes the files instead of comparing them.
   */
  @Test
  void countsAreThoseOfTheFiles() throws IOException {
    SortedMap<String, CounterFile> files = KernelCounters.files(counted);
    if ("write".equals(System.getProperty("mirror4j.counters"))) {
      files.forEach((entry, file) -> file.write(FOLDER.resolve(entry + ".json")));
    }
    List<String> differences = new ArrayList<>();
    files.forEach(
        (entry, file) ->
            differences.addAll(
                CounterFile.read(FOLDER.resolve(entry + ".json")).differences(file)));
    assertThat(differences).isEmpty();
    try (Stream<Path> found = Files.list(FOLDER)) {
      assertThat(found.map(f -> f.getFileName().toString().replace(".json", "")))
          .containsExactlyInAnyOrderElementsOf(files.keySet());
    }
    assertThat(KernelLibrary.bundled().own()).containsExactlyElementsOf(files.keySet());
  }

  static Stream<Arguments> launches() {
    return counted.stream()
        .map(KernelProfile::launch)
        .map(one -> Arguments.of(one.entry() + " " + one.storage().label(), one));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("launches")
  void movesLittleMoreThanItMust(String name, CountedLaunch launch) {
    ToDoubleFunction<CountedLaunch> most =
        MOST.getOrDefault(launch.entry(), one -> 1.1 * one.minimumBytes());
    assertThat((double) launch.counts().bytesMoved())
        .isLessThanOrEqualTo(most.applyAsDouble(launch));
    assertThat(launch.counts().get(Counter.SHARED_EXCESS_WAVEFRONTS)).isZero();
    CounterValues total = launch.counts().total();
    if (!SCATTERED.contains(launch.entry())) {
      assertThat(total.globalSectors()).isEqualTo(total.globalIdealSectors());
    }
  }

  private static long scalar(CountedLaunch launch, String name) {
    return launch.scalars().get(name);
  }

  private static double warps(CountedLaunch launch) {
    return (double) launch.grid() * Math.ceilDiv(launch.block(), 32);
  }
}
