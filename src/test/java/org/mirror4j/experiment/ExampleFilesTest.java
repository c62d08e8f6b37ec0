package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;
import org.mirror4j.file.FileHash;
import org.mirror4j.file.JsonFiles;

/** Files that are put together and parted. */
class ExampleFilesTest {
  @TempDir Path folder;

  private ExampleFiles files() {
    return new ExampleFiles(
        new ExperimentCorpus(folder, folder.resolve("made"), FileHash::of, _ -> {}), _ -> {});
  }

  private static ExampleFile examples(int each, int butEach, String without, String... files) {
    return new ExampleFile(
        List.of(files),
        each == 0 ? Optional.empty() : Optional.of(each),
        butEach == 0 ? Optional.empty() : Optional.of(butEach),
        Optional.empty(),
        Optional.ofNullable(without));
  }

  private static ExampleFile grouped(int each, int butEach, ExampleGroups groups, String... files) {
    ExampleFile all = examples(each, butEach, null, files);
    return new ExampleFile(
        all.files(), all.each(), all.butEach(), Optional.of(groups), all.without());
  }

  private static ExampleGroups sharing(String... columns) {
    return new ExampleGroups(Optional.of(List.of(columns)), Optional.empty(), Optional.empty());
  }

  private static ExampleGroups partsOf(String column) {
    return new ExampleGroups(Optional.empty(), Optional.of(column), Optional.empty());
  }

