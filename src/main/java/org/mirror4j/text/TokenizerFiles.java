package org.mirror4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;

/**
 * The tokenizer files of a model directory in HuggingFace's layout.
 *
 * @param tokenizer content of {@code tokenizer.json}, without stored truncation and padding
 * @param config content of {@code tokenizer_config.json}, empty where there is none
 * @param special the special tokens
 */
record TokenizerFiles(ObjectNode tokenizer, ObjectNode config, SpecialTokens special) {
  private static final long MOST_BYTES = 64L << 20;

  /** Files of SentencePiece, which only {@code tokenizer.json} holds in a form that is read. */
  private static final List<String> SENTENCE_PIECE =
      List.of("sentencepiece.bpe.model", "spiece.model", "spm.model", "tokenizer.model");

  /** Reads {@code tokenizer.json}, or else builds it from the vocabulary files. */
  static TokenizerFiles read(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new TextException("%s is not a model directory".formatted(directory));
    }
    ObjectNode config = readIfPresent(directory.resolve("tokenizer_config.json"));
    ObjectNode map = readIfPresent(directory.resolve("special_tokens_map.json"));
    ObjectNode added = readIfPresent(directory.resolve("added_tokens.json"));
    ObjectNode model = readIfPresent(directory.resolve("config.json"));
    AddedTokens.Places places = new AddedTokens.Places(config, map, added);
    Path tokenizer = directory.resolve("tokenizer.json");
    Path vocabText = directory.resolve("vocab.txt");
    Path vocabJson = directory.resolve("vocab.json");
    Path merges = directory.resolve("merges.txt");
    try {
      if (Files.exists(tokenizer)) {
        ObjectNode json = JsonFiles.readObject(tokenizer);
        return of(json, model, places, special(json).overriddenBy(places.roles()), false);
      }
      if (Files.exists(vocabText)) {
        SpecialTokens special = SpecialTokens.BERT.overriddenBy(places.roles());
        TokenizerJson.Normalisation usual = TokenizerJson.Normalisation.lowerCasing(true);
        ObjectNode json = TokenizerJson.wordPiece(readLines(vocabText), usual, special);
        return of(json, model, places, special, true);
      }
      if (Files.exists(vocabJson) && Files.exists(merges)) {
        SpecialTokens special = SpecialTokens.ROBERTA.overriddenBy(places.roles());
        ObjectNode vocab = JsonFiles.readObject(vocabJson);
        ObjectNode json = TokenizerJson.byteLevelBpe(vocab, readMerges(merges), special);
        return of(json, model, places, special, true);
      }
    } catch (TextException e) {
      throw new TextException(directory + ": " + e.getMessage(), e);
    }
    for (String file : SENTENCE_PIECE) {
      if (Files.exists(directory.resolve(file))) {
        throw new TextException(
            "%s holds %s but no tokenizer.json, which is needed beside it"
                .formatted(directory, file));
      }
    }
    throw new TextException(
        "%s holds no tokenizer: looked for tokenizer.json, vocab.txt, vocab.json with merges.txt"
            .formatted(directory));
  }

  /** BERT's WordPiece of a vocabulary, with nothing beside it. */
  static TokenizerFiles wordPiece(List<String> vocabulary, boolean lowerCase) {
    ObjectNode none = JsonFiles.object();
    return of(
        TokenizerJson.wordPiece(
            vocabulary, TokenizerJson.Normalisation.lowerCasing(lowerCase), SpecialTokens.BERT),
        none,
        new AddedTokens.Places(none, none, none),
        SpecialTokens.BERT,
        true);
  }

  /**
   * A checked tokenizer, as the files beside it say.
   *
   * @param plain whether it was made of a plain vocabulary
   */
  private static TokenizerFiles of(
      ObjectNode tokenizer,
      ObjectNode model,
      AddedTokens.Places places,
      SpecialTokens special,
      boolean plain) {
    ObjectNode config = places.config();
    Map<String, Integer> ids = ModelCheck.check(tokenizer);
    TokenizerClass.check(config, model, tokenizer.path("model").path("type").asText(), plain);
    ComponentCheck.check(tokenizer);
    TokenizerSettings.apply(tokenizer, config, plain);
    AddedTokens.merge(tokenizer, plain, ids, places);
    return new TokenizerFiles(tokenizer, config, special);
  }

  /** Those of BERT where one is among the added tokens. */
  private static SpecialTokens special(ObjectNode tokenizer) {
    for (JsonNode token : tokenizer.path("added_tokens")) {
      if (token.path("content").asText().equals(SpecialTokens.BERT.cls())) {
        return SpecialTokens.BERT;
      }
    }
    return SpecialTokens.ROBERTA;
  }

  /** The same tokenizer with another lower-casing; itself where there is no such setting. */
  TokenizerFiles lowerCasing(boolean lowerCase) {
    if (TokenizerJson.bertNormalizer(tokenizer) == null) {
      return this;
    }
    ObjectNode changed = tokenizer.deepCopy();
    ObjectNode normalizer = TokenizerJson.bertNormalizer(changed);
    TokenizerJson.Normalisation old = TokenizerJson.normalisation(normalizer);
    TokenizerJson.apply(
        normalizer,
        new TokenizerJson.Normalisation(
            lowerCase, old.stripAccents(), old.spaceChineseCharacters()));
    return new TokenizerFiles(changed, config, special);
  }

  /** The same tokenizer with a normaliser that lower-cases all text before any other. */
  TokenizerFiles lowerCasingText() {
    ObjectNode changed = tokenizer.deepCopy();
    TokenizerJson.lowerCaseFirst(changed);
    return new TokenizerFiles(changed, config, special);
  }

  /**
   * The same tokenizer with a length, and padding to the longest of a batch, for others to obey.
   */
  TokenizerFiles limited(int maxLength, int padId, boolean cutsLeft) {
    ObjectNode changed = tokenizer.deepCopy();
    changed
        .putObject("truncation")
        .put("direction", cutsLeft ? "Left" : "Right")
        .put("max_length", maxLength)
        .put("strategy", "LongestFirst")
        .put("stride", 0);
    changed
        .putObject("padding")
        .put("strategy", "BatchLongest")
        .put("direction", "Right")
        .putNull("pad_to_multiple_of")
        .put("pad_id", padId)
        .put("pad_type_id", 0)
        .put("pad_token", special.pad());
    return new TokenizerFiles(
        changed, config.deepCopy().put("model_max_length", maxLength), special);
  }

  /** {@code model_max_length}, or its older name; transformers writes 10^30 for no limit. */
  OptionalInt maxLength() {
    JsonNode length = config.path(config.has("model_max_length") ? "model_max_length" : "max_len");
    return length.isNumber() && length.asDouble() >= 1 && length.asDouble() < Integer.MAX_VALUE
        ? OptionalInt.of(length.intValue())
        : OptionalInt.empty();
  }

  /**
   * A tokenizer for {@link NativeTokenizer} that finds nothing in a text of which the normaliser
   * leaves nothing, and something in any other.
   */
  String normalizerAlone() {
    ObjectNode given = given();
    given.putArray("added_tokens");
    given.putNull("pre_tokenizer");
    ObjectNode model = given.putObject("model").put("type", "WordLevel").put("unk_token", "?");
    model.putObject("vocab").put("?", 0);
    return given.toString();
  }

  /** Added tokens that are looked for in a normalised text. */
  List<String> normalizedTokens() {
    List<String> contents = new ArrayList<>();
    if (!tokenizer.path("normalizer").isEmpty()) {
      for (JsonNode token : tokenizer.path("added_tokens")) {
        if (token.path("normalized").asBoolean()) {
          contents.add(token.path("content").textValue());
        }
      }
    }
    return contents;
  }

  /**
   * What the library is given: without the post-processor, which {@link Frame} stands for, and the
   * decoder, which nobody uses.
   */
  String json() {
    return given().toString();
  }

  private ObjectNode given() {
    ObjectNode given = JsonFiles.object().put("version", "1.0");
    given.putNull("truncation").putNull("padding");
    for (String part : List.of("added_tokens", "normalizer", "pre_tokenizer")) {
      given.set(
          part, tokenizer.path(part).isMissingNode() ? NullNode.instance : tokenizer.get(part));
    }
    given.putNull("post_processor").putNull("decoder");
    given.set("model", tokenizer.get("model"));
    return given;
  }

  private static ObjectNode readIfPresent(Path file) {
    return Files.exists(file) ? JsonFiles.readObject(file) : JsonFiles.object();
  }

  /** Lines that start with {@code #version} are comments. */
  private static List<String> readMerges(Path file) {
    List<String> merges = readLines(file);
    merges.removeIf(line -> line.startsWith("#version") || line.isEmpty());
    return merges;
  }

  /**
   * A piece may be any text but a line end: U+2028 and spaces belong to it, and an empty line is
   * one. The last line may lack its end.
   */
  private static List<String> readLines(Path file) {
    List<String> lines = new ArrayList<>(Arrays.asList(readText(file).split("\r\n|\r|\n", -1)));
    if (lines.getLast().isEmpty()) {
      lines.removeLast();
    }
    return lines;
  }

  private static String readText(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new TextException(
            "%s has %d bytes, expected at most %d".formatted(file, Files.size(file), MOST_BYTES));
      }
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new TextException("%s is not UTF-8 text".formatted(file), e);
    } catch (IOException e) {
      throw FileException.of("cannot read " + file, e);
    }
  }
}
