package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mirror4j.eval.Measurement.Measure;
import org.mirror4j.eval.PublishedFigures.Row;
import org.mirror4j.eval.PublishedFigures.Table;

/** The resource of the paper's figures. */
class PublishedTablesTest {
  private final PublishedFigures figures = PublishedFigures.read();

  private Stream<Table> tables(Predicate<Table> which) {
    return figures.tables().stream().filter(which);
  }

  /** Each mean that the paper prints is that of the figures beside it, but for its roundings. */
  @Test
  void meansAreThoseOfTheirRows() {
    List<String> checked = new ArrayList<>();
    for (Table table : figures.tables()) {
      for (Row row : table.rows()) {
        List<Double> values = new ArrayList<>(row.values().values());
        boolean hasMean =
            table.names().size() > 3
                && table.isOfTasks()
                && values.size() == table.names().size()
                && !List.of("entity-linking", "whitening").contains(table.name());
        if (hasMean) {
          double mean = values.removeLast();
          double computed = values.stream().mapToDouble(v -> v).average().orElseThrow();
          // Single values and the mean are rounded to 0.1: each is off by at most 0.05.
          assertThat(computed).as(table.name() + " " + row).isCloseTo(mean, within(0.1 + 1e-9));
          checked.add(table.name());
        }
      }
    }
    assertThat(checked).hasSize(9 + 7 + 4 + 2 + 2 + 4 + 4);
  }

  /** Figures in hundreds, but for isotropy and norms; each table once for a measure of a place. */
  @Test
  void figuresAreInTheirUnits() {
    assertThat(figures.tables())
        .extracting(table -> table.name() + table.where() + table.measure())
        .doesNotHaveDuplicates();
    tables(table -> table.unit().equals("x 100"))
        .forEach(
            table ->
                assertThat(table.rows())
                    .allSatisfy(
                        row ->
                            assertThat(row.values().values())
                                .allSatisfy(v -> assertThat(Math.abs(v)).isBetween(0.9, 100.0))));
    assertThat(tables(table -> !table.unit().equals("x 100")))
        .allSatisfy(table -> assertThat(table.name()).isEqualTo("isotropy"));
    assertThat(tables(table -> !table.isOfTasks()))
        .allSatisfy(table -> assertThat(table.task()).isNotEmpty());
  }

  @Test
  void anExcerptHoldsWhatAReportHolds() {
    EvaluationReport report = new EvaluationReport(List.of("a"));
    report.add("a", new Measurement("sts12", Measure.SPEARMAN, 1, 2, 0));
    report.add("a", new Measurement("sts", Measure.MEAN_SPEARMAN, 1, 2, 0));
    report.add("a", new Measurement("words", Measure.ISOTROPY, 1, 2, 0));
    PublishedFigures excerpt = figures.of(report);
    assertThat(excerpt.tables())
        .extracting(Table::name)
        .containsExactly("sts", "released-models", "calibrated-all");
    assertThat(excerpt.papers()).containsOnlyKeys("Liu et al. 2021", "Gao et al. 2021");
    assertThat(excerpt.tables().getFirst().names()).containsExactly("sts12", "sts");
    assertThat(excerpt.table())
        .contains("\npublished: Liu et al. 2021, table 3, Spearman x 100  sts12   sts\n")
        .contains("\nBERT-CLS                                              21.5  31.4\n");
    assertThat(excerpt.markdown()).contains("\n| BERT-CLS | 21.5 | 31.4 |\n");
    assertThat(excerpt.json().path("tables").get(0).path("rows").get(1).toString())
        .isEqualTo("{\"model\":\"BERT-CLS\",\"values\":{\"sts12\":21.5,\"sts\":31.4}}");
    EvaluationReport other = new EvaluationReport(List.of("a"));
    other.add("a", new Measurement("sts12", Measure.ISOTROPY, 1, 2, 0));
    assertThat(figures.of(other).tables()).isEmpty();
  }
}
