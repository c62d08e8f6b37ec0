package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.file.FileException;
import org.mirror4j.support.ByteLevelFiles;
import org.mirror4j.support.SharedData;

class TokenizerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> HARD_TEXTS =
      List.of(
          "",
          "   ",
          "The quick brown fox.",
          "Été à la plage: naïve coöperation, Ærøskøbing, Łódź, İstanbul, ΣΊΣΥΦΟΣ, straße",
          "e\u0301te\u0301 a\u0308\u0304 \u0301lone",
          "中文字符 and ひらがな カタカナ 한국어 𠀀𪜀 㐀豈",
          "emoji 😀 👩\u200D👩\u200D👧 🇫🇷 👍🏽 done",
          "zero\u200Bwidth \u200Ejoin\u2060er soft\u00ADhyphen \uFEFFbom",
          "ctrl\u0000\u0001\u0007\u001F\u007F\u0085 tab\there\nnew\r\nline\u000B\u000C",
          "spaces\u00A0of\u2003all\u2028kinds\u2029and\u3000more",
          "a".repeat(99) + " " + "a".repeat(100) + " " + "a".repeat(101),
          "😀".repeat(100) + " " + "b😀".repeat(51),
          "[MASK] x[MASK]y [mask] [ MASK ] [MASK][SEP] [CLS]",
          "double  space   [MASK]   span",
          "it's $5.00—“quoted” (maybe)… ¿qué? 3×4 ^_^ `x` <b> ~",
          "\uFFFD replaced\uFFFD \uE000private",
          "Привет мир, Ёлка й; עִבְרִית العربيّة हिन्दी ไทย",
          "ﬁne ﬂoor Ⅷ ½ ﷺ Å K Ω ǅ");

  private static final List<String> SMALL =
      List.of(
          "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "mirror", "##s", "##ing", "fre",
          "##quent", "e", "##t", "##e", "a", "##a", "中", "😀", "##😀", ".", "[", "]", "mask", "The",
          "Été", "ete", "i", "σ", "##ς", "##σ");

  @TempDir Path folder;

  @Test
  void splitsWordsGreedily() {
    try (Tokenizer tokenizer = Tokenizer.wordPiece(SMALL, true)) {
      assertThat(pieces(tokenizer, tokenizer.encodePieces("The MIRRORS  frequenting Été.中😀😀")))
          .containsExactly(
              "the", "mirror", "##s", "fre", "##quent", "##ing", "ete", ".", "中", "😀", "##😀");
      assertThat(tokenizer.encodePieces("mirrorx [MASK] [mask]")).containsExactly(1, 4, 20, 22, 21);
      assertThat(tokenizer.encode("the [MASK].", 9)).containsExactly(2, 5, 4, 19, 3);
      assertThat(tokenizer.vocabSize()).isEqualTo(SMALL.size());
      assertThat(
              new int[] {
                tokenizer.padId(),
                tokenizer.unknownId(),
                tokenizer.clsId(),
                tokenizer.sepId(),
                tokenizer.maskId()
              })
          .containsExactly(0, 1, 2, 3, 4);
      assertThat(tokenizer.maskToken()).isEqualTo("[MASK]");
      assertThat(tokenizer.continuesWord(7)).isTrue();
      assertThat(tokenizer.continuesWord(6)).isFalse();
      assertThat(tokenizer.id("mirror")).isEqualTo(6);
      assertThat(tokenizer.id("absent")).isEqualTo(-1);
    }
  }

  @Test
  void agreesWithTheOracleOnASmallVocabulary() {
    for (boolean lowerCase : new boolean[] {true, false}) {
      try (Tokenizer tokenizer = Tokenizer.wordPiece(SMALL, lowerCase)) {
        assertAgreesWithOracle(tokenizer, lowerCase);
      }
    }
  }

  @Test
  void agreesWithTheOracleOnVocabulariesOfBert() {
    for (String model : List.of("bert-base-uncased-vocab", "bert-base-cased-vocab")) {
      Path directory = SharedData.require("models/" + model);
      try (Tokenizer lower = Tokenizer.open(directory);
          Tokenizer asWritten = lower.lowerCasing(false)) {
        assertAgreesWithOracle(lower, true);
        assertAgreesWithOracle(asWritten, false);
      }
    }
  }

  @Test
  void findsTheIdsOfBert() {
    Path directory = SharedData.require("models/bert-base-uncased-vocab");
    try (Tokenizer tokenizer = Tokenizer.open(directory)) {
      assertThat(tokenizer.vocabSize()).isEqualTo(30_522);
      // "hello world" of bert-base-uncased, published in many places.
      assertThat(tokenizer.encode("Hello [MASK] World", 20))
          .containsExactly(101, 7592, 103, 2088, 102);
    }
  }

  @Test
  void ignoresStoredTruncationAndPadding() throws Exception {
    Path directory = minilm();
    JsonNode stored = JSON.readTree(directory.resolve("tokenizer.json").toFile());
    assertThat(stored.path("truncation").isObject()).isTrue();
    assertThat(stored.path("padding").isObject()).isTrue();
    try (Tokenizer tokenizer = Tokenizer.open(directory)) {
      assertThat(tokenizer.encode("a", 512)).hasSize(3);
      assertThat(tokenizer.encode("a ".repeat(2000), 4096)).hasSize(2002);
      assertThat(tokenizer.encodePieces("a ".repeat(2000))).hasSize(2000);
      assertThat(tokenizer.encodeAll(List.of("a", "a b c"), 64))
          .isDeepEqualTo(new int[][] {tokenizer.encode("a", 64), tokenizer.encode("a b c", 64)});
      assertAgreesWithOracle(tokenizer, true);
    }
  }

  @Test
  void cutsOnTheRight() {
    try (Tokenizer tokenizer = Tokenizer.wordPiece(SMALL, true)) {
      assertThat(tokenizer.encode("the mirror the", 5)).containsExactly(2, 5, 6, 5, 3);
      assertThat(tokenizer.encode("the mirror the", 4)).containsExactly(2, 5, 6, 3);
      assertThat(tokenizer.encode("the mirror the", 2)).containsExactly(2, 3);
      assertThat(tokenizer.encode("", 2)).containsExactly(2, 3);
      assertThatThrownBy(() -> tokenizer.encode("the", 1))
          .hasMessage("maxLength is 1, expected at least 2 for the special tokens");
    }
  }

  @Test
  void encodesManyTextsLikeEachAlone() throws Exception {
    try (Tokenizer tokenizer = Tokenizer.open(minilm())) {
      int[][] together = tokenizer.encodeAll(HARD_TEXTS, 12);
      for (int i = 0; i < together.length; i++) {
        assertThat(together[i]).isEqualTo(tokenizer.encode(HARD_TEXTS.get(i), 12));
      }
      int[][] pieces = tokenizer.encodeAllPieces(HARD_TEXTS);
      for (int i = 0; i < pieces.length; i++) {
        assertThat(pieces[i]).isEqualTo(tokenizer.encodePieces(HARD_TEXTS.get(i)));
      }
      assertThat(tokenizer.encodeAll(List.of(), 12)).isEmpty();
    }
  }

  /** More than one call of the library takes. */
  @Test
  void encodesAnyNumberOfTextsInOrder() {
    try (Tokenizer tokenizer = Tokenizer.wordPiece(SMALL, true)) {
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < 2500; i++) {
        texts.add("the ".repeat(i % 7) + "e a ".repeat(i % 5));
      }
      texts.set(700, "the ".repeat(300_000));
      texts.set(701, "a".repeat(1_100_000));
      int[][] together = tokenizer.encodeAll(texts, 12);
      for (int i = 0; i < texts.size(); i++) {
        assertThat(together[i]).as("text %d", i).isEqualTo(tokenizer.encode(texts.get(i), 12));
      }
      assertThat(tokenizer.encodeAllPieces(texts)[700]).hasSize(300_000);
    }
  }

  @Test
  void takesAnyText() throws Exception {
    ByteLevelFiles.write(folder);
    List<String> texts =
        List.of(
            "a".repeat(1_000_000),
            " ".repeat(1_000_000),
            "\u0301".repeat(100_000),
            "\u0000".repeat(100_000) + "\uDC00\uD800",
            "\uFDFA".repeat(100_000),
            "a\n".repeat(200_000),
            "\uDBFF\uDFFF\uFFFF\uFEFF");
    try (Tokenizer wordPiece = Tokenizer.wordPiece(SMALL, true);
        Tokenizer byteLevel = Tokenizer.open(folder)) {
      for (Tokenizer tokenizer : List.of(wordPiece, byteLevel)) {
        for (int[] ids : tokenizer.encodeAll(texts, 8)) {
          assertThat(ids[0]).isEqualTo(tokenizer.clsId());
          assertThat(ids[ids.length - 1]).isEqualTo(tokenizer.sepId());
        }
      }
    }
  }

  @Test
  void cutsOnTheLeftWhereTheFilesSaySo() throws Exception {
    Files.write(folder.resolve("vocab.txt"), SMALL);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"truncation_side\": \"left\"}");
    Path saved = Files.createDirectory(folder.resolve("saved"));
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      assertThat(tokenizer.encode("the mirror e a", 5)).containsExactly(2, 6, 11, 14, 3);
      assertThat(tokenizer.encode("the mirror e a", 2)).containsExactly(2, 3);
      tokenizer.save(saved);
    }
    // tokenizer.json alone says it in its stored truncation.
    ObjectNode json = (ObjectNode) JSON.readTree(saved.resolve("tokenizer.json").toFile());
    json.putObject("truncation").put("direction", "Left").put("max_length", 3);
    JSON.writeValue(saved.resolve("tokenizer.json").toFile(), json);
    Files.delete(saved.resolve("tokenizer_config.json"));
    try (Tokenizer tokenizer = Tokenizer.open(saved)) {
      assertThat(tokenizer.encode("the mirror e a", 5)).containsExactly(2, 6, 11, 14, 3);
    }
  }

  @Test
  void isClosedOnce() {
    Tokenizer tokenizer = Tokenizer.wordPiece(SMALL, true);
    tokenizer.close();
    tokenizer.close();
    assertThatThrownBy(() -> tokenizer.encode("the", 5))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the tokenizer is closed");
  }

  @Test
  void readsUnpairedSurrogatesAsReplacement() {
    try (Tokenizer tokenizer = Tokenizer.wordPiece(SMALL, true)) {
      assertThat(tokenizer.encodePieces("th\uD800e\uDC00 😀\uD83D"))
          .isEqualTo(tokenizer.encodePieces("th\uFFFDe\uFFFD 😀\uFFFD"))
          .containsExactly(5, 17);
    }
  }

  /** As HuggingFace's Lowercase: a character at a time, special tokens first, once. */
  @Test
  void lowerCasesTextBeforeAllElse() throws Exception {
    ByteLevelFiles.write(folder);
    Path saved = Files.createDirectory(folder.resolve("saved"));
    Path again = Files.createDirectory(folder.resolve("again"));
    try (Tokenizer cased = Tokenizer.open(folder);
        Tokenizer lower = cased.lowerCasingText();
        Tokenizer twice = lower.lowerCasingText()) {
      assertThat(pieces(lower, lower.encodePieces("LOW <mask> Lower")))
          .containsExactly("low", "<mask>", "Ġlow", "er");
      // Sigma at the end of a word is as any other, and the dotted I becomes two characters.
      assertThat(lower.encodePieces("\u03A3\u0391\u03A3 \u0130"))
          .isEqualTo(cased.encodePieces("\u03C3\u03B1\u03C3 i\u0307"));
      lower.save(saved);
      twice.save(again);
      assertThat(again.resolve("tokenizer.json"))
          .hasSameBinaryContentAs(saved.resolve("tokenizer.json"));
      assertSameIds(lower, saved);
    }
    Files.write(folder.resolve("vocab.txt"), SMALL);
    for (String file : List.of("vocab.json", "merges.txt")) {
      Files.delete(folder.resolve(file));
    }
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"do_lower_case\": false}");
    try (Tokenizer cased = Tokenizer.open(folder);
        Tokenizer lower = cased.lowerCasingText()) {
      assertThat(pieces(lower, lower.encodePieces("THE [MASK]"))).containsExactly("the", "[MASK]");
    }
  }

  @Test
  void followsTheConfigurationBesideTheVocabulary() throws Exception {
    Files.write(folder.resolve("vocab.txt"), SMALL);
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      assertThat(pieces(tokenizer, tokenizer.encodePieces("The Été")))
          .containsExactly("the", "ete");
    }
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"do_lower_case\": false}");
    try (Tokenizer tokenizer = Tokenizer.open(folder);
        Tokenizer lower = tokenizer.lowerCasing(true)) {
      assertThat(pieces(tokenizer, tokenizer.encodePieces("The Été")))
          .containsExactly("The", "Été");
      assertThat(pieces(lower, lower.encodePieces("The Été"))).containsExactly("the", "ete");
    }
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"do_lower_case\": true, \"strip_accents\": false, \"unk_token\": {\"content\": \"a\"}}");
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      assertThat(pieces(tokenizer, tokenizer.encodePieces("The Été"))).containsExactly("the", "a");
      assertThat(tokenizer.unknownId()).isEqualTo(14);
    }
  }

  @Test
  void savesWhatItReads() throws Exception {
    Path saved = Files.createDirectory(folder.resolve("saved"));
    try (Tokenizer tokenizer = Tokenizer.open(minilm());
        Tokenizer asWritten = tokenizer.lowerCasing(false)) {
      asWritten.save(saved);
      assertThat(names(saved))
          .containsExactly(
              "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt");
      JsonNode config = JSON.readTree(saved.resolve("tokenizer_config.json").toFile());
      assertThat(config.path("do_lower_case").asBoolean(true)).isFalse();
      assertThat(config.path("tokenizer_class").asText()).isEqualTo("BertTokenizer");
      assertThat(config.path("mask_token").asText()).isEqualTo("[MASK]");
      assertSameIds(asWritten, saved);
      Files.delete(saved.resolve("tokenizer.json"));
      assertSameIds(asWritten, saved);
    }
  }

  @Test
  void splitsBytesLikeRoberta() throws Exception {
    ByteLevelFiles.write(folder);
    Path saved = Files.createDirectory(folder.resolve("saved"));
    try (Tokenizer tokenizer = Tokenizer.open(folder);
        Tokenizer lower = tokenizer.lowerCasing(true)) {
      assertThat(pieces(tokenizer, tokenizer.encode("low lower Low", 20)))
          .containsExactly("<s>", "low", "Ġlow", "er", "Ġ", "L", "o", "w", "</s>");
      assertThat(pieces(lower, lower.encodePieces("Low"))).containsExactly("L", "o", "w");
      assertThat(pieces(tokenizer, tokenizer.encodePieces("low <mask> é  x")))
          .containsExactly("low", "<mask>", "Ġ", "Ã", "©", "Ġ", "Ġ", "x");
      assertThat(pieces(tokenizer, tokenizer.encodePieces("a [MASK] b")))
          .containsExactly("a", "Ġ", "[", "M", "A", "S", "K", "]", "Ġ", "b");
      assertThat(tokenizer.maskToken()).isEqualTo("<mask>");
      assertThat(tokenizer.padId()).isEqualTo(1);
      assertThat(tokenizer.continuesWord(tokenizer.id("er"))).isTrue();
      assertThat(tokenizer.continuesWord(tokenizer.id("Ġlow"))).isFalse();
      assertThat(tokenizer.continuesWord(tokenizer.clsId())).isFalse();

      tokenizer.save(saved);
      assertThat(names(saved))
          .containsExactly(
              "merges.txt",
              "special_tokens_map.json",
              "tokenizer.json",
              "tokenizer_config.json",
              "vocab.json");
      assertSameIds(tokenizer, saved);
      Files.delete(saved.resolve("tokenizer.json"));
      assertSameIds(tokenizer, saved);
    }
  }

  @Test
  void namesWhatIsMissingOrBroken() throws Exception {
    assertThatThrownBy(() -> Tokenizer.open(folder))
        .isInstanceOf(TextException.class)
        .hasMessage(
            folder
                + " holds no tokenizer: looked for tokenizer.json, vocab.txt, vocab.json with"
                + " merges.txt");
    assertThatThrownBy(() -> Tokenizer.open(folder.resolve("absent")))
        .hasMessage(folder.resolve("absent") + " is not a model directory");
    Files.writeString(folder.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n");
    assertThatThrownBy(() -> Tokenizer.open(folder))
        .isInstanceOf(TextException.class)
        .hasMessage(folder + ": the vocabulary of 4 pieces lacks the special token [MASK]");
    Path file = Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": ");
    assertThatThrownBy(() -> Tokenizer.open(folder))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(file + ": not valid JSON: ");
    Files.writeString(file, "{}");
    assertThatThrownBy(() -> Tokenizer.open(folder))
        .hasMessage(folder + ": the tokenizer has no model");
    ObjectNode model =
        (ObjectNode) JSON.readTree(minilm().resolve("tokenizer.json").toFile()).deepCopy();
    model.putObject("normalizer").put("type", "Unheard");
    JSON.writeValue(file.toFile(), model);
    assertThatThrownBy(() -> Tokenizer.open(folder))
        .isInstanceOf(TextException.class)
        .hasMessageStartingWith(
            folder + ": normalizer is 'Unheard', expected one of BertNormalizer, ");
  }

  private static void assertAgreesWithOracle(Tokenizer tokenizer, boolean lowerCase) {
    Map<String, Integer> vocabulary = new HashMap<>();
    IntStream.range(0, tokenizer.vocabSize())
        .forEach(id -> vocabulary.put(tokenizer.token(id), id));
    WordPieceOracle oracle = new WordPieceOracle(vocabulary, lowerCase);
    for (String text : HARD_TEXTS) {
      assertThat(pieces(tokenizer, tokenizer.encodePieces(text)))
          .as(text)
          .isEqualTo(oracle.pieces(text));
    }
  }

  private static void assertSameIds(Tokenizer expected, Path directory) {
    try (Tokenizer tokenizer = Tokenizer.open(directory)) {
      assertThat(tokenizer.vocabSize()).isEqualTo(expected.vocabSize());
      for (String text : HARD_TEXTS) {
        assertThat(tokenizer.encode(text, 40)).as(text).isEqualTo(expected.encode(text, 40));
      }
    }
  }

  private static List<String> pieces(Tokenizer tokenizer, int[] ids) {
    return Arrays.stream(ids).mapToObj(tokenizer::token).toList();
  }

  private static List<String> names(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** A published tokenizer.json, of a sentence encoder with BERT's vocabulary. */
  private Path minilm() throws IOException {
    Path directory = Files.createDirectories(folder.resolve("minilm"));
    try (InputStream resource =
        TokenizerTest.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json")) {
      Files.write(directory.resolve("tokenizer.json"), resource.readAllBytes());
    }
    return directory;
  }
}
