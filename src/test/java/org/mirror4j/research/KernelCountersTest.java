package org.mirror4j.research;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.count.Counter;
import org.mirror4j.device.ptx.count.CounterFile;
import org.mirror4j.device.ptx.count.CounterValues;
import org.mirror4j.research.cases.OperationCase;
import org.mirror4j.research.cases.SequenceLengths;

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
      Map.ofEntries(
          // A warp reads the dropout step.
          entry("attention_head_scale", one -> one.minimumBytes() + SECTOR * warps(one)),
          // Keys, values and queries are read by all groups of lanes, and the bias by each; the
          // context and three thirds are written.
          entry(
              "attention_forward",
              one ->
                  groups(one, 16) * (4 * 3 * 64.0 * one.storage().bytes() + 3 * 64 * Float.BYTES)
                      + 4.0 * 64 * one.storage().bytes() * scalar(one, "tokens") * heads(one)
                      + statistics(one)),
          // Queries, keys, values, the context and its gradient are read by all groups of lanes.
          entry(
              "attention_backward",
              one ->
                  groups(one, 7) * 4 * 5 * 64.0 * one.storage().bytes()
                      + 3.0 * 64 * one.storage().bytes() * scalar(one, "tokens") * heads(one)
                      + 4 * statistics(one)),
          // The bias once for each row of queries, keys and values.
          entry(
              "attention_general_forward",
              one ->
                  one.minimumBytes()
                      + 3.0
                          * Float.BYTES
                          * scalar(one, "tokens")
                          * heads(one)
                          * scalar(one, "head_size")),
          // Sixteen rows a warp are read, some of them the last again.
          entry(
              "attention_tensor_short_forward",
              one ->
                  one.minimumBytes()
                      + rereadRows(one, 16)
                      + statistics(one)
                      + 8 * SECTOR * warps(one)),
          // Keys and values are read for each 64 queries.
          entry(
              "attention_tensor_forward",
              one ->
                  one.minimumBytes()
                      + (scalar(one, "tiles") - 1) * keysAndValues(one)
                      + statistics(one)
                      + 5 * SECTOR * warps(one)),
          // Keys and values are read for each 64 queries, log-sum-exps and delta one by one.
          entry(
              "attention_tensor_backward_queries",
              one ->
                  one.minimumBytes()
                      + (scalar(one, "tiles") - 1) * keysAndValues(one)
                      + rereadRows(one, 64)
                      + 2 * statistics(one)
                      + 6 * SECTOR * warps(one)),
          // Queries and gradients of contexts are read for each 64 keys, with log-sum-exps and
          // delta one by one.
          entry(
              "attention_tensor_backward_keys",
              one ->
                  one.minimumBytes()
                      + (scalar(one, "tiles") - 1) * keysAndValues(one)
                      + rereadRows(one, 64)
                      + 2 * scalar(one, "tiles") * statistics(one)
                      + 6 * SECTOR * warps(one)),
          // The bias by each warp.
          entry(
              "attention_bias",
              one -> one.minimumBytes() + (128 * Float.BYTES + SECTOR) * warps(one)),
          entry("attention_general_backward", one -> 1.1 * one.minimumBytes() + statistics(one)),
          // Bias and log scale by each row, of two neighbours one after the other; a row's
          // log-determinant is less than its sector.
          entry(
              "affine_coupling_forward",
              one ->
                  one.minimumBytes()
                      + 32.0 * scalar(one, "rows") * scalar(one, "channels")
                      + 2.0 * SECTOR * scalar(one, "rows")),
          entry(
              "contrastive_loss",
              one ->
                  1.1 * (one.minimumBytes() + 4.0 * scalar(one, "views") * scalar(one, "views"))),
          // A column's rows are read twice and written for themselves: 32 of them from anywhere on
          // are in a sector more than they fill. What a warp knows is less than its sectors: where
          // the sequence begins and ends, label, scale and loss.
          entry(
              "segment_cross_entropy",
              one -> {
                double columns = scalar(one, "columns");
                return 3 * scalar(one, "tokens") * columns * (columns * one.storage().bytes() + 1)
                    + 5 * SECTOR * warps(one);
              }),
          // Rows are read three times and written, their marks read four times, all from anywhere
          // on;
          // a warp knows where its sequence begins and ends, the scale and the loss.
          entry(
              "marginal_cross_entropy",
              one ->
                  scalar(one, "rows")
                          * (4.0 * (one.storage().bytes() + 1) + 4.0 * (Float.BYTES + 1))
                      + (4 + 8) * SECTOR * warps(one)),
          // Both rows of each pair, and which they are by each 128 columns.
          entry(
              "multiply_rows",
              one ->
                  3.0 * one.storage().bytes() * scalar(one, "pairs") * scalar(one, "columns")
                      + 2.0 * SECTOR * warps(one)),
          // The factors by each warp.
          entry(
              "scale_rows",
              one -> 1.1 * one.minimumBytes() + scalar(one, "count") * SECTOR * warps(one)),
          // Both rows of each product, which they are by each warp, and what a block has of a
          // table.
          entry(
              "segment_product_sum",
              one ->
                  2.0 * one.storage().bytes() * scalar(one, "ordered") * scalar(one, "columns")
                      + 8.0 * scalar(one, "groups") * scalar(one, "columns")
                      + (2.0 * scalar(one, "ordered") / scalar(one, "groups") + 4)
                          * SECTOR
                          * warps(one)),
          // x is read twice and written, the bias read twice by each row; 32 elements of S bytes
          // from anywhere on are in S + 1 sectors.
          entry(
              "softmax_cross_entropy",
              one -> {
                double elements = (double) scalar(one, "rows") * scalar(one, "vocab");
                int bytes = one.storage().bytes();
                return elements * (3 * (bytes + 1) + 2 * (Float.BYTES + 1));
              }),
          // The rows of ten tokens at most, and for each 128 columns what a warp knows of a span.
          entry(
              "weighted_span_sum_forward",
              one -> one.minimumBytes() + rowsOfSpans(one) + 10 * SECTOR * warps(one)),
          // The spans of a token, searched for by each warp, and what it knows of them.
          entry(
              "weighted_span_sum_backward",
              one -> one.minimumBytes() + rowsOfSpans(one) + 64 * SECTOR * warps(one)));

  /** Kernels whose accesses are not all in as few sectors as there can be. */
  private static final Set<String> SCATTERED =
      Set.of(
          "affine_coupling_forward",
          "affine_coupling_inverse",
          "affine_coupling_backward",
          "attention_forward",
          "attention_backward",
          "attention_general_forward",
          "attention_general_backward",
          "attention_tensor_short_forward",
          "attention_tensor_forward",
          "attention_tensor_backward_queries",
          "attention_tensor_backward_keys",
          "marginal_cross_entropy",
          "segment_cross_entropy",
          "segment_product_sum",
          "segment_sum",
          "softmax_cross_entropy",
          "weighted_span_sum_forward",
          "weighted_span_sum_backward");

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

  /** The header's formula, of n rows and m keys of a sequence; here all rows are keys. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "attention_tensor_short_forward",
        "attention_tensor_forward",
        "attention_tensor_backward_queries",
        "attention_tensor_backward_keys"
      })
  void tensorCoresMultiplyWhatTheHeaderSays(String entry) {
    Matcher formula =
        Pattern.compile("(\\d+) ceil\\([nm] / (\\d+)\\) ceil\\([nm] / (\\d+)\\) products")
            .matcher(KernelLibrary.bundled().get(entry).text());
    assertThat(formula.find()).isTrue();
    List<CountedLaunch> launches =
        counted.stream().map(KernelProfile::launch).filter(l -> l.entry().equals(entry)).toList();
    assertThat(launches).isNotEmpty();
    for (CountedLaunch launch : launches) {
      long rows = scalar(launch, "tokens");
      assertThat(scalar(launch, "sequences")).isEqualTo(1);
      long products =
          heads(launch)
              * Long.parseLong(formula.group(1))
              * Math.ceilDiv(rows, Long.parseLong(formula.group(2)))
              * Math.ceilDiv(rows, Long.parseLong(formula.group(3)));
      CounterValues total = launch.counts().total();
      assertThat(total.get(Counter.TENSOR_OPERATIONS)).isEqualTo(products * 2 * 16 * 8 * 16);
      // Of f16, which is counted here, in halves.
      assertThat(total.get(Counter.TENSOR_INSTRUCTIONS)).isEqualTo(2 * products);
    }
  }

  /** Bytes of the rows of spans that have ten tokens, the most that there are. */
  private static double rowsOfSpans(CountedLaunch launch) {
    return 10.0 * launch.storage().bytes() * scalar(launch, "spans") * scalar(launch, "columns");
  }

  private static long heads(CountedLaunch launch) {
    return scalar(launch, "heads");
  }

  /**
   * Groups of eight lanes with four rows each that the kernels for short sequences start: sixteen a
   * block, some without rows or a head of their own, which read along.
   *
   * @param shared most groups of a sequence with which heads share a block
   */
  private static double groups(CountedLaunch launch, int shared) {
    SequenceLengths lengths =
        SequenceLengths.of(
            (int) scalar(launch, "tokens"),
            (int) scalar(launch, "sequences"),
            new SplittableRandom(OperationCase.SEED));
    double groups = 0;
    for (int sequence = 0; sequence < lengths.sequences(); sequence++) {
      int own = Math.ceilDiv(lengths.length(sequence), 4);
      int headsOfBlock = own > shared ? 1 : 16 / own;
      groups += 16 * Math.ceilDiv(heads(launch), headsOfBlock);
    }
    return groups;
  }

  /**
   * The last row of the one sequence, read once more with each four rows that a block has beyond
   * it: of queries, keys and values, of contexts and their gradients.
   */
  private static double rereadRows(CountedLaunch launch, int rowsOfBlock) {
    long tokens = scalar(launch, "tokens");
    long past = Math.ceilDiv(tokens, rowsOfBlock) * rowsOfBlock - tokens;
    return 5.0 * 64 * launch.storage().bytes() * Math.ceilDiv(past, 4) * heads(launch);
  }

  /** Two of the parts of rows that a head has. */
  private static double keysAndValues(CountedLaunch launch) {
    return 2.0 * 64 * launch.storage().bytes() * scalar(launch, "tokens") * heads(launch);
  }

  /** Log-sum-exps of the rows by heads, four bytes here and there. */
  private static double statistics(CountedLaunch launch) {
    return (double) SECTOR * scalar(launch, "tokens") * heads(launch);
  }

  private static long scalar(CountedLaunch launch, String name) {
    return launch.scalars().get(name);
  }

  private static double warps(CountedLaunch launch) {
    return (double) launch.grid() * Math.ceilDiv(launch.block(), 32);
  }
}
