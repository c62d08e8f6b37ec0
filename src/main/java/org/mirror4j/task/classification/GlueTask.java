package org.mirror4j.task.classification;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
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

  /** Whether labels are of two texts. */
  boolean takesPairs() {
    return this != COLA && this != SST_2;
  }

  /**
   * Whether labelled rows with too few fields are left out, as the benchmark's readers do: the
   * training set of QQP as it is given out has some.
   */
  boolean hasBrokenRows() {
    return this == QQP;
  }

  List<Result> results() {
    return results;
  }

  List<GlueColumns.Form> forms() {
    return forms;
  }

  /**
   * Forms of files whose labels may be absent and are not looked at. Test sets have names in the
   * first row, also where the others have none.
   */
  List<GlueColumns.Form> unlabelledForms() {
    Stream<GlueColumns.Form> unlabelled = forms.stream().map(GlueColumns.Form::unlabelled);
    return this == COLA
        ? Stream.concat(Stream.of(new GlueColumns.Named("sentence", null, null)), unlabelled)
            .toList()
        : unlabelled.toList();
  }

  /**
   * What the benchmark calls a file of predictions. MNLI has three, which the name of their texts
   * tells apart: matched, mismatched, and the diagnostic set.
   *
   * @param input name of the file of the texts
   */
  String fileName(String input) {
    if (this != MNLI) {
      return title + ".tsv";
    }
    String name = input.toLowerCase(Locale.ROOT);
    return name.contains("mismatched")
        ? "MNLI-mm.tsv"
        : name.contains("diagnostic") ? "AX.tsv" : "MNLI-m.tsv";
  }
}
