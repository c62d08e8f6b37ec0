package org.mirror4j.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
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
  private static final ObjectMapper JSON = new ObjectMapper();

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
    ObjectNode none = JsonNodeFactory.instance.objectNode();
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

  /** {@code model_max_length}, or its older name; transformers writes 10^30 for no limit. */
  OptionalInt maxLength() {
    JsonNode length = config.path(config.has("model_max_length") ? "model_max_length" : "max_len");
    return length.isNumber() && length.asDouble() >= 1 && length.asDouble() < Integer.MAX_VALUE
        ? OptionalInt.of(length.intValue())
        : OptionalInt.empty();
  }

  /** Writes what transformers reads: the fast tokenizer, its configuration and vocabulary files. */
  void write(Path directory) {
    ObjectNode model = (ObjectNode) tokenizer.get("model");
    String type = model.path("type").asText();
    ObjectNode written = config.deepCopy();
    ObjectNode normalizer = TokenizerJson.bertNormalizer(tokenizer);
    if (normalizer != null) {
      TokenizerJson.Normalisation normalisation = TokenizerJson.normalisation(normalizer);
      written.put("do_lower_case", normalisation.lowerCase());
      written.put("strip_accents", normalisation.stripAccents());
      written.put("tokenize_chinese_chars", normalisation.spaceChineseCharacters());
    }
    if (!written.has("tokenizer_class")) {
      switch (type) {
        case "WordPiece" -> written.put("tokenizer_class", "BertTokenizer");
        case "BPE" -> written.put("tokenizer_class", "RobertaTokenizer");
        default -> written.put("tokenizer_class", "PreTrainedTokenizerFast");
      }
    }
    ObjectNode map = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, String> token : special.byConfigKey().entrySet()) {
      map.put(token.getKey(), token.getValue());
      written.put(token.getKey(), token.getValue());
    }
    if (config.has("additional_special_tokens")) {
      map.set("additional_special_tokens", config.get("additional_special_tokens"));
    }
    if (hasMoreTokens()) {
      AddedTokens.writeDecoder(written, tokenizer);
    }
    writeJson(directory.resolve("tokenizer.json"), tokenizer);
    writeJson(directory.resolve("tokenizer_config.json"), written);
    writeJson(directory.resolve("special_tokens_map.json"), map);
    if (type.equals("WordPiece")) {
      writeText(directory.resolve("vocab.txt"), lines(pieces(model.path("vocab"))));
    } else if (type.equals("BPE")) {
      writeJson(directory.resolve("vocab.json"), model.get("vocab"));
      List<String> merges = new ArrayList<>();
      merges.add("#version: 0.2");
      model.get("merges").forEach(merge -> merges.add(mergeLine(merge)));
      writeText(directory.resolve("merges.txt"), lines(merges));
    }
  }

  /** Whether there are added tokens beyond the five, or with other flags than are usual. */
  private boolean hasMoreTokens() {
    List<String> usual = special.all();
    for (JsonNode token : tokenizer.path("added_tokens")) {
      boolean stripsMask =
          token.path("lstrip").asBoolean()
              && token.path("content").asText().equals(SpecialTokens.ROBERTA.mask());
      boolean plain =
          !token.path("single_word").asBoolean()
              && !token.path("rstrip").asBoolean()
              && !token.path("normalized").asBoolean()
              && (stripsMask || !token.path("lstrip").asBoolean());
      if (!plain || !usual.contains(token.path("content").asText())) {
        return true;
      }
    }
    return config.has("added_tokens_decoder");
  }

  /** The pieces by id; an empty line for an id that none has. */
  private static List<String> pieces(JsonNode vocab) {
    TreeMap<Integer, String> byId = new TreeMap<>();
    vocab.properties().forEach(piece -> byId.put(piece.getValue().intValue(), piece.getKey()));
    List<String> pieces = new ArrayList<>(Collections.nCopies(byId.lastKey() + 1, ""));
    byId.forEach(pieces::set);
    return pieces;
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
    ObjectNode given = JsonNodeFactory.instance.objectNode().put("version", "1.0");
    given.putNull("truncation").putNull("padding");
    for (String part : List.of("added_tokens", "normalizer", "pre_tokenizer")) {
      given.set(
          part, tokenizer.path(part).isMissingNode() ? NullNode.instance : tokenizer.get(part));
    }
    given.putNull("post_processor").putNull("decoder");
    given.set("model", tokenizer.get("model"));
    return given;
  }

  /** A merge is "left right", in newer files ["left", "right"]. */
  private static String mergeLine(JsonNode merge) {
    return merge.isArray() ? merge.get(0).asText() + " " + merge.get(1).asText() : merge.asText();
  }

  private static String lines(List<String> lines) {
    return String.join("\n", lines) + "\n";
  }

  private static ObjectNode readIfPresent(Path file) {
    return Files.exists(file) ? JsonFiles.readObject(file) : JsonNodeFactory.instance.objectNode();
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

  private static void writeJson(Path file, JsonNode content) {
    try {
      writeText(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(content) + "\n");
    } catch (JsonProcessingException e) {
      throw FileException.of("cannot write " + file, e);
    }
  }

  private static void writeText(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw FileException.of("cannot write " + file, e);
    }
  }
}
