package org.mirror4j.task.coreference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.support.SharedData;

/** The reference scorer's own cases, and what it prints for whole sets of documents. */
class SharedScorerCasesTest {
  @TempDir private Path folder;

  /**
   * Rows that state 1 for MUC where one link of three and two of four are right, by the definition
   * and by what the scorer itself prints.
   */
  private static final Set<String> PLACEHOLDERS = Set.of("B1 muc", "C1 muc");

  /** As its authors state it, to the five places that they state. */
  @Test
  void figuresOfTheCases() throws IOException {
    Path cases = SharedData.require("data/coref/scorer-cases");
    List<String> rows = Files.readAllLines(cases.resolve("expected.tsv"));
    assertThat(rows).hasSize(71);
    for (String row : rows.subList(1, rows.size())) {
      String[] fields = row.split("\t");
      if (PLACEHOLDERS.contains(fields[0] + " " + fields[3])) {
        continue;
      }
      MetricFigures figures =
          CoreferenceScorer.score(cases.resolve(fields[1]), cases.resolve(fields[2]), s -> {})
              .stream()
              .filter(one -> one.metric().equals(fields[3]))
              .findFirst()
              .orElseThrow();
      assertThat(figures.recall() / 100).as(row).isCloseTo(number(fields[4]), within(1e-5));
      assertThat(figures.precision() / 100).as(row).isCloseTo(number(fields[5]), within(1e-5));
      assertThat(figures.f1() / 100).as(row).isCloseTo(number(fields[6]), within(1e-5));
    }
  }

  @Test
  void printedCountsOfTheCases() throws IOException {
    Path cases = SharedData.require("data/coref/scorer-cases");
    Map<String, String[]> files = new HashMap<>();
    for (String row : Files.readAllLines(cases.resolve("expected.tsv"))) {
      files.put(row.split("\t")[0], row.split("\t"));
    }
    List<String> rows = Files.readAllLines(cases.resolve("official-output.tsv"));
    for (String row : rows.subList(1, rows.size())) {
      String[] names = files.get(row.split("\t")[0]);
      assertPrinted(
          row, CoreferenceScorer.counts(cases.resolve(names[1]), cases.resolve(names[2]), s -> {}));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ontogum", "litbank"})
  void printedCountsOfWholeSets(String set) throws IOException {
    Path gold = SharedData.require("data/coref/" + set + "/dev.conll.gz");
    Path baseline = SharedData.require("data/coref/string-match-baseline");
    Path response = baseline.resolve(set + "-dev.response.conll.gz");
    CoreferenceCounts counts = CoreferenceScorer.counts(gold, response, s -> {});
    List<String> rows = Files.readAllLines(baseline.resolve(set + "-dev.official-output.tsv"));
    assertThat(rows).hasSize(13);
    rows.subList(1, rows.size()).forEach(row -> assertPrinted(row, counts));

    // The same chains, found by us, and through a file of ours.
    List<CoreferenceDocument> linked =
        ConllReader.read(gold, s -> {}).stream().map(StringMatch::link).toList();
    assertThat(linked.stream().map(SharedScorerCasesTest::mentions).toList())
        .isEqualTo(
            ConllReader.read(response, s -> {}).stream()
                .map(SharedScorerCasesTest::mentions)
                .toList());
    Path written = Files.writeString(folder.resolve("linked.conll"), ConllWriter.text(linked));
    assertThat(CoreferenceScorer.counts(gold, written, s -> {}).figures())
        .isEqualTo(counts.figures());
  }

  /**
   * What the rows of the table of fine-tuning say of it, LitBank's without chains of one mention.
   */
  @ParameterizedTest
  @CsvSource({
    "ontogum/dev, true, 51.5577",
    "ontogum/test, true, 49.8900",
    "litbank/dev, true, 44.5381",
    "litbank/dev, false, 51.1319"
  })
  void figuresOfWholeSets(String set, boolean singletons, double expected) {
    Path gold = SharedData.require("data/coref/" + set + ".conll.gz");
    CoreferenceCounts counts = CoreferenceCounts.NONE;
    for (CoreferenceDocument document : ConllReader.read(gold, s -> {})) {
      CoreferenceDocument key = singletons ? document : document.withoutSingletons();
      counts = counts.plus(CoreferenceCounts.of(key.chains(), StringMatch.link(key).chains()));
    }
    MetricFigures mean =
        counts.figures().stream()
            .filter(one -> one.metric().equals("conll"))
            .findFirst()
            .orElseThrow();
    // Printed with four places by the official scorer, but for the test file's, which are ours.
    assertThat(mean.f1()).isCloseTo(expected, within(5.1e-5));
  }

  /** Sets, as the response has a mention twice that is in two chains of the gold file. */
  private static Set<Set<Mention>> mentions(CoreferenceDocument document) {
    return document.chains().stream()
        .map(chain -> Set.copyOf(chain.mentions()))
        .collect(Collectors.toSet());
  }

  /** A row: case, metric, what is counted, then numerator, denominator and percents. */
  private static void assertPrinted(String row, CoreferenceCounts counts) {
    String[] fields = row.split("\t");
    if (fields[2].equals("BLANC")) {
      MetricFigures blanc = counts.blanc().figures("blanc");
      assertPercent(row, blanc.recall() / 100, fields[5]);
      assertPercent(row, blanc.precision() / 100, fields[8]);
      assertPercent(row, blanc.f1() / 100, fields[9]);
      return;
    }
    Fractions fractions =
        switch (fields[2]) {
          case "Identification of Mentions" -> counts.mentions();
          case "Coreference links" -> counts.blanc().links();
          case "Non-coreference links" -> counts.blanc().others();
          default ->
              switch (fields[1]) {
                case "muc" -> counts.muc();
                case "bcub" -> counts.bCubed();
                case "ceafm" -> counts.ceafMentions();
                default -> counts.ceafEntities();
              };
        };
    // Printed with fifteen digits.
    assertThat(fractions.recalled()).as(row).isCloseTo(number(fields[3]), within(1e-9));
    assertThat(fractions.recallOf()).as(row).isEqualTo(number(fields[4]));
    assertThat(fractions.precise()).as(row).isCloseTo(number(fields[6]), within(1e-9));
    assertThat(fractions.precisionOf()).as(row).isEqualTo(number(fields[7]));
    assertPercent(row, fractions.recall(), fields[5]);
    assertPercent(row, fractions.precision(), fields[8]);
    assertPercent(row, fractions.f1(), fields[9]);
  }

  /** Percents are printed cut after two places; what lies on the edge may fall to either side. */
  private static void assertPercent(String row, double fraction, String printed) {
    assertThat(100 * fraction - number(printed)).as(row).isBetween(-1e-9, 0.01 + 1e-9);
  }

  private static double number(String text) {
    return Double.parseDouble(text);
  }
}
