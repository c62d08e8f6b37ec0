package org.mirror4j.task.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.file.FileException;
import org.mirror4j.support.SharedData;
import org.mirror4j.task.Scored;

class GlueScorerTest {
  /** A few roundings of numbers up to 100. */
  private static final double ROUNDING = 1e-13;

  @TempDir Path folder;

  private Scored scored(GlueTask task, String gold, String predictions) {
    return Scored.of(new GlueScorer(task), folder, gold, predictions);
  }

  /** Predictions of rows that are numbered from 0. */
  private static String predictions(String... labels) {
    return IntStream.range(0, labels.length)
        .mapToObj(i -> i + "\t" + labels[i] + "\n")
        .collect(Collectors.joining("", "index\tprediction\n", ""));
  }

  private static String cola(String... labels) {
    return Stream.of(labels)
        .map(label -> "gj04\t" + label + "\t*\t\"Quotes\" are text.\n")
        .collect(Collectors.joining());
  }

  @Test
  void matthewsByHand() {
    // TP 2, FN 1, FP 1, TN 2: (4 - 1) / sqrt(3 * 3 * 3 * 3) = 1/3.
    Scored scored =
        scored(
            GlueTask.COLA,
            cola("1", "1", "1", "0", "0", "0"),
            predictions("1", "0", "1", "0", "1", "0"));
    assertThat(scored.figures()).containsOnlyKeys("items", "matthews");
    assertThat(scored.get("items")).isEqualTo(6);
    assertThat(scored.get("matthews")).isCloseTo(100.0 / 3, within(ROUNDING));
  }

  @Test
  void matthewsOfOneClassIsZero() {
    assertThat(scored(GlueTask.COLA, cola("1", "0"), predictions("1", "1")).get("matthews"))
        .isZero();
    assertThat(scored(GlueTask.COLA, cola("0", "0"), predictions("1", "0")).get("matthews"))
        .isZero();
    // Sums whose product is beyond 64 bits.
    assertThat(new BinaryCounts(1L << 40, 0, 0, 1L << 40).matthews()).isEqualTo(1);
  }

  @Test
  void accuracyAndF1ByHand() {
    String gold =
        "\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n"
            + "1\t7\t8\tA b.\tC d.\n"
            + "1\t7\t9\tA b.\tE.\n"
            + "0\t1\t2\tF.\tG.\n"
            + "0\t1\t3\tF.\tH.\n"
            + "0\t1\t3\tF.\t\n";
    // In any order; TP 1, FN 1, FP 2, TN 1: P 1/3, R 1/2, F1 2/5.
    Scored scored =
        scored(GlueTask.MRPC, gold, "index\tprediction\n4\t0\n0\t1\n2\t1\n3\t1\n1\t0\n");
    assertThat(scored.figures()).containsOnlyKeys("items", "accuracy", "f1", "mean");
    assertThat(scored.get("accuracy")).isCloseTo(40, within(ROUNDING));
    assertThat(scored.get("f1")).isCloseTo(40, within(ROUNDING));
    assertThat(scored.get("mean")).isCloseTo(40, within(ROUNDING));
    // Nothing is found.
    assertThat(scored(GlueTask.MRPC, gold, predictions("0", "0", "0", "0", "0")).get("f1"))
        .isZero();
  }

  @Test
  void correlationsByHand() {
    String gold =
        "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n"
            + "0\tg\tf\ty\t1\ts\ts\tA.\tB.\t1.000\n1\tg\tf\ty\t1\ts\ts\tC.\tD.\t2.000\n"
            + "2\tg\tf\ty\t1\ts\ts\tE.\tF.\t3.000\n";
    Scored scored = scored(GlueTask.STS_B, gold, predictions("1", "8e0", "27"));
    assertThat(scored.get("pearson")).isCloseTo(100 * 26 / Math.sqrt(724), within(ROUNDING));
    assertThat(scored.get("spearman")).isCloseTo(100, within(ROUNDING));
    assertThat(scored.get("mean")).isCloseTo(50 + 50 * 26 / Math.sqrt(724), within(ROUNDING));
    assertThat(scored(GlueTask.STS_B, gold, predictions("2", "2", "2")).get("pearson")).isNaN();
    // The original benchmark has no header, and at times two more columns.
    String original =
        "main\tf\ty\t1\t1.0\tA.\tB.\n"
            + "main\tf\ty\t2\t2.0\tC.\tD.\tx\ty\n"
            + "main\tf\ty\t3\t3.0\tE.\tF.\n";
    assertThat(scored(GlueTask.STS_B, original, predictions("1", "8", "27")).figures())
        .isEqualTo(scored.figures());
  }

  @Test
  void idsAreThoseOfTheIndexWhereThereIsOne() {
    String gold =
        "index\tsentence1\tsentence2\tlabel\n7\tA.\tB.\tentailment\n3\tC.\tD.\tnot_entailment\n";
    Scored scored =
        scored(GlueTask.RTE, gold, "index\tprediction\n3\tnot_entailment\n7\tnot_entailment\n");
    assertThat(scored.get("accuracy")).isEqualTo(50);
    assertThatThrownBy(
            () -> scored(GlueTask.RTE, gold, predictions("entailment", "not_entailment")))
        .isInstanceOf(FileException.class)
        .hasMessage(
            "%s: no prediction for index '7', expected one for each of the 2 rows of %s"
                .formatted(folder.resolve("predictions"), folder.resolve("gold")));
  }

