package org.mirror4j.task.coreference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.support.SharedData;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;

/** Words of letters a and b: a piece a letter. */
class DocumentPiecesTest {
  private static final List<String> PIECES =
      List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##a", "b", "##b", ".", "/");

  @AutoClose private final Tokenizer tokenizer = Tokenizer.wordPiece(PIECES, false);

  private static CoreferenceDocument document(List<Chain> chains, String... sentences) {
    List<CoreferenceDocument.Sentence> list = new ArrayList<>();
    for (String sentence : sentences) {
      String[] parts = sentence.split(": ");
      List<String> words = List.of(parts[1].split(" "));
      list.add(
          new CoreferenceDocument.Sentence(words, words.stream().map(word -> parts[0]).toList()));
    }
    return new CoreferenceDocument("bc/x", "0", list, chains);
  }

  private String spelled(int[] segment) {
    return String.join(" ", Arrays.stream(segment).mapToObj(tokenizer::token).toList());
  }

  @Test
  void segmentsOfWholeSentences() {
    CoreferenceDocument document =
        document(List.of(), "-: ab a", "Ann: b .", "Bo: aaa", "Ann: /. a \u0001");
    DocumentPieces pieces = DocumentPieces.of(document, tokenizer, 7);
    assertThat(Arrays.stream(pieces.segments()).map(this::spelled))
        .containsExactly(
            "[CLS] a ##b a b . [SEP]", "[CLS] a ##a ##a [SEP]", "[CLS] . a [UNK] [SEP]");
    assertThat(pieces.segmentOfRow())
        .containsExactly(0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2);
    assertThat(pieces.wordOfRow())
        .containsExactly(-1, 0, 0, 1, 2, 3, -1, -1, 4, 4, 4, -1, -1, 5, 6, 7, -1);
    assertThat(pieces.sentenceOfRow())
        .containsExactly(-1, 0, 0, 0, 1, 1, -1, -1, 2, 2, 2, -1, -1, 3, 3, 3, -1);
    assertThat(pieces.speakerOfRow())
        .containsExactly(0, 0, 0, 0, 1, 1, 0, 0, 2, 2, 2, 0, 0, 1, 1, 1, 0);
  }

  @Test
  void sentencesThatAreTooLongAreCutAfterWords() {
    CoreferenceDocument document = document(List.of(), "-: a", "-: a aba b aa", "-: b");
    DocumentPieces pieces = DocumentPieces.of(document, tokenizer, 6);
    // What is left of a sentence shares a segment with the next.
    assertThat(Arrays.stream(pieces.segments()).map(this::spelled))
        .containsExactly("[CLS] a [SEP]", "[CLS] a a ##b ##a [SEP]", "[CLS] b a ##a b [SEP]");
    assertThatThrownBy(() -> DocumentPieces.of(document, tokenizer, 4))
        .isInstanceOf(TextException.class)
        .hasMessage("document '(bc/x); part 0': the word 'aba' has 3 pieces, expected at most 2");
  }

  @Test
  void refusesDocumentsWithoutWords() {
    CoreferenceDocument document =
        new CoreferenceDocument(
            "d",
            "",
            List.of(new CoreferenceDocument.Sentence(List.of(""), List.of("-"))),
            List.of());
    assertThatThrownBy(() -> DocumentPieces.of(document, tokenizer, 10))
        .isInstanceOf(TextException.class)
        .hasMessage("document '(d);' has no words, expected them in the fourth column");
  }

  @Test
  void aWindowIsTheSameRows() {
    CoreferenceDocument document = document(List.of(), "-: ab a", "Ann: b .", "Bo: aaa", "Ann: a");
    DocumentPieces whole = DocumentPieces.of(document, tokenizer, 6);
    DocumentPieces window = whole.window(1, 3);
    assertThat(Arrays.stream(window.segments()).map(this::spelled))
        .containsExactly("[CLS] b . [SEP]", "[CLS] a ##a ##a a [SEP]");
    assertThat(window.segmentOfRow()).containsExactly(0, 0, 0, 0, 1, 1, 1, 1, 1, 1);
    assertThat(window.wordOfRow()).containsExactly(-1, 2, 3, -1, -1, 4, 4, 4, 5, -1);
    assertThat(window.sentenceOfRow()).containsExactly(-1, 1, 1, -1, -1, 2, 2, 2, 3, -1);
    assertThat(window.speakerOfRow()).containsExactly(0, 1, 1, 0, 0, 2, 2, 2, 1, 0);
  }

  @Test
  void candidatesAreWordsOfASentence() {
    // Words 0 to 3; the chains have words 0 to 1, 1, 2, and 1 to 2 across sentences.
    List<Chain> gold =
        List.of(
            new Chain(8, List.of(new Mention(0, 1), new Mention(2, 2))),
            new Chain(5, List.of(new Mention(1, 1), new Mention(1, 2))));
    CoreferenceDocument document = document(gold, "-: ab a", "-: b .");
    DocumentPieces pieces = DocumentPieces.of(document, tokenizer, 20);
    CandidateSpans wide = CandidateSpans.of(pieces, 3, gold);
    // Rows: [CLS] a ##b a b . [SEP].
    assertThat(wide.starts()).containsExactly(1, 1, 3, 4, 4, 5);
    assertThat(wide.ends()).containsExactly(2, 3, 3, 4, 5, 5);
    assertThat(wide.clusters()).containsExactly(0, 1, 2, 1, 0, 0);
    assertThat(wide.missed()).isEqualTo(1);
    CandidateSpans narrow = CandidateSpans.of(pieces, 2, gold);
    assertThat(narrow.starts()).containsExactly(1, 3, 4, 4, 5);
    assertThat(narrow.ends()).containsExactly(2, 3, 4, 5, 5);
    assertThat(narrow.missed()).isEqualTo(2);
    assertThat(Antecedents.mentions(pieces, wide.starts(), wide.ends()))
        .containsExactly(
            new Mention(0, 0),
            new Mention(0, 1),
            new Mention(1, 1),
            new Mention(2, 2),
            new Mention(2, 3),
            new Mention(3, 3));
  }

