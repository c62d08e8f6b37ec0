package org.mirror4j.task.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.Scored;
import org.mirror4j.text.Tokenizer;

class TableKindTest {
  @AutoClose
  private final Tokenizer tokenizer =
      Tokenizer.wordPiece(
          List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "\"", ","), false);

  @TempDir Path folder;

  private static TableColumns columns(String text, String pair, String label) {
    return new TableColumns(
        Optional.of(text), Optional.ofNullable(pair), Optional.ofNullable(label));
  }

  private FineTunedTask<?> read(
      int kind, TableColumns columns, String name, String train, String dev) throws IOException {
    return TableKind.all()
        .get(kind)
        .with(columns)
        .read(
            Files.writeString(folder.resolve(name), train),
            dev == null
                ? Optional.empty()
                : Optional.of(Files.writeString(folder.resolve("dev-" + name), dev)),
            tokenizer,
            16,
            notice -> {});
  }

  private List<String> spelled(Examples<?> examples) {
    return IntStream.range(0, examples.size())
        .mapToObj(
            i ->
                String.join(
                    " ", Arrays.stream(examples.text(i).ids()).mapToObj(tokenizer::token).toList()))
        .toList();
  }

  /** As a row of a table says it. */
  @Test
  void columnsMayBeSaidByName() throws IOException {
    ObjectNode options = JsonFiles.object().put("text", "t").put("label", "l");
    for (TableKind kind : TableKind.all()) {
      assertThat(kind.withOptions(options).options())
          .isEqualTo(kind.with(columns("t", null, "l")).options())
          .hasSize(2);
      assertThatThrownBy(() -> kind.withOptions(JsonFiles.object().put("texts", "t")))
          .isInstanceOf(FileException.class)
          .hasMessageStartingWith(kind.name() + ": unknown key 'texts'");
    }
    options.remove("label");
    Path file = Files.writeString(folder.resolve("x.csv"), "t,l\na,b\n");
    assertThatThrownBy(
            () ->
                TableKind.all()
                    .getFirst()
                    .withOptions(options)
                    .read(file, Optional.empty(), tokenizer, 16, notice -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("classification: 'label' missing, expected the name of a column");
  }

  /** Commas, quotes and ends of lines within a text; labels in the order of their names. */
  @Test
  void commasAndQuotes() throws IOException {
    FineTunedTask<?> read =
        read(
            0,
            columns("text", null, "label"),
            "x.csv",
            "label,text\n\"z, 1\",\"a,\n\"\"b\"\"\"\n\ny,c \"a\"\n",
            null);
    assertThat(spelled(read.training()))
        .containsExactly("[CLS] a , \" b \" [SEP]", "[CLS] c \" a \" [SEP]");
    assertThat((int[]) read.training().targets(new int[] {0, 1}, null)).containsExactly(1, 0);
    ObjectNode config = JsonFiles.object();
    read.configure(config);
    assertThat(config.path("id2label").toString()).isEqualTo("{\"0\":\"y\",\"1\":\"z, 1\"}");
  }

  /** Quotes are text there. */
  @ParameterizedTest
  @CsvSource({"x.tsv", "x.csv"})
  void tabs(String name) throws IOException {
    FineTunedTask<?> read =
        read(
            1, columns("two", "one", "n"), name, "one\ttwo\tn\n\"a\tb, c\t-1.5\nc\ta\t2e3\n", null);
    assertThat(spelled(read.training()))
        .containsExactly("[CLS] b , c [SEP] \" a [SEP]", "[CLS] a [SEP] c [SEP]");
    assertThat((float[]) read.training().targets(new int[] {1, 0}, null))
        .containsExactly(2000, -1.5f);
  }

  @Test
  void oneColumnOfATsv() throws IOException {
    Path file = Files.writeString(folder.resolve("x.tsv"), "text\na, b\n");
    List<LabelledText> texts =
        TableFile.texts(file, columns("text", null, null), null, notice -> {});
    assertThat(texts).containsExactly(new LabelledText("0", "a, b", Optional.empty(), ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "0 | text,labels;a,b | x.csv: no column 'label', there are 'text', 'labels'; did you mean"
            + " labels?",
        "0 | text,label,label;a,b,c | x.csv: column 'label' is there twice, expected once",
        "0 | text,label;a,b,c | x.csv:2: 3 fields, expected 2 as in the first row",
        "0 | text,label | x.csv: no row below the names of columns, expected one at least",
        "0 | text,label;a,b;c,b | x.csv: all texts have the label 'b', expected two different ones"
            + " at least",
        "0 | text,label;a, | x.csv:2: the label is '', expected a name without tabs and ends of"
            + " lines",
        "0 | text,label;a,~b;c~ | x.csv:2: the label is 'b?c', expected a name without tabs and"
            + " ends of lines",
        "0 | text,label;a,b;~a,b | x.csv:3: a quote is opened here and never closed",
        "1 | text,label;a,1;b,NaN | x.csv:3: the label is 'NaN', expected a number"
      })
  void whatCannotBeRead(int kind, String lines, String message) {
    String table = lines.replace(';', '\n').replace('~', '"') + "\n";
    assertThatThrownBy(() -> read(kind, columns("text", null, "label"), "x.csv", table, null))
        .isInstanceOf(FileException.class)
        .hasMessage(folder + "/" + message);
  }

  /** The line is that where its row begins. */
  @Test
  void aLabelThatWasNotTrained() {
    assertThatThrownBy(
            () ->
                read(
                    0,
                    columns("text", null, "label"),
                    "x.csv",
                    "text,label\na,good\nb,bad\n",
                    "text,label\n\"a\nb\",bad\na,goof\n"))
        .isInstanceOf(FileException.class)
        .hasMessage(
            "%s/dev-x.csv:4: the label is 'goof', expected one of %s/x.csv: bad, good; did you mean"
                    .formatted(folder, folder)
                + " good?");
  }

  @Test
  void figuresByHand() {
    Scored scored =
        Scored.of(
            TableScorer.all().getFirst().with("b"),
            folder,
            "b,c\nx,1\nx,2\ny,3\ny,4\nz,5\n",
            "index\tprediction\n0\tx\n1\ty\n2\ty\n3\ty\n4\tw\n");
    assertThat(scored.get("accuracy")).isEqualTo(60);
    // x: 1 of 1 found, 1 of 2 there; y: 2 of 3, 2 of 2; z and w: nothing right.
    assertThat(scored.get("precision:x")).isEqualTo(100);
    assertThat(scored.get("recall:x")).isEqualTo(50);
    assertThat(scored.get("f1:y")).isCloseTo(80, within(1e-12));
    assertThat(scored.get("macro-f1")).isCloseTo(100 * (2.0 / 3 + 0.8) / 4, within(1e-12));
    Scored numbers =
        Scored.of(
            TableScorer.all().getLast().with("n"),
            folder,
            "n,t\n1,a\n2,b\n4,c\n",
            "index\tprediction\n0\t2\n1\t4\n2\t8e0\n");
    assertThat(numbers.figures().keySet()).containsExactly("items", "mean", "pearson", "spearman");
    assertThat(numbers.get("pearson")).isCloseTo(100, within(1e-12));
    assertThat(numbers.get("mean")).isCloseTo(100, within(1e-12));
  }
}
