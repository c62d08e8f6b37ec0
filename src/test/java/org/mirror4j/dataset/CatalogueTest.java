package org.mirror4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.dataset.Catalogue.DataSet;
import org.mirror4j.eval.Tasks;
import org.mirror4j.support.SharedData;

/** The catalogue, and the page that is made of it. */
class CatalogueTest {
  private static final Path PAGE = Path.of("docs/data.md");

  private static final String HEAD =
      """
      # Data sets

      What `eval` measures on and `reproduce` trains and measures on, one folder of them all, given by `--data DIR`. Nothing of it
      comes with mirror4j and nothing is downloaded: the sets have their own licences. `./mirror4j data --data DIR` says which are
      there.

      Those marked "data import" are made of the files as they are published, found anywhere below the folders given:

      ```
      ./mirror4j data import --from SentEval/data/downstream multisimlex bli_datasets --to DIR
      ```

      A line that does not fit is refused by file and line, and then nothing is written. The other files are put where they
      belong by hand; each may be gzipped, with `.gz` behind its name.

      The layout of `sts/joined/`: score, two sentences and the part, separated by tabs, no header, no quotes. Of
      `multisimlex/`: number, part of speech (may be empty), two words and score, separated by tabs, with a header.

      """;

  @TempDir Path folder;
  private final List<DataSet> sets = Catalogue.read().sets();

  private static String section(DataSet set) {
    String tasks =
        set.tasks().isEmpty()
            ? ""
            : "- tasks: %s\n"
                .formatted(set.tasks().stream().collect(Collectors.joining("`, `", "`", "`")));
    return """
    ## %s

    %s.

    - published: %s
    - licence: %s
    - what to do: %s
    - files: %s
    %s\
    """
        .formatted(
            set.name(),
            set.title(),
            set.published(),
            set.licence(),
            set.take(),
            set.files().stream().collect(Collectors.joining("`, `", "`", "`")),
            tasks);
  }

  /** {@code -Dmirror4j.docs=write} writes it. */
  @Test
  void thePageSaysWhatTheCatalogueDoes() throws IOException {
    String page =
        HEAD + sets.stream().map(CatalogueTest::section).collect(Collectors.joining("\n"));
    if ("write".equals(System.getProperty("mirror4j.docs"))) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE).hasContent(page);
  }

  @Test
  void namesAndFilesAreThoseOfOneSet() {
    assertThat(sets).extracting(DataSet::name).doesNotHaveDuplicates();
    assertThat(sets.stream().flatMap(set -> set.files().stream())).doesNotHaveDuplicates();
    assertThat(sets)
        .allSatisfy(
            set -> {
              assertThat(set.files()).isNotEmpty();
              assertThat(List.of(set.title(), set.published(), set.licence(), set.take()))
                  .doesNotContain("");
            });
  }

  /** Where a set's files are there, gzipped or not, its tasks are, and find them. */
  @ParameterizedTest
  @ValueSource(strings = {"", ".gz"})
  void tasksAreKnown(String packed) throws IOException {
    for (DataSet set : sets) {
      for (String file : set.files()) {
        Path made = folder.resolve(file + packed);
        Files.createDirectories(made.getParent());
        Files.writeString(made, "");
      }
    }
    Tasks tasks = new Tasks(folder);
    for (DataSet set : sets) {
      for (String task : set.tasks()) {
        assertThat(tasks.names()).as(set.name()).contains(task);
        assertThat(tasks.resolve(task).tasks()).as(task).isNotEmpty();
      }
    }
  }

  @Test
  void whatIsMissingIsFound() throws IOException {
    DataSet set = new DataSet("x", "", List.of(), List.of("a/b.txt", "c.txt", "d"), "", "", "");
    assertThat(set.missing(folder)).isEqualTo(set.files());
    Files.createDirectories(folder.resolve("a"));
    Files.writeString(folder.resolve("a/b.txt.gz"), "");
    Files.writeString(folder.resolve("c.txt"), "");
    Files.createDirectories(folder.resolve("d"));
    assertThat(set.missing(folder)).containsExactly("d");
  }

  /** All but the published pairs of two languages and MNLI, which could not be had. */
  @Test
  void whatIsThereIsFound() {
    Path data = SharedData.require("data");
    assertThat(sets.stream().filter(set -> !set.missing(data).isEmpty()))
        .extracting(DataSet::name)
        .containsExactly("crosslingual", "mnli");
  }
}
