package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.support.ByteLevelFiles;
import org.mirror4j.support.SharedData;

/** Where tokens stand in a text, and two texts as one sequence. */
class TokenPlacesTest {
  private static final List<String> FRAGMENTS =
      List.of(
          "the",
          "Été",
          "e\u0301",
          "\u0301",
          "İ",
          "ß",
          "ﬁ",
          "中文",
          "𠀀",
          "ひ",
          "한",
          "😀",
          "👩\u200D👧",
          "x",
          " ",
          "  ",
          "\n",
          "\t",
          "\u00A0",
          "\u3000",
          "\u0000",
          "\u00AD",
          "\u200B",
          "\uFEFF",
          "\uD83D",
          "'s",
          "...",
          "(",
          "-",
          "12",
          "ﷺ",
          "Å",
          "ΣΑΣ",
          "mirrors",
          "a",
          "б",
          "[MASK]",
          "<mask>");

  private static final List<String> PIECES =
      List.of(
          "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "mirror", "##s", "e", "##t", "##e",
          "a", "中", "😀", "##😀", "i", "σ", "##α", "##σ", "x", "##x");

  @TempDir Path folder;

  @Test
  void normalisedPlacesArePieces() {
    for (boolean lowerCase : new boolean[] {true, false}) {
      try (Tokenizer tokenizer = Tokenizer.wordPiece(PIECES, lowerCase)) {
        checkWordPiece(tokenizer, lowerCase);
      }
    }
  }

  @Test
  void normalisedPlacesArePiecesOfBert() {
    for (String model : List.of("bert-base-uncased-vocab", "bert-base-multilingual-cased-vocab")) {
      Path directory = SharedData.require("models/" + model);
      try (Tokenizer opened = Tokenizer.open(directory);
          Tokenizer lower = opened.lowerCasing(true);
          Tokenizer asWritten = opened.lowerCasing(false)) {
        checkWordPiece(lower, true);
        checkWordPiece(asWritten, false);
      }
    }
  }

  private static void checkWordPiece(Tokenizer tokenizer, boolean lowerCase) {
    WordPieceOracle oracle = new WordPieceOracle(Map.of(), lowerCase);
    for (String text : texts()) {
      TextPieces pieces = tokenizer.pieces(text);
      assertThat(pieces.ids()).isEqualTo(tokenizer.encodePieces(text));
      checkOrder(pieces, text);
      for (int i = 0; i < pieces.length(); i++) {
        String place = text.substring(pieces.starts()[i], pieces.ends()[i]);
        String token = tokenizer.token(pieces.ids()[i]);
        if (pieces.ids()[i] == tokenizer.maskId()) {
          assertThat(place).isEqualTo(token);
        } else if (pieces.ids()[i] == tokenizer.unknownId()) {
          assertThat(place).isNotBlank();
        } else {
          String piece = tokenizer.continuesWord(pieces.ids()[i]) ? token.substring(2) : token;
          String normalized = oracle.normalized(whole(place)).strip();
          assertThat(normalized).as("piece %d of '%s'", i, text).contains(piece);
          if (!sharesPlace(pieces, i)) {
            assertThat(normalized).as("piece %d of '%s'", i, text).isEqualTo(piece);
          }
        }
      }
      // Together they leave out nothing but what the normaliser drops.
      StringBuilder rest = new StringBuilder(text);
      for (int i = 0; i < pieces.length(); i++) {
        for (int at = pieces.starts()[i]; at < pieces.ends()[i]; at++) {
          rest.setCharAt(at, ' ');
        }
      }
      assertThat(oracle.normalized(whole(rest.toString())))
          .as("rest of '%s'", text)
          .matches("[\\s\\p{Z}]*");
    }
  }

  /** Whether a character that the normaliser takes apart is in more than one piece. */
  private static boolean sharesPlace(TextPieces pieces, int i) {
    return i > 0 && pieces.ends()[i - 1] > pieces.starts()[i]
        || i + 1 < pieces.length() && pieces.starts()[i + 1] < pieces.ends()[i];
  }

