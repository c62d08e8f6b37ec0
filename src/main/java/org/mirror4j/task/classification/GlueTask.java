package org.mirror4j.task.classification;

import java.util.List;
import java.util.Locale;
import org.mirror4j.file.JsonRecords;

/**
 * The tasks of GLUE (Wang et al. 2019): the columns of their files, their labels, and what is
 * measured of them.
 */
public enum GlueTask implements JsonRecords.Labelled {
  COLA("CoLA", Labels.BINARY, List.of(Result.MATTHEWS), new GlueColumns.Placed(3, -1, 1, 4, false)),
  SST_2(
      "SST-2",
      Labels.BINARY,
      List.of(Result.ACCURACY),
      new GlueColumns.Named("sentence", null, "label")),
  MRPC(
      "MRPC",
      Labels.BINARY,
      List.of(Result.ACCURACY, Result.F1),
      new GlueColumns.Named("#1 String", "#2 String", "Quality")),
  QQP(
      "QQP",
      Labels.BINARY,
      List.of(Result.ACCURACY, Result.F1),
      new GlueColumns.Named("question1", "question2", "is_duplicate")),
  /** The second form is that of the original STS benchmark. */
  STS_B(
      "STS-B",
      List.of(),
      List.of(Result.PEARSON, Result.SPEARMAN),
      new GlueColumns.Named("sentence1", "sentence2", "score"),
      new GlueColumns.Placed(5, 6, 4, 7, true)),
  /**
   * Matched and mismatched are two files; the second form is {@code label, premise, hypothesis}.
   */
  MNLI(
      "MNLI",
      List.of("entailment", "neutral", "contradiction"),
      List.of(Result.ACCURACY),
      new GlueColumns.Named("sentence1", "sentence2", "gold_label"),
      new GlueColumns.Placed(1, 2, 0, 3, false)),
  QNLI(
      "QNLI",
      Labels.ENTAILMENT,
      List.of(Result.ACCURACY),
      new GlueColumns.Named("question", "sentence", "label")),
  RTE(
      "RTE",
      Labels.ENTAILMENT,
      List.of(Result.ACCURACY),
      new GlueColumns.Named("sentence1", "sentence2", "label")),
  WNLI(
      "WNLI",
      Labels.BINARY,
      List.of(Result.ACCURACY),
      new GlueColumns.Named("sentence1", "sentence2", "label"));

  /** What is measured. */
  enum Result {
    ACCURACY,
    /** Of the texts labelled 1. */
    F1,
    MATTHEWS,
    PEARSON,
    SPEARMAN
  }

  private static final class Labels {
    static final List<String> BINARY = List.of("0", "1");
    static final List<String> ENTAILMENT = List.of("entailment", "not_entailment");
  }

  private final String title;
  private final List<String> labels;
  private final List<Result> results;
  private final List<GlueColumns.Form> forms;

  GlueTask(String title, List<String> labels, List<Result> results, GlueColumns.Form... forms) {
    this.title = title;
    this.labels = labels;
    this.results = results;
    this.forms = List.of(forms);
  }

  @Override
  public String label() {
    return title.toLowerCase(Locale.ROOT);
  }

  /** The name as the benchmark writes it. */
  String title() {
    return title;
  }

  /** The labels, in the order of their numbers; none where texts have a number of their own. */
  public List<String> labels() {
    return labels;
  }

  /** Whether the label is a number, from 0 to 5. */
  public boolean isRegression() {
    return labels.isEmpty();
  }

  List<Result> results() {
    return results;
  }

  List<GlueColumns.Form> forms() {
    return forms;
  }
}
