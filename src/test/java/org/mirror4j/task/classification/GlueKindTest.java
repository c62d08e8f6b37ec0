package org.mirror4j.task.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.support.ByteLevelFiles;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.Scored;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.Tokenizer;

class GlueKindTest {
  @AutoClose
  private final Tokenizer tokenizer =
      Tokenizer.wordPiece(
          List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c"), false);

  @TempDir Path folder;

  private static GlueKind kind(GlueTask task) {
    return GlueKind.all().get(task.ordinal());
  }

  private FineTunedTask<?> read(GlueTask task, String train, String dev) throws IOException {
    return kind(task)
        .read(
            Files.writeString(folder.resolve("train"), train),
            Optional.of(Files.writeString(folder.resolve("dev"), dev)),
            tokenizer,
            7,
            notice -> {});
  }

  private static PackedBatch packed(Examples<?> examples, int... some) {
    return PackedBatch.of(
        Arrays.stream(some).mapToObj(i -> examples.text(i).ids()).toArray(int[][]::new),
        PackedBatch.Positions.BERT);
  }

  private static String spelled(Examples<?> examples, int example, Tokenizer tokenizer) {
    return String.join(
        " ", Arrays.stream(examples.text(example).ids()).mapToObj(tokenizer::token).toList());
  }

  /** A row of a file of each task. */
  private static String row(GlueTask task, String label) {
    return switch (task) {
      case COLA -> "gj04\t%s\t\ta\n".formatted(label);
      case SST_2 -> "a b\t%s\n".formatted(label);
      case MRPC -> "%s\t1\t2\ta b\tc\n".formatted(label);
      default -> "a b\tc\t%s\n".formatted(label);
    };
  }

  private static String header(GlueTask task) {
    return switch (task) {
      case COLA -> "";
      case SST_2 -> "sentence\tlabel\n";
      case MRPC -> "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n";
      case QQP -> "question1\tquestion2\tis_duplicate\n";
      case STS_B -> "sentence1\tsentence2\tscore\n";
      case MNLI -> "sentence1\tsentence2\tgold_label\n";
      case QNLI -> "question\tsentence\tlabel\n";
      case RTE, WNLI -> "sentence1\tsentence2\tlabel\n";
    };
  }

  private static String file(GlueTask task, List<String> labels) {
    StringBuilder file = new StringBuilder(header(task));
    labels.forEach(label -> file.append(row(task, label)));
    return file.toString();
  }

  /** As the data sets that transformers' examples train on number them. */
  @ParameterizedTest
  @CsvSource({
    "COLA, 0 1",
    "SST_2, 0 1",
    "MRPC, 0 1",
    "QQP, 0 1",
    "MNLI, entailment neutral contradiction",
    "QNLI, entailment not_entailment",
    "RTE, entailment not_entailment",
    "WNLI, 0 1"
  })
  void numbersOfLabels(GlueTask task, String labels) throws IOException {
    List<String> inOrder = List.of(labels.split(" "));
    FineTunedTask<?> read = read(task, file(task, inOrder.reversed()), file(task, inOrder));
    int[] all = IntStream.range(0, inOrder.size()).toArray();
    assertThat((int[]) read.training().targets(all, packed(read.training(), all)))
        .isEqualTo(IntStream.of(all).map(i -> inOrder.size() - 1 - i).toArray());
    ObjectNode config = JsonFiles.object();
    read.configure(config);
    assertThat(config.path("problem_type").textValue()).isEqualTo("single_label_classification");
    assertThat(config.path("id2label").properties())
        .extracting(entry -> entry.getValue().textValue())
        .isEqualTo(inOrder);
    assertThat(read.className()).isEqualTo("ForSequenceClassification");
    assertThat(read.training().predictions(0)).isEqualTo(1);
  }

  /** As transformers' example of GLUE has its scores: 5 epochs of two sets, 3 of all others. */
  @ParameterizedTest
  @EnumSource
  void recipes(GlueTask task) {
    assertThat(kind(task).recipe())
        .isEqualTo(
            task == GlueTask.MRPC || task == GlueTask.WNLI
                ? "small-classification"
                : "classification");
  }

  @Test
  void textsAndPairs() throws IOException {
    FineTunedTask<?> single =
        read(
            GlueTask.SST_2,
            "sentence\tlabel\na b\t1\na a a a a a a a\t0\n",
            "sentence\tlabel\na\t1\n");
    assertThat(spelled(single.training(), 0, tokenizer)).isEqualTo("[CLS] a b [SEP]");
    assertThat(spelled(single.training(), 1, tokenizer)).isEqualTo("[CLS] a a a a a [SEP]");
    String rows = "a b\tc\t1\na a a a\tb\t2.5\na a a a\tb b b\t0.25\n";
    FineTunedTask<?> pairs =
        read(GlueTask.STS_B, header(GlueTask.STS_B) + rows, header(GlueTask.STS_B) + rows);
    assertThat(IntStream.range(0, 3).mapToObj(i -> spelled(pairs.training(), i, tokenizer)))
        .containsExactly(
            "[CLS] a b [SEP] c [SEP]", "[CLS] a a a [SEP] b [SEP]", "[CLS] a a [SEP] b b [SEP]");
    assertThat(pairs.training().text(0).typeIds()).containsExactly(0, 0, 0, 0, 1, 1);
    assertThat((float[]) pairs.training().targets(new int[] {2, 0, 1}, null))
        .containsExactly(0.25f, 1, 2.5f);
    ObjectNode config = JsonFiles.object();
    pairs.configure(config);
    assertThat(config.toString())
        .isEqualTo(
            "{\"problem_type\":\"regression\",\"id2label\":{\"0\":\"LABEL_0\"},"
                + "\"label2id\":{\"LABEL_0\":0}}");
    assertThat(pairs.className()).isEqualTo("ForSequenceClassification");
  }

  @Test
  void pairsOfRoberta() throws IOException {
    try (Tokenizer bytes = Tokenizer.open(ByteLevelFiles.write(folder))) {
      Path file =
          Files.writeString(folder.resolve("train"), file(GlueTask.RTE, GlueTask.RTE.labels()));
      Examples<?> examples =
          kind(GlueTask.RTE).read(file, Optional.empty(), bytes, 20, notice -> {}).training();
      assertThat(spelled(examples, 0, bytes)).isEqualTo("<s> a Ġ b </s> </s> c </s>");
    }
  }

  /** The first figure is what the scorer says stands for the task; all are its. */
  @ParameterizedTest
  @EnumSource
  void scoresAreThoseOfTheScorer(GlueTask task) throws IOException {
    Random random = new Random(task.ordinal());
    int classes = Math.max(1, task.labels().size());
    List<String> gold = new ArrayList<>();
    for (int i = 0; i < 23; i++) {
      gold.add(
          task.isRegression()
              ? String.valueOf(random.nextInt(21) / 4.0)
              : task.labels().get(random.nextInt(classes)));
    }
    String file = file(task, gold);
    FineTunedTask<?> read = read(task, file, file);
    Evaluation<?> evaluation = read.development().orElseThrow();
    Evaluation.Collector collector = evaluation.begin();
    StringBuilder predictions = new StringBuilder("index\tprediction\n");
    for (int from = 20; from >= 0; from -= 5) {
      int[] batch = IntStream.range(from, Math.min(23, from + 5)).toArray();
      float[] logits = new float[batch.length * classes];
      for (int i = 0; i < batch.length; i++) {
        int highest = 0;
        for (int label = 0; label < classes; label++) {
          logits[i * classes + label] = random.nextFloat();
          highest = logits[i * classes + label] > logits[i * classes + highest] ? label : highest;
        }
        String said = task.isRegression() ? String.valueOf(logits[i]) : task.labels().get(highest);
        predictions.append(batch[i]).append('\t').append(said).append('\n');
      }
      collector.add(batch, packed(evaluation.examples(), batch), logits);
    }
    SequencedMap<String, Double> scores = collector.scores();
    Scored scored = Scored.of(new GlueScorer(task), folder, file, predictions.toString());
    List<Double> figures = new ArrayList<>(scored.figures().values()).reversed();
    assertThat(scores.values()).containsExactlyElementsOf(figures.subList(0, figures.size() - 1));
    assertThat(scores.firstEntry().getKey())
        .isEqualTo(
            switch (task) {
              case COLA -> "Matthews";
              case MRPC, QQP, STS_B -> "mean";
              default -> "accuracy";
            });
  }

  @Test
  void whatIsNotFiniteIsNotScored() throws IOException {
    String file = file(GlueTask.STS_B, List.of("3", "4"));
    Evaluation<?> evaluation = read(GlueTask.STS_B, file, file).development().orElseThrow();
    PackedBatch batch = packed(evaluation.examples(), 0, 1);
    assertThatThrownBy(
            () -> evaluation.begin().add(new int[] {0, 1}, batch, new float[] {3.5f, Float.NaN}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("logits that are not finite");
  }

  @Test
  void whatCannotBeLearned() throws IOException {
    String right = file(GlueTask.MRPC, List.of("0", "1"));
    String wrong = file(GlueTask.MRPC, List.of("0", "1", "2"));
    for (boolean inTraining : new boolean[] {true, false}) {
      assertThatThrownBy(
              () -> read(GlueTask.MRPC, inTraining ? wrong : right, inTraining ? right : wrong))
          .isInstanceOf(FileException.class)
          .hasMessage(
              folder.resolve(inTraining ? "train" : "dev")
                  + ":4: the label is '2', expected 0 or 1");
    }
    assertThatThrownBy(
            () -> read(GlueTask.RTE, file(GlueTask.RTE, List.of("entailed")), "no matter"))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(
            folder.resolve("train")
                + ":2: the label is 'entailed', expected entailment or not_entailment");
    String one = file(GlueTask.STS_B, List.of("3"));
    assertThatThrownBy(() -> read(GlueTask.STS_B, one, one))
        .isInstanceOf(FileException.class)
        .hasMessage(folder.resolve("dev") + ": one row, expected two at least for a correlation");
    String same = file(GlueTask.STS_B, List.of("3", "3.0"));
    assertThatThrownBy(() -> read(GlueTask.STS_B, same, same))
        .isInstanceOf(FileException.class)
        .hasMessage(
            folder.resolve("dev")
                + ": all texts have the score '3', expected two different ones at least for a"
                + " correlation");
    assertThatThrownBy(() -> read(GlueTask.COLA, file(GlueTask.COLA, List.of("1", "1")), "no"))
        .isInstanceOf(FileException.class)
        .hasMessage(
            folder.resolve("train")
                + ": all texts have the label '1', expected two different ones at least");
  }

  /** Before, between and below rows; a tab makes a row. */
  @ParameterizedTest
  @EnumSource
  void blankLinesArePassedOver(GlueTask task) throws IOException {
    List<String> labels = task.isRegression() ? List.of("1", "2.5") : task.labels();
    String rows = file(task, labels);
    Path file = Files.writeString(folder.resolve("rows"), rows);
    Path blank =
        Files.writeString(folder.resolve("blank"), "\n" + rows.replace("\n", "\n\n") + " \n\n");
    List<String> notices = new ArrayList<>();
    assertThat(GlueFile.read(task, blank, notices::add))
        .isEqualTo(GlueFile.read(task, file, notices::add))
        .hasSize(labels.size());
    assertThat(notices).isEmpty();
    Files.writeString(file, rows + "\t\t\t\t\t\n");
    assertThatThrownBy(() -> GlueFile.read(task, file, notices::add))
        .isInstanceOf(FileException.class)
        .hasMessageMatching("(?s).*rows:\\d+: 6 fields parted by tabs, expected .*");
    Path said = Files.writeString(folder.resolve("said"), "index\tprediction\n0\t1\n\n1\t0\n\n");
    assertThat(GlueFile.predictions(GlueTask.COLA, said, notices::add))
        .containsExactly(Map.entry("0", "1"), Map.entry("1", "0"));
  }

  /** A question of two lines is two rows, neither of which is one. */
  @Test
  void brokenRowsOfQqpAreLeftOut() throws IOException {
    String broken = header(GlueTask.QQP) + "a b\tc\t1\na\n b\tc\nb\tc\t0\nc\t\n";
    Path file = Files.writeString(folder.resolve("broken"), broken);
    List<String> notices = new ArrayList<>();
    assertThat(GlueFile.read(GlueTask.QQP, file, notices::add))
        .containsExactly(
            new LabelledText("0", "a b", Optional.of("c"), "1"),
            new LabelledText("1", "b", Optional.of("c"), "0"));
    assertThat(notices)
        .containsExactly(
            file
                + ": 3 rows left out with fewer than 3 fields parted by tabs, the first is line 3");
    assertThatThrownBy(() -> GlueFile.texts(GlueTask.QQP, file, notices::add))
        .isInstanceOf(FileException.class)
        .hasMessage(file + ":3: 1 fields parted by tabs, expected 3");
    Files.writeString(file, file(GlueTask.QQP, List.of("0", "1")) + "a\tb\tc\t1\n");
    assertThatThrownBy(() -> GlueFile.read(GlueTask.QQP, file, notices::add))
        .isInstanceOf(FileException.class)
        .hasMessage(file + ":4: 4 fields parted by tabs, expected 3");
    Files.writeString(file, header(GlueTask.QNLI) + "a\tb\n");
    assertThatThrownBy(() -> GlueFile.read(GlueTask.QNLI, file, notices::add))
        .isInstanceOf(FileException.class)
        .hasMessage(file + ":2: 2 fields parted by tabs, expected 3");
    assertThat(notices).hasSize(1);
  }
}