  /** Each place holds the bytes of its piece, but a blank before it. */
  @Test
  void placesHoldTheBytesOfPieces() throws Exception {
    ByteLevelFiles.write(folder);
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      Map<Integer, Integer> bytes = bytes();
      for (String text : texts()) {
        TextPieces pieces = tokenizer.pieces(text);
        assertThat(pieces.ids()).isEqualTo(tokenizer.encodePieces(text));
        checkOrder(pieces, text);
        for (int i = 0; i < pieces.length(); i++) {
          String place = text.substring(pieces.starts()[i], pieces.ends()[i]);
          String token = tokenizer.token(pieces.ids()[i]);
          if (pieces.ids()[i] == tokenizer.maskId()) {
            assertThat(place).isEqualTo(token);
            continue;
          }
          byte[] read = new byte[token.length()];
          for (int c = 0; c < read.length; c++) {
            read[c] = bytes.get((int) token.charAt(c)).byteValue();
          }
          String expected = new String(read, StandardCharsets.ISO_8859_1);
          assertThat(
                  new String(
                      whole(place).getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1))
              .as("piece %d of '%s'", i, text)
              .contains(expected.startsWith(" ") ? expected.substring(1) : expected)
              .doesNotStartWith(" ");
        }
      }
    }
  }

  /** The byte of each character of a byte-level piece. */
  private static Map<Integer, Integer> bytes() {
    Map<Integer, Integer> bytes = new HashMap<>();
    int shifted = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = b >= 33 && b <= 126 || b >= 161 && b <= 172 || b >= 174;
      bytes.put(printable ? b : shifted++, b);
    }
    return bytes;
  }

  /** Half a surrogate pair is read as U+FFFD. */
  private static String whole(String text) {
    int[] points = text.codePoints().map(p -> p >= 0xD800 && p <= 0xDFFF ? 0xFFFD : p).toArray();
    return new String(points, 0, points.length);
  }

  private static void checkOrder(TextPieces pieces, String text) {
    assertThat(pieces.starts()).as(text).isSorted();
    assertThat(pieces.ends()).as(text).isSorted();
    for (int i = 0; i < pieces.length(); i++) {
      assertThat(pieces.starts()[i]).isBetween(0, pieces.ends()[i]);
      assertThat(pieces.ends()[i]).isLessThanOrEqualTo(text.length());
    }
  }

  private static List<String> texts() {
    Random random = new Random(5);
    return IntStream.range(0, 300)
        .mapToObj(
            i -> {
              StringBuilder text = new StringBuilder();
              for (int n = random.nextInt(12); n > 0; n--) {
                text.append(FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
              }
              return text.toString();
            })
        .toList();
  }

  @Test
  void laysOutPairsAsBert() {
    try (Tokenizer tokenizer = Tokenizer.wordPiece(PIECES, true)) {
      TokenizedText pair = tokenizer.encodePair("the Mirrors", "[MASK] é", 64);
      assertThat(pair.ids()).containsExactly(2, 5, 6, 7, 3, 4, 8, 3);
      assertThat(pair.typeIds()).containsExactly(0, 0, 0, 0, 0, 1, 1, 1);
      assertThat(pair.texts()).containsExactly(-1, 0, 0, 0, -1, 1, 1, -1);
      assertThat(pair.starts()).containsExactly(0, 0, 4, 10, 0, 0, 7, 0);
      assertThat(pair.ends()).containsExactly(0, 3, 10, 11, 0, 6, 8, 0);
      assertThat(tokenizer.pairSpecialTokens()).isEqualTo(3);

      TokenizedText alone = tokenizer.encodeText("the mirrors", 4);
      assertThat(alone.ids())
          .isEqualTo(tokenizer.encode("the mirrors", 4))
          .containsExactly(2, 5, 6, 3);
      assertThat(alone.texts()).containsExactly(-1, 0, 0, -1);
      assertThat(alone.ends()).containsExactly(0, 3, 10, 0);
    }
  }

  /** A long text in windows that overlap: places stay those in the whole text. */
  @Test
  void slidesOverALongText() {
    try (Tokenizer tokenizer = Tokenizer.wordPiece(PIECES, true)) {
      String passage = "a e x the mirrors a";
      TextPieces question = tokenizer.pieces("the");
      TextPieces pieces = tokenizer.pieces(passage);
      int room = 8 - tokenizer.pairSpecialTokens() - question.length();
      TokenizedText window = tokenizer.joinPair(question, pieces.slice(2, 2 + room));
      assertThat(window.length()).isEqualTo(8);
      assertThat(passage.substring(window.starts()[4], window.ends()[6])).isEqualTo("the mirrors");
      assertThat(window.ids())
          .isEqualTo(
              tokenizer
                  .joinPair(
                      TextPieces.of(question.ids()),
                      TextPieces.of(Arrays.copyOfRange(pieces.ids(), 2, 2 + room)))
                  .ids());
    }
  }

  @Test
  void cutsPairsOnTheLeftWhereTheFilesSaySo() throws Exception {
    Files.write(folder.resolve("vocab.txt"), PIECES);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"truncation_side\": \"left\"}");
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      TokenizedText pair = tokenizer.encodePair("a e x", "the mirror e", 7);
      assertThat(pair.ids()).containsExactly(2, 8, 19, 3, 6, 8, 3);
      assertThat(pair.starts()).containsExactly(0, 2, 4, 0, 4, 11, 0);
      assertThat(tokenizer.encodeText("a e x", 4).starts()).containsExactly(0, 2, 4, 0);
    }
  }

  @Test
  void saysWhatAPairLacks() throws Exception {
    try (Tokenizer tokenizer = Tokenizer.wordPiece(PIECES, true)) {
      assertThatThrownBy(() -> tokenizer.encodePair("a", "a", 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("maxLength is 2, expected at least 3 for the special tokens of a pair");
      assertThat(tokenizer.encodePair("", "", 3).ids()).containsExactly(2, 3, 3);
    }
    Files.write(folder.resolve("vocab.txt"), PIECES);
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      tokenizer.save(folder);
    }
    Path file = folder.resolve("tokenizer.json");
    String json = Files.readString(file);
    String second = json.replaceAll("(?s)\"id\" : \"B\"", "\"id\" : \"A\"");
    assertThat(second).isNotEqualTo(json);
    Files.writeString(file, second);
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      assertThat(tokenizer.encode("a", 3)).hasSize(3);
      assertThatThrownBy(() -> tokenizer.encodePair("a", "a", 9))
          .isInstanceOf(TextException.class)
          .hasMessageStartingWith("post_processor: pair is '[{\"SpecialToken\"")
          .hasMessageEndingWith("expected special tokens around the sequences A and B");
    }
  }
}
