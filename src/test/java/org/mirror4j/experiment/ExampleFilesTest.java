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
        Optional.ofNullable(without));
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
  }
}