  @Test
  void aWindowMissesOnlyItsOwnMentions() {
    List<Chain> gold =
        List.of(new Chain(0, List.of(new Mention(0, 0), new Mention(1, 2), new Mention(3, 3))));
    CoreferenceDocument document = document(gold, "-: a a", "-: a b", "-: aa");
    DocumentPieces window = DocumentPieces.of(document, tokenizer, 4).window(1, 3);
    CandidateSpans spans = CandidateSpans.of(window, 10, gold);
    assertThat(Antecedents.mentions(window, spans.starts(), spans.ends()))
        .containsExactly(
            new Mention(2, 2), new Mention(2, 3), new Mention(3, 3), new Mention(4, 4));
    assertThat(spans.clusters()).containsExactly(0, 0, 1, 0);
    assertThat(spans.missed()).isZero();
  }

  /** Every mention of one sentence comes back by its words, whatever the segments. */
  @ParameterizedTest
  @ValueSource(ints = {7, 8, 13, 33, 500})
  void goldMentionsAreFoundAgain(int maxSegmentLength) {
    Random random = new Random(maxSegmentLength);
    List<Mention> mentions = new ArrayList<>();
    String[] sentences = new String[12];
    int words = 0;
    for (int s = 0; s < sentences.length; s++) {
      StringBuilder sentence = new StringBuilder("-:");
      // At most five pieces, so that each sentence fits into a segment of 7.
      int length = 1 + random.nextInt(5);
      int left = 5 - length;
      for (int i = 0; i < length; i++) {
        int more = random.nextInt(left + 1);
        left -= more;
        sentence.append(" b").append("a".repeat(more));
        int last = i + random.nextInt(length - i);
        mentions.add(new Mention(words + i, words + last));
      }
      words += length;
      sentences[s] = sentence.toString();
    }
    List<Chain> gold = List.of(new Chain(0, mentions));
    DocumentPieces pieces =
        DocumentPieces.of(document(gold, sentences), tokenizer, maxSegmentLength);
    assertThat(List.of(pieces.segments()))
        .allSatisfy(segment -> assertThat(segment.length).isBetween(3, maxSegmentLength));
    CandidateSpans spans = CandidateSpans.of(pieces, 5, gold);
    assertThat(spans.missed()).isZero();
    List<Mention> candidates = Antecedents.mentions(pieces, spans.starts(), spans.ends());
    assertThat(candidates)
        .doesNotHaveDuplicates()
        .isSortedAccordingTo(
            Comparator.comparingInt(Mention::first).thenComparingInt(Mention::last));
    Set<Mention> found = new HashSet<>();
    for (int span = 0; span < spans.starts().length; span++) {
      if (spans.clusters()[span] == 1) {
        found.add(candidates.get(span));
      }
    }
    assertThat(found).isEqualTo(new HashSet<>(mentions));
  }

  /** Of real documents all mentions are candidates but those across sentences or too wide. */
  @ParameterizedTest
  @ValueSource(strings = {"bert-base-cased-vocab", "roberta-base-tokenizer"})
  void mentionsOfRealDocuments(String model) {
    Path file = SharedData.require("data/coref/ontogum/dev.conll.gz");
    try (Tokenizer real = Tokenizer.open(SharedData.require("models/" + model))) {
      int wide = 0;
      int missed = 0;
      for (CoreferenceDocument document : ConllReader.read(file, s -> {})) {
        DocumentPieces pieces = DocumentPieces.of(document, real, 128);
        missed += CandidateSpans.of(pieces, 10, document.chains()).missed();
        int[] rowsOfWord = new int[document.length()];
        int[] sentenceOfWord = new int[document.length()];
        for (int row = 0; row < pieces.segmentOfRow().length; row++) {
          if (pieces.wordOfRow()[row] >= 0) {
            rowsOfWord[pieces.wordOfRow()[row]]++;
            sentenceOfWord[pieces.wordOfRow()[row]] = pieces.sentenceOfRow()[row];
          }
        }
        assertThat(rowsOfWord).doesNotContain(0);
        Set<Mention> mentions = new HashSet<>();
        document.chains().forEach(chain -> mentions.addAll(chain.mentions()));
        for (Mention mention : mentions) {
          int width = Arrays.stream(rowsOfWord, mention.first(), mention.last() + 1).sum();
          boolean across = sentenceOfWord[mention.first()] != sentenceOfWord[mention.last()];
          wide += width > 10 || across ? 1 : 0;
        }
      }
      assertThat(missed).isEqualTo(wide).isPositive();
    }
  }

  @Test
  void genresByNumber() {
    CoreferenceDocument broadcast = document(List.of(), "-: a");
    CoreferenceDocument web = new CoreferenceDocument("wb/y", "0", List.of(), List.of());
    CoreferenceDocument none = new CoreferenceDocument("y", "0", List.of(), List.of());
    Genres genres = Genres.of(List.of(web, none, broadcast, web));
    assertThat(genres.names()).containsExactly("bc", "wb");
    assertThat(genres.rows()).isEqualTo(3);
    assertThat(genres.number(broadcast)).isEqualTo(1);
    assertThat(genres.number(web)).isEqualTo(2);
    assertThat(genres.number(none)).isZero();
    assertThat(new Genres(List.of("nw")).number(web)).isZero();
  }
}
