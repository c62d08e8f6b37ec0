package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.mirror4j.eval.Measurement.Measure;

class EvaluationReportTest {
  private static Measurement stsb(double value) {
    return new Measurement("stsb", Measure.SPEARMAN, value, 1379, 0);
  }

  @Test
  void oneColumn() {
    EvaluationReport report = new EvaluationReport(List.of("Spearman x 100"));
    report.add("Spearman x 100", stsb(59.0449));
    report.add("Spearman x 100", new Measurement("EN-RG-65", Measure.SPEARMAN, -3, 65, 0));
    assertThat(report.table())
        .isEqualTo(
            """
            task      measure   items  Spearman x 100
            stsb      Spearman   1379           59.04
            EN-RG-65  Spearman     65           -3.00
            """);
  }

  @Test
  void severalRunsAndColumns() throws JsonProcessingException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.GERMANY);
    try {
      EvaluationReport report = new EvaluationReport(List.of("before", "after"));
      report.add("before", stsb(59));
      report.add("after", stsb(79));
      report.add("after", stsb(78));
      report.add("after", stsb(80));
      report.add("after", new Measurement("w.txt", Measure.ISOTROPY, 0.001234567, 10, 3));
      report.add("before", new Measurement("w.txt", Measure.MEAN_VECTOR_NORM, Double.NaN, 10, 3));
      assertThat(report.table())
          .isEqualTo(
              """
              task   measure           items  skipped  before                          after
              stsb   Spearman           1379        0   59.00  79.00 +/- 1.00 [76.52, 81.48]
              w.txt  isotropy             10        3       -                      1.235e-03
              w.txt  mean vector norm     10        3     n/a                              -
              """);
      JsonNode json = new ObjectMapper().readTree(report.json().toString());
      JsonNode interval = ((ObjectNode) json.at("/rows/0/values/after")).remove("interval95");
      // The quantile of two degrees of freedom is 4.302653, the standard error 1 / sqrt(3).
      assertThat(interval.get(0).asDouble()).isCloseTo(79 - 4.302653 / Math.sqrt(3), within(1e-6));
      assertThat(interval.get(1).asDouble()).isCloseTo(79 + 4.302653 / Math.sqrt(3), within(1e-6));
      assertThat(json)
          .isEqualTo(
              new ObjectMapper()
                  .readTree(
                      """
                      {"columns": ["before", "after"], "rows": [
                        {"task": "stsb", "measure": "Spearman", "items": 1379, "skippedLines": 0,
                         "values": {
                           "before": {"runs": [59.0], "mean": 59.0},
                           "after": {"runs": [79.0, 78.0, 80.0], "mean": 79.0,
                                     "standardDeviation": 1.0}}},
                        {"task": "w.txt", "measure": "isotropy", "items": 10, "skippedLines": 3,
                         "values": {"after": {"runs": [0.001234567], "mean": 0.001234567}}},
                        {"task": "w.txt", "measure": "mean vector norm", "items": 10,
                         "skippedLines": 3, "values": {"before": {"runs": [null], "mean": null}}}]}
                      """));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void settingsStandUnderTheirColumnAndNotesBelow() {
    EvaluationReport report = new EvaluationReport(List.of("before", "after"));
    report.settings("before", "mean, 25 tokens");
    report.settings("after", "cls, 50 tokens");
    report.add("before", stsb(59).withCoverage(new Coverage(2552, 14, 30_000, 29_700)));
    report.add("after", stsb(79));
    assertThat(report.table())
        .isEqualTo(
            """
            task  measure   items           before           after
                                   mean, 25 tokens  cls, 50 tokens
            stsb  Spearman   1379           59.00*           79.00
            * before, stsb: 99.0 % of the words are unknown to the model
            * before, stsb: 14 of 2,552 texts cut at the maximum length
            """);
    ObjectNode before =
        (ObjectNode) report.json().path("rows").get(0).path("values").path("before");
    assertThat(before.path("cutTexts").asInt()).isEqualTo(14);
    assertThat(before.path("unknownShare").asDouble()).isEqualTo(0.99);
    assertThat(before.path("known").asBoolean(true)).isFalse();
    assertThat(before.path("notes")).hasSize(2);
  }

  @Test
  void badInput() {
    assertThatThrownBy(() -> new EvaluationReport(List.of())).hasMessage("report: columns are []");
    assertThatThrownBy(() -> new EvaluationReport(List.of("a", "a")))
        .hasMessage("report: columns are [a, a]");
    EvaluationReport report = new EvaluationReport(List.of("a"));
    assertThatThrownBy(() -> report.add("b", stsb(1)))
        .hasMessage("report: no column b, there are [a]");
  }

  /** Tokens of two vocabularies, of which losses cannot be compared. */
  @Test
  void otherItemsAreAnotherRow() {
    EvaluationReport report = new EvaluationReport(List.of("cased", "uncased"));
    report.add("cased", new Measurement("w.txt", Measure.MASKED_LOSS, 2.25, 1088, 0));
    report.add("uncased", new Measurement("w.txt", Measure.MASKED_LOSS, 2.5, 1054, 0));
    report.add("uncased", new Measurement("w.txt", Measure.MASKED_LOSS, 2.5, 1088, 0));
    assertThat(report.table())
        .isEqualTo(
            """
            task   measure      items   cased  uncased
            w.txt  masked loss   1088  2.2500   2.5000
            w.txt  masked loss   1054       -   2.5000
            """);
  }
}
