package org.mirror4j.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.dataset.DataImport.Imported;
import org.mirror4j.file.FileException;
import org.mirror4j.file.PackedFile;

/** Small files of every form. */
class DataImportTest {
  @TempDir Path folder;
  private final List<String> notices = new ArrayList<>();

  private Path from() {
    return folder.resolve("from");
  }

  private Path data() {
    return folder.resolve("data");
  }

  private void write(String name, String text) throws IOException {
    Path file = from().resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private List<Imported> imported() {
    return DataImport.read(List.of(from()), notices::add).write(data(), false);
  }

  private String made(String path) throws IOException {
    return Files.readString(data().resolve(path));
  }

  /** SentEval's folder of 2013, in which a pair has no score and one has its sources. */
  private void sentEval() throws IOException {
    write("STS/STS13-en-test/STS.input.FNWN.txt", "a b\tc d\r\ne\tf\r\n");
    write("STS/STS13-en-test/STS.gs.FNWN.txt", "1.5\r\n\r\n");
    write("STS/STS13-en-test/STS.input.headlines.txt", " \"g \th\t x\ty\n");
    write("STS/STS13-en-test/STS.gs.headlines.txt", "2\n");
    write("STS/STS13-en-test/STS.input.OnWN.txt", "i\tj\n");
    write("STS/STS13-en-test/STS.gs.OnWN.txt", "5.0");
  }

  @Test
  void yearsOfTheOrganisers() throws IOException {
    sentEval();
    write("train/STS.input.MSRpar.txt", "a\tb\n");
    assertThat(imported())
        .containsExactly(
            new Imported(
                "sts/joined/2013.test.tsv",
                from().resolve("STS/STS13-en-test/STS.input.FNWN.txt"),
                3,
                true));
    assertThat(made("sts/joined/2013.test.tsv"))
        .isEqualTo("1.5\ta b\tc d\tFNWN\n2\t\"g\th\theadlines\n5.0\ti\tj\tOnWN\n");
    assertThat(notices)
        .containsExactly(from().resolve("train") + ": 1 of the 5 parts of 2012.test, passed over");
  }

  @Test
  void filesAreFoundAtAnyDepth() throws IOException {
    String deep = "a/b/c/d/e/f/g/h/i/j/";
    write(deep + "sts2017.eval.v1.1/STS.input.track3.es-es.txt", "uno\tdos\n");
    write(deep + "sts2017.gs/STS.gs.track3.es-es.txt", "4.8\n");
    imported();
    assertThat(made("sts/joined/2017.track3.es-es.tsv")).isEqualTo("4.8\tuno\tdos\ttrack3.es-es\n");
  }

  @Test
  void theScoresOf2017MayLieElsewhere() throws IOException {
    write("sts2017.eval.v1.1/STS.input.track3.es-es.txt", "uno\tdos\ntres\tcuatro\n");
    write("sts2017.gs/STS.gs.track3.es-es.txt", "4.8\n2.2\n");
    imported();
    assertThat(made("sts/joined/2017.track3.es-es.tsv"))
        .isEqualTo("4.8\tuno\tdos\ttrack3.es-es\n2.2\ttres\tcuatro\ttrack3.es-es\n");
    Files.delete(from().resolve("sts2017.gs/STS.gs.track3.es-es.txt"));
    assertThatThrownBy(this::imported)
        .hasMessageEndingWith(
            "STS.input.track3.es-es.txt: no file beside it, expected one"
                + " STS.gs.track3.es-es.txt with its scores");
  }

  /** Multi-SimLex beside STS, as the folder of Mirror-BERT's authors has them. */
  @Test
  void theEvaluationDataOfTheAuthors() throws IOException {
    write("en/2014.test.tsv", "1\ta\tb\n\tno\tscore\n0.8\t\"Then c\td\n");
    write("en/sts-b-test.txt", "main-news\theadlines\t2016\t0001\t3.2\te \tf\tsource\tsource\n");
    write(
        "en/SICK_annotated.txt",
        "pair_ID\tsentence_A\tsentence_B\tentailment_label\trelatedness_score\tSemEval_set\n"
            + "1\ta\tb\tNEUTRAL\t4.5\tTRAIN\n2\tc\td\tENTAILMENT\t3.6\tTEST\n"
            + "3\te\tf\tNEUTRAL\t1\tTRIAL\n");
    multiSimLex("ENG", "1.25");
    assertThat(imported())
        .extracting(Imported::path)
        .containsExactly(
            "sts/joined/2014.test.tsv",
            "sts/joined/stsb.test.tsv",
            "sts/joined/sickr.train.tsv",
            "sts/joined/sickr.trial.tsv",
            "sts/joined/sickr.test.tsv",
            "multisimlex/pairs/ENG.tsv",
            "multisimlex/pairs/FRA.tsv",
            "multisimlex/crosslingual.RECONSTRUCTED/ENG-FRA.tsv");
    assertThat(made("sts/joined/2014.test.tsv")).isEqualTo("1\ta\tb\n0.8\t\"Then c\td\n");
    assertThat(made("sts/joined/stsb.test.tsv")).isEqualTo("3.2\te\tf\tmain-news/headlines\n");
    assertThat(made("sts/joined/sickr.test.tsv")).isEqualTo("3.6\tc\td\tENTAILMENT\n");
    assertThat(made("multisimlex/pairs/FRA.tsv"))
        .isEqualTo(
            "id\tpos\tword1\tword2\tscore\n1\t\tbras\tmuscle, le\t2.25\n2\t\ttoit\tplafond\t5\n");
    // The scores of the second pair are more than 1 apart.
    assertThat(made("multisimlex/crosslingual.RECONSTRUCTED/ENG-FRA.tsv"))
        .isEqualTo(
            "id\tpos\tword_ENG\tword_FRA\tscore\n"
                + "1\t\tarm\tmuscle, le\t1.7500\n1\t\tmuscle\tbras\t1.7500\n");
  }

  private void multiSimLex(String name, String score) throws IOException {
    write(
        "multisimlex/translation.csv",
        "ID,ENG 1,ENG 2,FRA 1,FRA 2\n"
            + "1,arm,muscle,bras,\"muscle, le\"\n"
            + "2,roof,ceiling,toit,plafond\n");
    write("multisimlex/scores.csv", "ID,%s,FRA\n1,%s,2.25\n2,3.99,5\n".formatted(name, score));
  }

  @Test
  void filesThatStayAsTheyAre() throws IOException {
    write("bli_datasets/it-fr/yacle.train.freq.5k.it-fr.tsv", "di\tde\n");
    write("loose/yacle.test.freq.2k.en-fr.tsv", "a b\tc\n");
    write("stsb-ru-test.csv", "\"x, \"\"y\"\"\",z,2.5\r\n");
    imported();
    assertThat(made("xling/it-fr/yacle.train.freq.5k.it-fr.tsv")).isEqualTo("di\tde\n");
    assertThat(made("xling/en-fr/yacle.test.freq.2k.en-fr.tsv")).isEqualTo("a b\tc\n");
    assertThat(made("sts/original/stsb-multi-mt/stsb-ru-test.csv"))
        .isEqualTo("\"x, \"\"y\"\"\",z,2.5\r\n");
  }

  /** With a good file beside it, of which nothing may be written. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          2012.test.tsv | 1\\ta\\tb\\nx\\tc\\td | :2: field 1 is "x", expected a number
          2012.test.tsv | 1\\ta\\tb\\n1\\tc | :2: 2 fields, expected at least 3
          2012.test.tsv | 1\\ta\\t | :1: field 3 is empty, expected a text
          sts-dev.csv | g\\tf\\ty\\t1\\t5\\ta | :1: 6 fields, expected at least 7
          sts-dev.csv | g\\tf\\ty\\t1\\tNaN\\ta\\tb | :1: field 5 is "NaN", expected a number
          SICK_train.txt | id\\tsentence_A\\tsentence_C\\n1\\ta\\tb | :1: no column sentence_B, \
          there are 'id', 'sentence_A', 'sentence_C'; did you mean sentence_A?
          SICK_trial.txt | pair_ID\\tsentence_A\\tsentence_B\\trelatedness_score\\t\
          entailment_judgment | : no pairs of part trial
          yacle.test.freq.2k.en-fr.tsv | a\\tb\\nc | :2: 1 fields, expected 2 separated by a tab
          yacle.test.freq.2k.en-fr.tsv | a\\tb\\tc | :1: 3 fields, expected 2 separated by a tab
          stsb-es-test.csv | a,b,1\\na,b | :2: 2 fields, expected 3 separated by commas
          stsb-es-test.csv | "a,b,1 | :1: a quote is opened here and never closed
          """)
  void whatDoesNotFitIsRefusedByItsLine(String name, String text, String message)
      throws IOException {
    sentEval();
    write(name, text.replace("\\t", "\t").replace("\\n", "\n"));
    assertThatThrownBy(this::imported).hasMessage(from().resolve(name) + message);
    assertThat(data()).doesNotExist();
  }

  @Test
  void filesThatDoNotFitEachOtherAreRefused() throws IOException {
    sentEval();
    write("STS/STS13-en-test/STS.gs.OnWN.txt", "5.0\n1\n");
    assertThatThrownBy(this::imported)
        .hasMessageContaining("STS.gs.OnWN.txt: 2 lines, expected 1 as in ");
    write("STS/STS13-en-test/STS.gs.OnWN.txt", "five\n");
    assertThatThrownBy(this::imported)
        .hasMessageEndingWith("STS.gs.OnWN.txt:1: \"five\", expected a score");
    write("STS/STS13-en-test/STS.gs.OnWN.txt", "5\n");
    multiSimLex("EGN", "1");
    assertThatThrownBy(this::imported)
        .hasMessageEndingWith("scores.csv:1: no column ENG, there are 'ID', 'EGN', 'FRA'");
    write("multisimlex/scores.csv", "ENG,FRA\n1,2\n");
    assertThatThrownBy(this::imported)
        .hasMessageContaining("scores.csv: 2 rows, expected 3 as in ");
    Files.delete(from().resolve("multisimlex/scores.csv"));
    imported();
    assertThat(notices).last().asString().endsWith("no scores.csv beside it, passed over");
  }

  @Test
  void whatIsThereIsNotReplacedUnasked() throws IOException {
    sentEval();
    assertThat(imported()).extracting(Imported::written).containsExactly(true);
    assertThat(imported()).extracting(Imported::written).containsExactly(false);
    Path made = data().resolve("sts/joined/2013.test.tsv");
    Files.writeString(made, "1\tmy\town\n");
    write("sts-test.csv", "g\tf\ty\t1\t5\ta\tb\n");
    assertThatThrownBy(this::imported)
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(made + ": is there and is not what ")
        .hasMessageEndingWith("; --overwrite replaces it");
    assertThat(data().resolve("sts/joined/stsb.test.tsv")).doesNotExist();
    DataImport.read(List.of(from()), notices::add).write(data(), true);
    assertThat(Files.readString(made)).startsWith("1.5\ta b");
    // No temporary stays.
    try (Stream<Path> files = Files.list(made.getParent())) {
      assertThat(files).hasSize(2);
    }
  }

  /** Else two files of one set would lie there, and tasks would read the one or the other. */
  @Test
  void aGzipIsTheFileThatIsThere() throws IOException {
    write("2013.test.tsv", "1.5\ta\tb\n");
    Path made = data().resolve("sts/joined/2013.test.tsv");
    Path packed = PackedFile.otherForm(made);
    Files.createDirectories(made.getParent());
    gzip(packed, "1.5\ta\tb\n");
    assertThat(imported()).extracting(Imported::written).containsExactly(false);
    assertThat(made).doesNotExist();
    gzip(packed, "2\ta\tb\n");
    assertThatThrownBy(this::imported)
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(packed + ": is there and is not what ");
    Files.write(packed, Arrays.copyOf(Files.readAllBytes(packed), 20));
    assertThatThrownBy(this::imported).hasMessageStartingWith(packed + ": is there and is not");
    DataImport.read(List.of(from()), notices::add).write(data(), true);
    assertThat(made).hasContent("1.5\ta\tb\n");
    assertThat(packed).doesNotExist();
  }

  private static void gzip(Path file, String text) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void twoSourcesOfOneSetMustSayTheSame() throws IOException {
    sentEval();
    write("other/2013.test.tsv", "1.5\ta b\tc d\tFNWN\n2\t\"g\th\theadlines\n5.0\ti\tj\tOnWN\n");
    assertThat(imported()).hasSize(1);
    write("other/2013.test.tsv", "1.5\ta b\tc d\n");
    assertThatThrownBy(this::imported)
        .isInstanceOf(FileException.class)
        .hasMessageContaining("both hold what becomes sts/joined/2013.test.tsv, and differ");
  }

  @Test
  void foldersWithoutDataSetsAreRefused() throws IOException {
    assertThatThrownBy(this::imported).hasMessage(from() + ": no such folder");
    write("notes.txt", "none");
    assertThatThrownBy(this::imported)
        .hasMessage(from() + ": no file of a form that is known; 'mirror4j data' says which are");
  }
}
