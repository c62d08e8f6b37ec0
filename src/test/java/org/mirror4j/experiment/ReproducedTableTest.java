package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.Measurement.Measure;
import org.mirror4j.eval.PublishedFigures;

class ReproducedTableTest {
  private static final Variant LOW = variant("0.05");
  private static final Variant HIGH = variant("0.1");

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
            List.of(LOW, HIGH)),
        PublishedFigures.read());
  }

  private static Measurement sts(double value) {
    return new Measurement("sts", Measure.MEAN_SPEARMAN, value, 10, 0);
  }

  /** JSON and SVG have no NaN. */
  @Test
  void valuesThatAreNotDefined() {
    ReproducedTable table = table();
    table.add(LOW, sts(Double.NaN));
    table.add(LOW, sts(70));
    table.add(HIGH, sts(75.3));
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

  /** An interruption shows a table while it grows. */
  @Test
  void isReadWhileItGrows() {
    ReproducedTable table = table();
    int tasks = 3000;
    CompletableFuture<Void> growth =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < tasks; i++) {
                table.add(LOW, new Measurement("task " + i, Measure.SPEARMAN, i, 10, 0));
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
      SequencedMap<String, Double> scores = new LinkedHashMap<>();
      scores.put("mean", mean);
      scores.put("F1", mean + 2);
      scores.put("accuracy", mean - 2);
      table.add(mrpc, "MRPC", scores);
      table.took(mrpc, Optional.of(mean));
    }
    table.leftOut(row(all, "MNLI"), "no such file");
    assertThat(table.text())
        .containsPattern("\nMRPC +mean +bert-base-cased +all +2 +87\\.00 ± 1\\.41 +- +87\n")
        .containsPattern(
            "\nMRPC +F1 +bert-base-cased +all +2 +89\\.00 ± 1\\.41 +88\\.9, \\+0\\.10 +87\n")
        .doesNotContain("MRPC  accuracy")
        .containsPattern("\nMNLI +- +bert-base-cased +- +0 +- +- +-\n")
        .contains("MNLI: left out: no such file");
    JsonNode cells = table.json().path("cells");
    assertThat(cells).hasSize(3);
    assertThat(cells.get(2).path("measure").textValue()).isEqualTo("accuracy");
    assertThat(cells.get(1).path("published").doubleValue()).isEqualTo(88.9);
    assertThat(cells.get(1).path("secondsPerRun").doubleValue()).isEqualTo(87);
  }

  private static Variant row(TableDefinition table, String label) {
    return table.variants().stream()
        .filter(variant -> variant.label().equals(label))
        .findFirst()
        .orElseThrow();
  }
}
