package org.mirror4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.dataset.DataImport.Imported;
import org.mirror4j.support.SharedData;

/** The real files, in the forms in which they are published. */
class SharedImportTest {
  @TempDir Path folder;

  private List<Imported> imported(Path from) {
    return DataImport.read(List.of(from), notice -> {}).write(folder.resolve("data"), false);
  }

  /** The layout there was made by another program, which left blanks around some texts. */
  @Test
  void sentencesBecomeTheLayout() throws IOException {
    Path joined = SharedData.require("data/sts/joined");
    List<Imported> files = imported(SharedData.require("data/sts/original"));
    assertThat(files)
        .extracting(Imported::path)
        .contains("sts/joined/2012.test.tsv", "sts/joined/sickr.trial.tsv")
        .filteredOn(path -> path.startsWith("sts/joined/"))
        // All but 2016, which is not there in the organisers' form.
        .hasSize(4 + 6 + 3 + 3);
    for (Imported file : files) {
      if (file.path().startsWith("sts/joined/")) {
        assertThat(trimmed(folder.resolve("data").resolve(file.path())))
            .as(file.path())
            .isEqualTo(trimmed(joined.resolveSibling(file.path().substring(4))));
      }
    }
  }

  private static List<String> trimmed(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> Stream.of(line.split("\t")).map(String::strip).toList().toString())
        .toList();
  }

  @Test
  void dictionariesStayAsTheyAre() {
    Path xling = SharedData.require("data/xling");
    assertThat(imported(xling)).hasSizeGreaterThanOrEqualTo(6 * 5);
    assertThat(folder.resolve("data/xling/it-fr/yacle.test.freq.2k.it-fr.tsv"))
        .hasSameBinaryContentAs(xling.resolve("it-fr/yacle.test.freq.2k.it-fr.tsv"));
  }

  /** The two files of the authors put together of the layout, and taken apart again. */
  @Test
  void wordsAndTheirCrossings() throws IOException {
    Path pairs = SharedData.require("data/multisimlex/pairs");
    Map<String, List<String[]>> languages = new LinkedHashMap<>();
    for (String language : "ENG FRA CMN HEB EST".split(" ")) {
      languages.put(language, rows(pairs.resolve(language + ".tsv")));
    }
    List<String> words = new ArrayList<>();
    List<String> scores = new ArrayList<>();
    IntStream.range(0, 1889)
        .forEach(
            i -> {
              List<String> both = new ArrayList<>();
              List<String> numbers = new ArrayList<>();
              languages.forEach(
                  (name, rows) -> {
                    String[] row = rows.get(i);
                    both.add(i == 0 ? name + " 1" : "\"" + row[2].replace("\"", "\"\"") + "\"");
                    both.add(i == 0 ? name + " 2" : "\"" + row[3].replace("\"", "\"\"") + "\"");
                    numbers.add(i == 0 ? name : row[4]);
                  });
              words.add(String.join(",", both));
              scores.add(String.join(",", numbers));
            });
    Path from = Files.createDirectory(folder.resolve("from"));
    Files.write(from.resolve("translation.csv"), words);
    Files.write(from.resolve("scores.csv"), scores);
    assertThat(imported(from)).hasSize(5 + 6);
    Path made = folder.resolve("data/multisimlex");
    languages.keySet().forEach(name -> assertSame(made, pairs, name));
    Path crossed = SharedData.require("data/multisimlex/crosslingual.RECONSTRUCTED");
    for (String name : List.of("ENG-FRA", "ENG-CMN", "ENG-HEB", "FRA-CMN", "FRA-HEB", "CMN-HEB")) {
      assertSame(made, crossed, name);
    }
  }

  /** Equal words in the same order; scores are equal but for how a mean is rounded to 1e-4. */
  private static void assertSame(Path made, Path expected, String name) {
    List<String[]> ours = rows(made.resolve(expected.getFileName()).resolve(name + ".tsv"));
    List<String[]> theirs = rows(expected.resolve(name + ".tsv"));
    assertThat(ours).as(name).hasSameSizeAs(theirs);
    for (int i = 1; i < ours.size(); i++) {
      assertThat(Arrays.asList(ours.get(i)).subList(2, 4))
          .as(name)
          .isEqualTo(Arrays.asList(theirs.get(i)).subList(2, 4));
      assertThat(Double.parseDouble(ours.get(i)[4]) - Double.parseDouble(theirs.get(i)[4]))
          .isBetween(-1.01e-4, 1.01e-4);
    }
  }

  private static List<String[]> rows(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.map(line -> line.split("\t", -1)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
