package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.FileException;

class TasksTest {
  private static final String DIRECTIONS = "; 'mirror4j data' says where to get it";
  private static final String WORDS = "aa\tab\t3\nab\tba\t2\nba\tbb\t1\n";

  @TempDir Path data;
  @AutoClose private final HostDevice device = new HostDevice(1);

  /** The longer the text, the less it points along the first axis. */
  private final MeasuredEncoder lengths =
      (texts, vectors) ->
          texts.stream()
              .map(t -> new float[] {1, t.length(), t.chars().sum() % 7})
              .forEach(vectors);

  @BeforeEach
  void layout() throws IOException {
    write("wordsim/en/EN-MY-3.txt", WORDS);
    write("wordsim/en/README.txt", "about");
    write("wordsim/en/LICENSE.some.txt", "about");
    write("wordsim/simlex-999/SimLex-999.txt", "word1\tword2\tPOS\tSimLex999\naa\tab\tN\t3\n");
    write("multisimlex/pairs/ENG.tsv", "id\tpos\tword1\tword2\tscore\n1\tnoun\ta\tb\t1\n");
    write("multisimlex/pairs/FRA.tsv", "id\tpos\tword1\tword2\tscore\n1\tnoun\tc\td\t1\n");
    for (String name : new String[] {"2012", "2013", "2014", "2015", "2016", "stsb", "sickr"}) {
      write(
          "sts/joined/" + name + ".test.tsv",
          "1\ta b\tc d\tx\n" + "2\ta\tb c d e\tx\n" + "\tunscored\tpair\tx\n" + "3\te\tf\tx\n");
    }
  }