  private static ExampleGroups between(String word) {
    return new ExampleGroups(Optional.empty(), Optional.empty(), Optional.of(word));
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    if (!name.endsWith(".gz")) {
      Files.writeString(file, text);
      return;
    }
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private String made(ExampleFile examples) throws IOException {
    return Files.readString(files().of(examples));
  }

  @Test
  void aFileAsItLiesThere() throws IOException {
    write("a.tsv", "x\n");
    assertThat(files().of(examples(0, 0, null, "a.tsv"))).isEqualTo(folder.resolve("a.tsv"));
    assertThatThrownBy(() -> files().of(examples(0, 0, null, "b.tsv")))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(folder.resolve("b.tsv") + ": no such file");
  }

  @Test
  void rowsUnderAHeader() throws IOException {
    write("a.tsv.gz", "s\tlabel\n1\ta\n2\tb\n3\tc\n4\td\n5\te\n");
    write("b.tsv", "s\tlabel\n6\tf\n");
    assertThat(made(examples(2, 0, null, "a.tsv.gz"))).isEqualTo("s\tlabel\n2\tb\n4\td\n");
    assertThat(made(examples(0, 2, null, "a.tsv.gz"))).isEqualTo("s\tlabel\n1\ta\n3\tc\n5\te\n");
    assertThat(made(examples(3, 0, null, "a.tsv.gz", "b.tsv"))).isEqualTo("s\tlabel\n3\tc\n6\tf\n");
    write("c.tsv", "label\ts\ng\t7\n");
    assertThatThrownBy(() -> made(examples(0, 0, null, "a.tsv.gz", "c.tsv")))
        .isInstanceOf(FileException.class)
        .hasMessage(
            folder.resolve("c.tsv")
                + ":1: 'label?s', expected the columns of the files before it, 's?label'");
  }

  /** Empty lines part them, one or several; there may be none at the end. */
  @Test
  void blocks() throws IOException {
    write("a.txt", "\na A\nb B\n\n\nc C\n\nd D\ne E");
    assertThat(made(examples(2, 0, null, "a.txt"))).isEqualTo("c C\n\n");
    assertThat(made(examples(0, 2, null, "a.txt"))).isEqualTo("a A\nb B\n\nd D\ne E\n\n");
    write("b.conll", "f F\n");
    assertThat(made(examples(2, 0, null, "a.txt", "b.conll"))).isEqualTo("c C\n\nf F\n\n");
  }

  /**
   * The fourth row links the first to the third; the sixth has in one column what the first has in
   * the other.
   */
  @Test
  void rowsThatShareSomething() throws IOException {
    write("a.tsv", "x\ts\tq\n1\ta\tA\n2\tb\tB\n3\tc\tC\n4\ta\tC\n");
    write("b.tsv", "x\ts\tq\n5\td\tB\n6\te\ta\n7\td\tF\n");
    ExampleGroups both = sharing("s", "q");
    assertThat(made(grouped(2, 0, both, "a.tsv", "b.tsv")))
        .isEqualTo("x\ts\tq\n2\tb\tB\n5\td\tB\n7\td\tF\n");
    assertThat(made(grouped(0, 2, both, "a.tsv", "b.tsv")))
        .isEqualTo("x\ts\tq\n1\ta\tA\n3\tc\tC\n4\ta\tC\n6\te\ta\n");
    assertThat(made(grouped(3, 0, both, "a.tsv", "b.tsv"))).isEqualTo("x\ts\tq\n");
    assertThat(made(grouped(3, 0, sharing("s"), "a.tsv"))).isEqualTo("x\ts\tq\n3\tc\tC\n");
    assertThatThrownBy(() -> made(grouped(2, 0, sharing("t"), "a.tsv")))
        .isInstanceOf(FileException.class)
        .hasMessage(folder.resolve("a.tsv") + ":1: the header is 'x?s?q', expected a column t");
    write("c.tsv", "x\ts\tq\n1\ta\n");
    assertThatThrownBy(() -> made(grouped(2, 0, both, "c.tsv")))
        .isInstanceOf(FileException.class)
        .hasMessage(folder.resolve("c.tsv") + ":2: 2 fields parted by tabs, expected at least 3");
  }

  /** A part of several texts stands where all of them do; parts of words are none. */
  @Test
  void textsAndTheirParts() throws IOException {
    write(
        "a.tsv",
        """
        s\tlabel
        fine \t1
        a  fine film \t1
        film\t2
        a fine\t1
        a dull film\t0
        dull film\t0
        a film\t2
        ull\t3
        a dull film \t0
        """);
    ExampleGroups parts = partsOf("s");
    assertThat(made(grouped(2, 0, parts, "a.tsv")))
        .isEqualTo("s\tlabel\na dull film\t0\null\t3\na dull film \t0\n");
    assertThat(made(grouped(0, 2, parts, "a.tsv")))
        .isEqualTo("s\tlabel\nfine \t1\na  fine film \t1\na fine\t1\na film\t2\n");
    assertThat(made(grouped(3, 0, parts, "a.tsv"))).isEqualTo("s\tlabel\na film\t2\n");
  }

  /** Words that part groups are not among what is taken; there may be some in a row. */
  @Test
  void blocksBetweenWords() throws IOException {
    write("a.txt", "a A\n\n-D- O\n\n-D- O\n\nb B\nb B\n\n-Dd O\n\n-D- O\n\nc C\n");
    write("b.txt", "d D\n\n-D- X Y\n\ne E\n");
    assertThat(made(grouped(2, 0, between("-D-"), "a.txt", "b.txt")))
        .isEqualTo("b B\nb B\n\n-Dd O\n\ne E\n\n");
    assertThat(made(grouped(0, 2, between("-D-"), "a.txt", "b.txt")))
        .isEqualTo("a A\n\nc C\n\nd D\n\n");
    write("c.txt", "-D- O\na A\n-D- O\nb B\n\nc C\n");
    assertThat(made(grouped(2, 0, between("-D-"), "c.txt"))).isEqualTo("b B\n\nc C\n\n");
  }

  @Test
  void articles() throws IOException {
    write("a.json", "{\"version\":\"1\",\"data\":[{\"title\":\"A\",\"n\":1},{\"title\":\"B\"}]}");
    write("b.json.gz", "{\"data\":[{\"title\":\"C\"}]}");
    assertThat(titles(examples(0, 0, null, "a.json", "b.json.gz"))).containsExactly("A", "B", "C");
    assertThat(titles(examples(0, 0, "b.json.gz", "a.json", "b.json.gz")))
        .containsExactly("A", "B");
    assertThat(titles(examples(2, 0, null, "a.json"))).containsExactly("B");
    assertThat(made(examples(0, 2, null, "a.json")).trim())
        .isEqualTo("{\"data\":[{\"title\":\"A\",\"n\":1}]}");
  }

  private List<String> titles(ExampleFile examples) throws IOException {
    byte[] made = Files.readAllBytes(files().of(examples));
    return JsonFiles.parseObject(made, "made")
        .path("data")
        .valueStream()
        .map(article -> article.path("title"))
        .map(JsonNode::asText)
        .toList();
  }

  /** Once, and anew where that changes which it is made from. */
  @Test
  void isMadeFromWhatIsThere() throws IOException {
    write("a.tsv", "s\n1\n2\n");
    ExampleFile second = examples(2, 0, null, "a.tsv");
    Path before = files().of(second);
    assertThat(files().of(second)).isEqualTo(before);
    write("a.tsv", "s\n1\n3\n");
    assertThat(files().of(second)).isNotEqualTo(before).hasContent("s\n3\n");
  }

  @Test
  void whatIsRefused() {
    assertThatThrownBy(() -> examples(0, 0, null)).hasMessageContaining("of no file");
    assertThatThrownBy(() -> examples(2, 2, null, "a.tsv"))
        .hasMessage("a.tsv: 'each' and 'butEach' are given, expected one of them");
    assertThatThrownBy(() -> examples(1, 0, null, "a.tsv"))
        .hasMessage("a.tsv: one of 1 examples, expected one of 2 at least");
    assertThatThrownBy(() -> examples(0, 0, "b.tsv", "a.tsv"))
        .hasMessage("a.tsv: 'without' is given, expected it for files of articles alone, in .json");
    assertThatThrownBy(() -> grouped(0, 0, sharing("s"), "a.tsv"))
        .hasMessage("a.tsv: 'groups' is given, expected 'each' or 'butEach' beside it");
    assertThatThrownBy(() -> grouped(2, 0, partsOf("s"), "a.tsv", "a.txt"))
        .hasMessage(
            "a.tsv, a.txt: groups of rows are given, expected them for files of rows alone, in"
                + " .tsv");
    assertThatThrownBy(() -> grouped(2, 0, between("s"), "a.json.gz"))
        .hasMessage(
            "a.json.gz: 'between' is given, expected it for files of lines between empty ones"
                + " alone");
    assertThatThrownBy(() -> sharing())
        .hasMessage("groups of examples: expected one of 'sharing', 'partsOf' and 'between'");
    assertThatThrownBy(
            () -> new ExampleGroups(Optional.empty(), Optional.of("s"), Optional.of("s")))
        .hasMessage("groups of examples: expected one of 'sharing', 'partsOf' and 'between'");
  }
}
