package org.mirror4j.task.coreference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.support.SharedData;
import org.mirror4j.text.TextException;

class ConllFilesTest {
  @TempDir private Path folder;

  private static final String ONTONOTES =
      """
      #begin document (bc/cctv/00/cctv_0000); part 003
      bc/cctv/00/cctv_0000   3   0   Ann    NNP (TOP(S*  -   -   -   Ann#1  (PERSON)  (ARG0*)  (7)
      bc/cctv/00/cctv_0000   3   1   saw    VBD *        see 01  1   Ann#1  *         (V*)     -
      bc/cctv/00/cctv_0000   3   2   her    PRP *        -   -   -   Ann#1  *         (ARG1*   (12|(7)
      bc/cctv/00/cctv_0000   3   3   dog    NN  *))      -   -   -   Ann#1  *         *)       12)

      bc/cctv/00/cctv_0000   3   0   It     PRP (TOP*)   -   -   -   -      *         (12)

      #end document
      """;

  private List<CoreferenceDocument> read(String text) throws IOException {
    return ConllReader.read(Files.writeString(folder.resolve("a.conll"), text), s -> {});
  }

  @Test
  void columnsOfOntoNotes() throws IOException {
    CoreferenceDocument document = read(ONTONOTES).getFirst();
    assertThat(document.title()).isEqualTo("(bc/cctv/00/cctv_0000); part 003");
    assertThat(document.genre()).isEqualTo("bc");
    assertThat(document.sentences()).hasSize(2);
    assertThat(document.words()).containsExactly("Ann", "saw", "her", "dog", "It");
    assertThat(document.sentences().getFirst().speakers()).containsOnly("Ann#1");
    assertThat(document.sentences().getLast().speakers()).containsExactly("-");
    assertThat(document.chains())
        .containsExactly(
            new Chain(7, List.of(new Mention(0, 0), new Mention(2, 2))),
            new Chain(12, List.of(new Mention(2, 3), new Mention(4, 4))));
  }

  @ParameterizedTest
  @CsvSource({
    "nw/xinhua/00/chtb_0009, nw",
    "GUM_academic_exposure, academic",
    "GUM_academic, ''",
    "940_the_last_of_the_mohicans_brat, ''"
  })
  void genreFromTheName(String name, String genre) {
    assertThat(new CoreferenceDocument(name, "0", List.of(), List.of()).genre()).isEqualTo(genre);
  }

  /** Nested, one in another's place, several of a chain open at once, crossing ones. */
  @Test
  void bracketsOfManyMentions() throws IOException {
    List<Chain> chains =
        read(document("(1|(2|(1", "(1)", "1)|(3", "2)1)", "3)", "_")).getFirst().chains();
    assertThat(chains)
        .containsExactly(
            new Chain(1, List.of(new Mention(1, 1), new Mention(0, 2), new Mention(0, 3))),
            new Chain(2, List.of(new Mention(0, 3))),
            new Chain(3, List.of(new Mention(2, 4))));
  }