  private Path write(String name, String text) throws IOException {
    Path file = data.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private List<String> resolved(String name) {
    return new Tasks(data).resolve(name).tasks().stream().map(EvaluationTask::name).toList();
  }

  @Test
  void foldersMayBeLinks() throws IOException {
    Path linked = Files.createDirectory(data.resolve("linked"));
    Files.createSymbolicLink(linked.resolve("wordsim"), data.resolve("wordsim"));
    assertThat(new Tasks(linked).resolve("wordsim").tasks())
        .extracting(EvaluationTask::name)
        .containsExactly("EN-MY-3", "SimLex-999");
  }

  /** A gzip stands for its file, and for nothing where that lies beside it. */
  @Test
  void filesMayBeGzipped() throws IOException {
    gzip("wordsim/en/EN-MY-3.txt", "");
    gzip("wordsim/en/EN-OTHER-3.txt", WORDS);
    assertThat(resolved("wordsim")).containsExactly("EN-MY-3", "EN-OTHER-3", "SimLex-999");
    String pair = "id\tpos\tword1\tword2\tscore\n1\tnoun\ta\tb\t1\n2\tnoun\ta\tc\t2\n";
    gzip("multisimlex/pairs/SPA.tsv", pair);
    assertThat(resolved("multisimlex"))
        .containsExactly("multisimlex-ENG", "multisimlex-FRA", "multisimlex-SPA");
    gzip("sts/joined/stsb.dev.tsv", "1\ta b\tc d\n2\ta\tb c d e\n");
    for (String task : List.of("EN-OTHER-3", "multisimlex-spa", "stsb-dev")) {
      List<Measurement> results = new ArrayList<>();
      measure(task, results);
      assertThat(results).as(task).isNotEmpty();
    }
  }

  private void gzip(String name, String text) throws IOException {
    Path file = write(name + ".gz", "");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void names() {
    assertThat(resolved("wordsim")).containsExactly("EN-MY-3", "SimLex-999");
    assertThat(resolved("EN-MY-3")).containsExactly("EN-MY-3");
    assertThat(resolved("simlex_999")).containsExactly("SimLex-999");
    assertThat(resolved("multisimlex")).containsExactly("multisimlex-ENG", "multisimlex-FRA");
    assertThat(resolved("multisimlex_ENG")).containsExactly("multisimlex-ENG");
    assertThat(resolved("multisimlex-fra")).containsExactly("multisimlex-FRA");
    assertThat(resolved("sts"))
        .containsExactly("sts12", "sts13", "sts14", "sts15", "sts16", "stsb", "sickr");
    assertThat(resolved("STSb")).containsExactly("stsb");
    assertThat(resolved("pairs:" + data.resolve("wordsim/en/EN-MY-3.txt")))
        .containsExactly("EN-MY-3.txt");
    assertThat(new Tasks(data).names())
        .contains("sts", "stsb-dev", "sts17-en-en", "multisimlex-FRA", "EN-MY-3", "isotropy:FILE")
        .doesNotContain("README");
  }

  @Test
  void everyNameButThePlaceholdersResolvesOrNamesItsFile() {
    Tasks tasks = new Tasks(data);
    for (String name : tasks.names()) {
      if (name.contains(":FILE")) {
        continue;
      }
      try {
        assertThat(tasks.resolve(name).tasks()).isNotEmpty();
      } catch (FileException e) {
        assertThat(e.getMessage())
            .startsWith("task " + name + ": no ")
            .containsPattern("(no such file:|no data files below) " + data);
      }
    }
  }

  @Test
  void unknownNamesSayWhatMayHaveBeenMeant() throws IOException {
    for (String name : new String[] {"nothing", "npy:file", "xyz:", ""}) {
      assertThatThrownBy(() -> new Tasks(data).resolve(name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("unknown task " + name + "; --list-tasks lists those that there are");
    }
    Path empty = Files.createDirectory(data.resolve("empty"));
    assertThatThrownBy(() -> new Tasks(empty).resolve("EN-MY-3"))
        .hasMessageContaining("there is no folder " + empty.resolve("wordsim"));
    assertThatThrownBy(() -> new Tasks(null).resolve("sts"))
        .hasMessage("task sts needs the folder of the data sets, none was given (--data DIR)");
    assertThatThrownBy(() -> new Tasks(null).resolve("stbs"))
        .hasMessage(
            "unknown task stbs without --data DIR, the folder of the data sets; did you mean"
                + " stsb?");
    assertThatThrownBy(() -> new Tasks(data).resolve("stbs"))
        .hasMessage("unknown task stbs; did you mean stsb?");
    assertThatThrownBy(() -> new Tasks(data).resolve("EN-MY-4"))
        .hasMessage("unknown task EN-MY-4; did you mean EN-MY-3?");
    assertThatThrownBy(() -> new Tasks(data).resolve("multi_simlex"))
        .hasMessageContaining("did you mean multisimlex?");
  }

  @Test
  void namesAreKnownWithoutAFolder() {
    assertThat(new Tasks(null).names()).contains("sts", "stsb", "qnli", "bli", "pairs:FILE");
    assertThat(new Tasks(data).names()).containsAll(new Tasks(null).names());
  }

  @Test
  void whatIsNoFolderIsSaidAtOnce() throws IOException {
    Path file = Files.createFile(data.resolve("file"));
    assertThatThrownBy(() -> new Tasks(file))
        .hasMessage(file + ": is a file, expected the folder of the data sets");
    assertThatThrownBy(() -> new Tasks(data.resolve("none")))
        .hasMessage(
            data.resolve("none") + ": no such folder, expected the folder of the data sets");
    assertThatThrownBy(() -> new Tasks(null).resolve("pairs:" + data))
        .hasMessage("task pairs: " + data + " is a folder, expected a file");
  }

  /** Authors' files that are there under a collection's name too. */
  @Test
  void doublesAreOneTask() throws IOException {
    write("wordsim/en/EN-SIMLEX-999.txt", WORDS);
    write("wordsim/en/EN-RW-STANFORD.txt", WORDS);
    write("wordsim/rw/rw.txt", WORDS);
    assertThat(resolved("wordsim"))
        .containsExactly("EN-MY-3", "EN-RW-STANFORD", "EN-SIMLEX-999")
        .doesNotContain("rw");
    assertThat(new Tasks(data).names()).doesNotContain("rw", "SimLex-999");
    assertThat(resolved("rw")).containsExactly("rw");
    Files.delete(data.resolve("wordsim/en/EN-RW-STANFORD.txt"));
    assertThat(resolved("wordsim")).contains("rw");
  }

  @Test
  void pairsOfLanguages() throws IOException {
    String pairs = "id\tpos\tword_ENG\tword_FRA\tscore\n1\tn\taa\tc\t1\n2\tn\tb\tdd\t3\n";
    write("multisimlex/crosslingual.RECONSTRUCTED/ENG-FRA.tsv", pairs);
    List<Measurement> results = new ArrayList<>();
    measure("crosslingual_eng_fra", results);
    assertThat(results).singleElement().extracting(Measurement::items).isEqualTo(2);
    assertThat(results.getFirst().notes())
        .containsExactly("pairs made anew of the monolingual sets, not the published ones");
    // The published ones go before.
    write("multisimlex/crosslingual/ENG-FRA.tsv", pairs);
    write("multisimlex/crosslingual/ENG-HEB.tsv", pairs.replace("dd", "ddd"));
    results.clear();
    measure("crosslingual", results);
    assertThat(results)
        .extracting(Measurement::task)
        .containsExactly("crosslingual-ENG-FRA", "crosslingual-ENG-HEB", "crosslingual");
    assertThat(results).allSatisfy(result -> assertThat(result.notes()).isEmpty());
  }

  @Test
  void otherLanguagesAndTheirMean() throws IOException {
    String pairs = "%1$s\ta %1$s\tb\tx\n%2$s\tc\tdd %1$s\tx\n";
    write("sts/joined/2017.track1.ar-ar.tsv", pairs.formatted(1, 2));
    write("sts/joined/2017.track3.es-es.tsv", pairs.formatted(3, 1));
    write("sts/original/stsb-multi-mt/stsb-ru-test.csv", "\"a, b\",cc,1.5\nd,ee ee,2\n");
    List<Measurement> results = new ArrayList<>();
    measure("multilingual-sts", results);
    assertThat(results)
        .extracting(Measurement::task)
        .containsExactly("sts17-es-es", "sts17-ar-ar", "stsb-ru", "multilingual-sts");
    assertThat(results.get(2).notes().getFirst())
        .isEqualTo(
            "STS-B translated by machine, in place of the paper's Russian set, which is not"
                + " published");
    assertThat(results.getLast().value())
        .isEqualTo(results.subList(0, 3).stream().mapToDouble(Measurement::value).sum() / 3);
  }

  @Test
  void absentFilesAreNamed() throws IOException {
    assertAbsent(
        "stsb-dev",
        "task stsb-dev: no such file: " + data.resolve("sts/joined/stsb.dev.tsv") + DIRECTIONS);
    assertAbsent(
        "multisimlex-XYZ",
        "task multisimlex-XYZ: no such file: "
            + data.resolve("multisimlex/pairs/XYZ.tsv")
            + DIRECTIONS);
    assertAbsent("pairs:none.tsv", "task pairs: no such file: none.tsv");
    Files.delete(data.resolve("sts/joined/2014.test.tsv"));
    assertAbsent(
        "sts", "task sts: no such file: " + data.resolve("sts/joined/2014.test.tsv") + DIRECTIONS);
    Path empty = Files.createDirectory(data.resolve("empty"));
    assertThatThrownBy(() -> new Tasks(empty).resolve("wordsim"))
        .isInstanceOf(FileException.class)
        .hasMessage("task wordsim: no data files below " + empty.resolve("wordsim") + DIRECTIONS);
  }

  private void assertAbsent(String name, String message) {
    assertThatThrownBy(() -> new Tasks(data).resolve(name))
        .isInstanceOf(FileException.class)
        .hasMessage(message);
  }

  private void measure(String task, List<Measurement> results) {
    EvaluationPlan.of(List.of(new Tasks(data).resolve(task)), notice -> {})
        .evaluate(device, lengths, begun -> {}, results::add);
  }

  @Test
  void sentenceTasksAndTheirMean() throws IOException {
    List<Measurement> results = new ArrayList<>();
    // Each its own data; of equal ones only the first is measured.
    for (String name : new String[] {"2012", "2013", "2014", "2015", "2016", "stsb", "sickr"}) {
      write(
          "sts/joined/" + name + ".test.tsv",
          "1\ta b\t%s\tx\n2\ta\tb c d e\tx\n\tunscored\tpair\tx\n3\te\tf\tx\n".formatted(name));
    }
    measure("sts", results);
    assertThat(results).hasSize(8);
    Measurement last = results.getLast();
    double mean = results.subList(0, 7).stream().mapToDouble(Measurement::value).sum() / 7;
    // Seven terms summed twice, each below 100: a few ulps of 700.
    assertThat(last.value()).isCloseTo(mean, within(1e-11));
    assertThat(last)
        .isEqualTo(new Measurement("sts", Measurement.Measure.MEAN_SPEARMAN, last.value(), 21, 7));
    assertThat(results.getFirst().items()).isEqualTo(3);
    assertThat(results.getFirst().skippedLines()).isEqualTo(1);
  }

  @Test
  void partsOfSickRankedTogether() throws IOException {
    String all = "";
    for (String part : new String[] {"train", "trial", "test"}) {
      String pairs =
          "1\ta b\t%s\n2\ta\tb c d e\n\tunscored\tpair\n%d\te\tf\n".formatted(part, part.length());
      write("sts/joined/sickr." + part + ".tsv", pairs);
      all += pairs;
    }
    write("sts/joined/stsb.test.tsv", all);
    List<Measurement> parts = new ArrayList<>();
    measure("sickr-all", parts);
    List<Measurement> whole = new ArrayList<>();
    measure("stsb", whole);
    assertThat(parts).hasSize(1);
    assertThat(parts.getFirst().items()).isEqualTo(9);
    assertThat(parts.getFirst().skippedLines()).isEqualTo(3);
    assertThat(parts.getFirst().value()).isEqualTo(whole.getFirst().value());
  }

  @Test
  void yearsRankedBySubset() throws IOException {
    for (int year = 12; year <= 16; year++) {
      write(
          "sts/joined/20%d.test.tsv".formatted(year),
          "1\ta b\t%d\tx\n2\ta\tb c d e\tx\n\tunscored\tpair\tx\n3\te\tf\ty\n4\te\tf g h\ty\n"
              .formatted(year));
    }
    write("sts/joined/stsb.test.tsv", "1\ta b\tk\n2\ta\tb c d e\n3\te\tf\n");
    write("sts/joined/sickr.test.tsv", "1\ta b\tm\n2\ta\tb c d e\n3\te\tf\n");
    List<Measurement> results = new ArrayList<>();
    measure("sts-weighted", results);
    assertThat(results)
        .extracting(Measurement::task)
        .containsExactly(
            "sts12-weighted",
            "sts13-weighted",
            "sts14-weighted",
            "sts15-weighted",
            "sts16-weighted",
            "stsb",
            "sickr",
            "sts-weighted");
    assertThat(results.getFirst().remark())
        .isEqualTo("mean over the sub-sets, weighted by their pairs");
    assertThat(results.getFirst().items()).isEqualTo(4);
    // Equal data, another protocol: both are measured.
    List<Measurement> plain = new ArrayList<>();
    measure("sts12", plain);
    assertThat(plain.getFirst().task()).isEqualTo("sts12");
    assertThat(plain.getFirst().value()).isNotEqualTo(results.getFirst().value());
    write("sts/joined/2013.test.tsv", "1\ta b\tc\tx\n2\ta\tb c\n");
    assertThatThrownBy(() -> measure("sts13-weighted", new ArrayList<>()))
        .hasMessageEndingWith(
            "2013.test.tsv:2: field 4 is missing, expected the name of a sub-set");
  }

  @Test
  void isotropyCountsEveryLine() throws IOException {
    Path file = write("words.txt", "a\n b \n\na\r\n");
    List<List<String>> asked = new ArrayList<>();
    MeasuredEncoder encoder =
        (texts, vectors) -> {
          asked.add(texts);
          texts.stream()
              .map(t -> t.equals("a") ? new float[] {1, 0} : new float[] {0, 2})
              .forEach(vectors);
        };
    List<Measurement> results = new ArrayList<>();
    EvaluationPlan.of(List.of(new Tasks(null).resolve("isotropy:" + file)), notice -> {})
        .evaluate(device, encoder, task -> {}, results::add);
    assertThat(asked).containsExactly(List.of("a", "b"));
    Isotropy expected = IsotropyTest.isotropy(new float[][] {{1, 0}, {0, 2}, {1, 0}});
    assertThat(results)
        .containsExactly(
            new Measurement("words.txt", Measurement.Measure.ISOTROPY, expected.score(), 3, 0),
            new Measurement(
                "words.txt",
                Measurement.Measure.MEAN_VECTOR_NORM,
                expected.meanVectorNorm(),
                3,
                0));
  }

  @Test
  void tooSmallFiles() throws IOException {
    assertThatThrownBy(() -> measure("SimLex-999", new ArrayList<>()))
        .hasMessageEndingWith("SimLex-999.txt: 1 scored pair, expected at least 2");
    String none = "isotropy:" + write("blank.txt", "\n \n");
    assertThatThrownBy(() -> measure(none, new ArrayList<>()))
        .hasMessageEndingWith("blank.txt: no texts");
  }
}
