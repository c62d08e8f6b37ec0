package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.Measurement.Measure;
import org.mirror4j.eval.PublishedFigures;

class ReproducedTableTest {
  private static final Variant LOW = variant("0.05");
  private static final Variant HIGH = variant("0.1");
  private static final OptionalLong SEED = OptionalLong.of(42);
  private static final Optional<Double> SECOND = Optional.of(1.0);

  private static Variant variant(String label) {
    return new Variant(
        label,
        Optional.empty(),
        Optional.of("bert-base-uncased"),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** With the figures of the paper for dropout rates on the mean of seven sets. */
  private static ReproducedTable table() {
    return table(LOW, HIGH);
  }

  private static ReproducedTable table(Variant... rows) {
    TableDefinition rates = Tables.read().of(List.of("dropout-rate")).tables().getFirst();
    return new ReproducedTable(
        new TableDefinition(
            rates.name(),
            rates.title(),
            rates.published(),
            rates.row(),
            rates.tasks(),
            rates.columns(),
            rates.axis(),
            rates.differs(),
            List.of(rows)),
        PublishedFigures.read());
  }

  private static Measurement sts(double value) {
    return new Measurement("sts", Measure.MEAN_SPEARMAN, value, 10, 0);
  }

  /** JSON and SVG have no NaN. */
  @Test
  void valuesThatAreNotDefined() {
    ReproducedTable table = table();
    table.add(LOW, SEED, sts(Double.NaN));
    table.add(LOW, OptionalLong.of(43), sts(70));
    table.add(HIGH, SEED, sts(75.3));
    JsonNode cells = table.json().path("cells");
    assertThat(cells.get(0).path("values").toString()).isEqualTo("[null,70.0]");
    assertThat(cells.get(0).path("mean").isNull()).isTrue();
    assertThat(cells.get(0).path("standardDeviation").isNull()).isTrue();
    assertThat(table.json().toString()).doesNotContain("NaN");
    assertThat(table.svg().orElseThrow()).doesNotContain("NaN");
    assertThat(table.text())
        .containsPattern("0\\.05 +2 +n/a ± n/a \\(74\\.0\\)\n")
        .containsPattern("0\\.1 +1 +75\\.30 \\(74\\.3, \\+1\\.00\\)\n");
  }

  /** Values of seeds 42, 43 ..., some of which may be missing. */
  private static void add(ReproducedTable table, Variant variant, double... values) {
    for (int i = 0; i < values.length; i++) {
      if (!Double.isNaN(values[i])) {
        table.add(variant, OptionalLong.of(42 + i), sts(values[i]));
      }
    }
  }

  /**
   * Means 71 and 73 of two seeds: with one degree of freedom the quantile is tan(0.475 pi) =
   * 12.706, the standard errors are 1 and 2, and the differences, 1 and 3, have t = 2, for which p
   * = 1 - 2 atan(2) / pi.
   */
  @Test
  void intervalsAndPairedTests() {
    ReproducedTable table = table();
    add(table, LOW, 70, 72);
    add(table, HIGH, 71, 75);
    double quantile = Math.tan(0.475 * Math.PI);
    JsonNode cells = table.json().path("cells");
    assertThat(cells.get(0).at("/interval95/0").doubleValue())
        .isCloseTo(71 - quantile, within(1e-9));
    assertThat(cells.get(1).at("/interval95/1").doubleValue())
        .isCloseTo(73 + 2 * quantile, within(1e-9));
    assertThat(cells.get(0).has("pairedTTest")).isFalse();
    assertThat(cells.get(1).at("/pairedTTest/against").textValue()).isEqualTo("0.05");
    assertThat(cells.get(1).at("/pairedTTest/seeds").intValue()).isEqualTo(2);
    assertThat(cells.get(1).at("/pairedTTest/p").doubleValue())
        .isCloseTo(1 - 2 * Math.atan(2) / Math.PI, within(1e-9));
    assertThat(table.markdown())
        .containsSubsequence(
            "| 0.05 | 2 | 71.00 ± 1.41 (",
            "- below: 95 % intervals of means over seeds, by Student's t; p of the paired t test"
                + " over the seeds that both rows have\n",
            "- 0.05: sts mean Spearman [58.29, 83.71]\n",
            "- 0.1: sts mean Spearman [47.59, 98.41], p = 0.295 against 0.05\n");
  }

  @Test
  void commaSeparatedValues(@TempDir Path folder) throws IOException {
    ReproducedTable table = table();
    add(table, LOW, 70, 72);
    add(table, HIGH, 71, 75);
    Path csv = folder.resolve("tables.csv");
    ReproducedTable.writeCsv(csv, List.of(table, table));
    List<String> lines = Files.readAllLines(csv);
    assertThat(lines).hasSize(5);
    assertThat(lines.getFirst())
        .isEqualTo(
            "table,variant,model,trainingShare,task,measure,mean,standardDeviation,low95,high95,"
                + "against,p,published,secondsPerRun,values");
    JsonNode high = table.json().path("cells").get(1);
    assertThat(lines.get(2))
        .isEqualTo(
            "dropout-rate,0.1,,,sts,mean Spearman,73.0,%s,%s,%s,0.05,%s,74.3,,71.0;75.0"
                .formatted(
                    high.path("standardDeviation"),
                    high.at("/interval95/0"),
                    high.at("/interval95/1"),
                    high.at("/pairedTTest/p")));
    assertThat(lines.subList(3, 5)).isEqualTo(lines.subList(1, 3));
  }

  /** Pairs are those of the same seed, whichever are there. */
  @Test
  void seedsThatOneRowLacks() {
    ReproducedTable table = table();
    add(table, LOW, 90, 70, 72, 80);
    add(table, HIGH, Double.NaN, 71, 75, Double.NaN, 60);
    JsonNode test = table.json().path("cells").get(1).path("pairedTTest");
    assertThat(test.path("seeds").intValue()).isEqualTo(2);
    assertThat(test.path("p").doubleValue())
        .isCloseTo(1 - 2 * Math.atan(2) / Math.PI, within(1e-9));
  }

  /** Of one seed, of a row without seeds, and of rows that share none nothing is said. */
  @Test
  void whatHasNoSpread() {
    ReproducedTable table = table();
    table.add(LOW, OptionalLong.empty(), sts(70));
    add(table, HIGH, 71, 75);
    assertThat(table.json().path("cells").get(0).has("interval95")).isFalse();
    assertThat(table.json().path("cells").get(1).has("pairedTTest")).isFalse();
    assertThat(table.text()).contains("0.1: sts mean Spearman [").doesNotContain("p =", "paired");
    ReproducedTable single = table();
    add(single, LOW, 70);
    add(single, HIGH, 71);
    assertThat(single.text()).doesNotContain("95 %");
  }

  /** What is said of all rows by itself, else with those that it is of, however many they are. */
  @Test
  void notesSayWhoseTheyAre() {
    Variant third = variant("0.2");
    ReproducedTable table = table(LOW, HIGH, third);
    for (long seed = 42; seed < 44; seed++) {
      for (Variant variant : List.of(LOW, HIGH, third)) {
        OptionalLong run = OptionalLong.of(seed);
        table.add(variant, run, sts(70));
        table.note(variant, run, "all");
        table.note(variant, run, variant == LOW ? "few" : "most");
      }
    }
    table.note(LOW, OptionalLong.of(43), "elsewhere");
    table.note(HIGH, OptionalLong.of(42), "there");
    table.note(HIGH, OptionalLong.of(43), "there");
    assertThat(table.markdown())
        .containsSubsequence(
            "\n- all\n",
            "- 0.05: few; seed 43: elsewhere\n",
            "- all but 0.05: most\n",
            "- 0.1: there\n")
        .containsOnlyOnce("most");
  }

  /** An interruption shows a table while it grows. */
  @Test
  void isReadWhileItGrows() {
    ReproducedTable table = table();
    int tasks = 3000;
    CompletableFuture<Void> growth =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < tasks; i++) {
                table.add(LOW, SEED, new Measurement("task " + i, Measure.SPEARMAN, i, 10, 0));
              }
            });
    while (!growth.isDone()) {
      assertThat(table.json().path("cells").size()).isLessThanOrEqualTo(tasks);
    }
    growth.join();
    assertThat(table.json().path("cells")).hasSize(tasks);
  }

  /** What decides, and what was published; of several runs the spread. */
  @Test
  void scoresOfFineTunedModels() {
    TableDefinition all = Tables.read().of(List.of("finetuning")).tables().getFirst();
    ReproducedTable table = new ReproducedTable(all, PublishedFigures.read());
    Variant mrpc = row(all, "MRPC");
    for (double mean : new double[] {86, 88}) {
      ScoreStore.TaskScores scores =
          new ScoreStore.TaskScores(scores(mean), scores(mean - 1), SECOND);
      table.add(mrpc, OptionalLong.of((long) mean), "MRPC", scores);
      table.took(mrpc, Optional.of(mean));
    }
    table.leftOut(row(all, "MNLI"), "no such file");
    assertThat(table.text())
        .containsPattern(
            "\nMRPC +mean +bert-base-cased +all +2 +87\\.00 ± 1\\.41 +86\\.00 ± 1\\.41 +- +87\n")
        .containsPattern(
            "\nMRPC +F1 +bert-base-cased +all +2 +89\\.00 ± 1\\.41 +88\\.00 ± 1\\.41"
                + " +88\\.85, -0\\.85 \\(last step\\) +87\n")
        .doesNotContain("MRPC  loss")
        .containsPattern("\nMNLI +- +bert-base-cased +- +0 +- +- +- +-\n")
        .contains("MNLI: left out: no such file");
    JsonNode cells = table.json().path("cells");
    assertThat(cells).hasSize(6);
    assertThat(cells.get(2).path("measure").textValue()).isEqualTo("loss");
    assertThat(cells.get(4).path("measure").textValue()).isEqualTo("F1, last step");
    assertThat(cells.get(4).path("published").doubleValue()).isEqualTo(88.85);
    assertThat(cells.get(1).path("measure").textValue()).isEqualTo("F1");
    assertThat(cells.get(1).has("published")).isFalse();
    assertThat(cells.get(1).path("secondsPerRun").doubleValue()).isEqualTo(87);
    // Of a run that went on.
    table.took(mrpc, Optional.empty());
    assertThat(table.json().path("cells").get(1).has("secondsPerRun")).isFalse();
    assertThat(table.text()).containsPattern("\nMRPC +mean .* -\n").doesNotContain("computed in");
  }

  /** A row is compared by one step, the best where a set or a run has no other. */
  @Test
  void oneStepIsComparedInARow() {
    TableDefinition all = Tables.read().of(List.of("finetuning")).tables().getFirst();
    ReproducedTable table = new ReproducedTable(all, PublishedFigures.read());
    SequencedMap<String, Double> none = Collections.emptyNavigableMap();
    Variant questions = row(all, "XQuAD");
    table.add(
        questions, SEED, "XQuAD en", new ScoreStore.TaskScores(scores(80), scores(79), SECOND));
    table.add(questions, SEED, "XQuAD es", new ScoreStore.TaskScores(scores(70), none, SECOND));
    Variant mrpc = row(all, "MRPC");
    table.add(mrpc, SEED, "MRPC", new ScoreStore.TaskScores(scores(86), none, SECOND));
    table.add(
        mrpc,
        OptionalLong.of(43),
        "MRPC",
        new ScoreStore.TaskScores(scores(88), scores(87), SECOND));
    assertThat(table.text())
        .containsPattern("\nXQuAD en\\* +F1 .* 82\\.00 +81\\.00 +83\\.5, -1\\.50 \\(best step\\) ")
        .containsPattern("\nXQuAD es\\* +F1 .* 72\\.00 +- +75\\.5, -3\\.50 \\(best step\\) ")
        .containsPattern("\nMRPC +F1 .* 89\\.00 ± 1\\.41 +- +88\\.85, \\+0\\.15 \\(best step\\) ")
        .doesNotContain("(last step)");
    assertThat(table.json().path("cells").valueStream().filter(cell -> cell.has("published")))
        .hasSize(3)
        .allSatisfy(cell -> assertThat(cell.path("measure").textValue()).isEqualTo("F1"));
  }

  private static SequencedMap<String, Double> scores(double mean) {
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    scores.put("mean", mean);
    scores.put("F1", mean + 2);
    scores.put("loss", mean - 2);
    return scores;
  }

  private static Variant row(TableDefinition table, String label) {
    return table.variants().stream()
        .filter(variant -> variant.label().equals(label))
        .findFirst()
        .orElseThrow();
  }
}
