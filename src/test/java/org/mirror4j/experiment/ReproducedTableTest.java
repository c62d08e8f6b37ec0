package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
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
}