  @Test
  void labelsOfMnliInEitherForm() {
    String header = "index\tpromptID\tsentence1\tsentence2\tlabel1\tgold_label\n";
    String gold = header + "0\t5\tA.\tB.\tneutral\tcontradiction\n1\t5\tC.\tD.\tx\tneutral\n";
    String plain = "contradiction\tA.\tB.\nneutral\tC.\tD.\n";
    String predictions = predictions("contradiction", "entailment");
    assertThat(scored(GlueTask.MNLI, gold, predictions).get("accuracy")).isEqualTo(50);
    assertThat(scored(GlueTask.MNLI, plain, predictions).get("accuracy")).isEqualTo(50);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          0,1;1,1         | predictions:1: '0?1', expected the header index TAB prediction
          index,prediction;0,1            | predictions: no prediction for index '1', expected one for each of the 2 rows of
          index,prediction;0,1;1,0;2,0    | predictions: index '2' is that of no row of
          index,prediction;0,1;0,0        | predictions:3: index '0' is that of line 2, expected each once
          index,prediction;0,1;1,entailment | predictions:3: the prediction is 'entailment', expected 0 or 1
          index,prediction;0,1;1          | predictions:3: 1 fields parted by tabs, expected 2
          index,prediction;0,1;1,1,x      | predictions:3: 3 fields parted by tabs, expected 2
          """)
  void predictionsThatAreWrong(String predictions, String message) {
    String text = predictions.replace(',', '\t').replace(';', '\n') + "\n";
    assertThatThrownBy(() -> scored(GlueTask.COLA, cola("1", "0"), text))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(folder + "/" + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          qnli | index,question,sentence,label;0,Q,S,entailmen | gold:2: the label is 'entailmen', expected entailment or not_entailment; did you mean entailment?
          qnli | index,question,sentence;0,Q,S               | gold:1: 'index?question?sentence', expected for qnli a header with question, sentence, label
          qnli | index,question,sentence,label               | gold: no row below the header, expected one at least
          rte  | index,sentence1,sentence2,label;0,S,T,1     | gold:2: the label is '1', expected entailment or not_entailment
          rte  | index,sentence1,sentence2,label;0,S,T       | gold:2: 3 fields parted by tabs, expected 4
          rte  | index,sentence1,sentence2,label;0,S,T,entailment;0,S,T,entailment | gold:3: index '0' is that of line 2, expected each once
          cola | sentence,label;S,1                          | gold:1: 'sentence?label', expected for cola 4 columns, the label in column 2
          cola | gj,1,,S;gj,2,,S                             | gold:2: the label is '2', expected 0 or 1
          sts-b | sentence1,sentence2,score;S,T,5.1          | gold:2: the score is '5.1', expected 0 to 5
          sts-b | sentence1,sentence2,score;S,T,NaN          | gold:2: the label is 'NaN', expected a number
          sts-b | sentence1,sentence2,score;S,T,5            | gold: one row, expected two at least for a correlation
          sts-b | S,T,5 | gold:1: 'S?T?5', expected for sts-b a header with sentence1, sentence2, score, or at least 7 columns, the label in column 5
          """)
  void annotationsThatAreWrong(String task, String gold, String message) {
    GlueTask glue =
        Stream.of(GlueTask.values()).filter(t -> t.label().equals(task)).findFirst().orElseThrow();
    String text = gold.replace(',', '\t').replace(';', '\n') + "\n";
    assertThatThrownBy(() -> scored(glue, text, predictions("1")))
        .isInstanceOf(FileException.class)
        .hasMessage(folder + "/" + message);
  }

  @ParameterizedTest
  @CsvSource({
    "COLA, glue/CoLA/train.tsv, 8551, false",
    "COLA, glue/CoLA/dev.tsv, 1043, false",
    "SST_2, glue/SST-2/train.tsv.gz, 67349, false",
    "MRPC, glue/MRPC/train.tsv, 3668, true",
    "MRPC, glue/MRPC/dev.tsv, 408, true",
    "RTE, glue/RTE/train.tsv, 2490, true",
    "WNLI, glue/WNLI/train.tsv, 635, true",
    "WNLI, glue/WNLI/dev.tsv, 71, true",
    "MNLI, glue/MNLI/dev_matched.sample1000.tsv, 1000, true",
    "QNLI, qnli/dev.tsv.gz, 5463, true",
    "STS_B, sts/original/stsbenchmark/sts-dev.csv, 1500, true"
  })
  void publishedFilesHaveTheirSizes(GlueTask task, String name, int rows, boolean pairs) {
    List<String> notices = new ArrayList<>();
    List<LabelledText> texts =
        GlueFile.read(task, SharedData.require("data/" + name), notices::add);
    assertThat(texts).hasSize(rows);
    assertThat(texts).allMatch(text -> text.second().isPresent() == pairs);
    assertThat(texts).noneMatch(text -> text.first().isBlank());
    assertThat(notices).isEmpty();
  }
}