  private static String document(String... columns) {
    return "#begin document (d);\nd\t" + String.join("\nd\t", columns) + "\n\n#end document\n";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "(1 # 2)!line 3: a mention of chain 2 ends, expected one that has begun in this document",
        "(3 # (1 # 3)!line 3: a mention of chain 1 begins, expected its end in this document",
        "(x)!line 2: the coreference column is '(x)', expected - or chain numbers in brackets, as"
            + " in (3|(12) or 3)",
        "()!line 2: the coreference column is '()', expected -",
        "(1)(!line 2: the coreference column is '(1)(', expected -",
        "(1)|!line 2: the coreference column is '(1)|', expected -",
        "(-1)!line 2: the coreference column is '(-1)', expected -",
        "7!line 2: the coreference column is '7', expected -",
        "(99999999999)!line 2: the chain number is '99999999999', expected at most 2147483647",
        "- # - -!line 3: the number of columns is 3, expected 2, as at the sentence's first word",
        "- - - # -!line 3: the number of columns is 2, expected 4, as at the sentence's first word",
      })
  void refusesOneLine(String columns, String message) {
    assertThatThrownBy(() -> read(document(columns.split(" # "))))
        .isInstanceOf(TextException.class)
        .hasMessageStartingWith(folder.resolve("a.conll") + ": " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "d (1)!: line 1: found 'd (1)', expected #begin document (NAME); part NNN",
        "#begin document d!: line 1: found '#begin document d', expected #begin document (NAME)",
        "#begin document (d);/d -!: line 1: the document begins, expected #end document before the"
            + " end of the file",
        "#begin document (d);/d -/#begin document (e);!: line 3: found '#begin document (e);',"
            + " expected #end document first",
        "#begin document (d);/word!: line 2: the number of columns is 1, expected at least 2",
        "#begin document (d);/#end document/#begin document (d);/#end document!: line 3: document"
            + " '(d);' begins a second time, expected it once",
        "/!: no document, expected #begin document (NAME); part NNN",
      })
  void refusesFiles(String lines, String message) {
    assertThatThrownBy(() -> read(lines.replace('/', '\n') + "\n"))
        .isInstanceOf(TextException.class)
        .hasMessageStartingWith(folder.resolve("a.conll") + message);
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    List<CoreferenceDocument> documents = new ArrayList<>(read(ONTONOTES));
    Random random = new Random(3);
    for (int i = 0; i < 30; i++) {
      documents.add(random(random, "d" + i));
    }
    Path file = Files.writeString(folder.resolve("b.conll"), ConllWriter.text(documents));
    List<CoreferenceDocument> again = ConllReader.read(file, s -> {});
    assertThat(again).hasSameSizeAs(documents);
    for (int i = 0; i < again.size(); i++) {
      assertThat(again.get(i).title()).isEqualTo(documents.get(i).title());
      assertThat(again.get(i).sentences()).isEqualTo(documents.get(i).sentences());
      assertThat(again.get(i).chains().stream().map(ConllFilesTest::sorted))
          .containsExactlyInAnyOrderElementsOf(
              documents.get(i).chains().stream().map(ConllFilesTest::sorted).toList());
    }
  }

  private static Chain sorted(Chain chain) {
    return new Chain(chain.number(), chain.mentions().stream().sorted(Mention.TEXT_ORDER).toList());
  }

  /** Mentions of different chains cross; those of a chain are within each other or apart. */
  private static CoreferenceDocument random(Random random, String name) {
    List<CoreferenceDocument.Sentence> sentences = new ArrayList<>();
    int words = 0;
    for (int s = 0; s < 3; s++) {
      int length = 1 + random.nextInt(9);
      words += length;
      sentences.add(
          new CoreferenceDocument.Sentence(
              Collections.nCopies(length, "w" + s),
              Collections.nCopies(length, s == 0 ? "-" : "Ann")));
    }
    List<Chain> chains = new ArrayList<>();
    for (int number = 0; number < 4; number++) {
      List<Mention> mentions = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        int first = random.nextInt(words);
        Mention mention = new Mention(first, first + random.nextInt(words - first));
        if (mentions.stream().noneMatch(other -> crosses(other, mention))) {
          mentions.add(mention);
        }
      }
      chains.add(new Chain(number, mentions));
    }
    return new CoreferenceDocument(name, "1", sentences, chains);
  }

  private static boolean crosses(Mention a, Mention b) {
    Mention left = a.first() < b.first() ? a : b;
    Mention right = left == a ? b : a;
    return left.first() < right.first()
        && right.first() <= left.last()
        && left.last() < right.last();
  }

  /** Of all sets the sizes that are stated, and as many words as lines of all columns. */
  @ParameterizedTest
  @CsvSource({
    "ontogum/train, 177, 177410, 5304, 23313",
    "ontogum/dev, 29, 27048, 817, 3698",
    "ontogum/test, 30, 28397, 857, 3580",
    "litbank/train, 80, 169456, 6344, 23218",
    "litbank/dev, 10, 20438, 776, 3053"
  })
  void sizesOfPublishedSets(String set, int documents, int words, int chains, int mentions) {
    Path file = SharedData.require("data/coref/" + set + ".conll.gz");
    List<CoreferenceDocument> read = ConllReader.read(file, s -> {});
    assertThat(read).hasSize(documents);
    assertThat(read.stream().mapToInt(CoreferenceDocument::length).sum()).isEqualTo(words);
    assertThat(read.stream().mapToInt(document -> document.chains().size()).sum())
        .isEqualTo(chains);
    assertThat(
            read.stream()
                .flatMap(document -> document.chains().stream())
                .mapToInt(chain -> chain.mentions().size())
                .sum())
        .isEqualTo(mentions);
  }

  /** A text is called like its file. */
  @Test
  void namesWithBlanks() throws IOException {
    CoreferenceDocument document = PlainDocuments.of("my text.txt", "The cat sat. It slept.");
    List<CoreferenceDocument> again = read(ConllWriter.text(List.of(document)));
    assertThat(again).hasSize(1);
    assertThat(again.getFirst().words()).isEqualTo(document.words());
    assertThat(again.getFirst().title()).isEqualTo(document.title());
  }

  /** Test sets may have anything in the place of their chains. */
  @Test
  void wordsAlone() throws IOException {
    String unlabelled = ONTONOTES.replace("(7)", "*").replace("12)", "(12");
    Path file = Files.writeString(folder.resolve("c.conll"), unlabelled);
    CoreferenceDocument document = ConllReader.words(file, s -> {}).getFirst();
    assertThat(document.words()).isEqualTo(read(ONTONOTES).getFirst().words());
    assertThat(document.chains()).isEmpty();
    assertThat(ConllReader.beginsDocument("# begin document (a); part 000")).isTrue();
    assertThat(ConllReader.beginsDocument("begin document (a); part 000")).isFalse();
  }

  @Test
  void refusesToWriteWhatBracketsCannotSay() {
    List<CoreferenceDocument.Sentence> sentences =
        List.of(new CoreferenceDocument.Sentence(List.of("a", "b", "c"), List.of("-", "-", "-")));
    Chain crossing = new Chain(4, List.of(new Mention(0, 1), new Mention(1, 2)));
    CoreferenceDocument document = new CoreferenceDocument("d", "0", sentences, List.of(crossing));
    assertThatThrownBy(() -> ConllWriter.text(List.of(document)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("chain 4 has the words 0 to 1 and 1 to 2, expected mentions apart");
  }
}
