package org.mirror4j.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The tokenizer files of a model directory in HuggingFace's layout.
 *
 * @param tokenizer content of {@code tokenizer.json}, without stored truncation and padding
 * @param config content of {@code tokenizer_config.json}, empty where there is none
 * @param special the special tokens
 */
record TokenizerFiles(ObjectNode tokenizer, ObjectNode config, SpecialTokens special) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Reads {@code tokenizer.json}, or else builds it from the vocabulary files. */
  static TokenizerFiles read(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new TextException("%s is not a model directory".formatted(directory));
    }
    ObjectNode config = readIfPresent(directory.resolve("tokenizer_config.json"));
    ObjectNode map = readIfPresent(directory.resolve("special_tokens_map.json"));
    Path tokenizer = directory.resolve("tokenizer.json");
    Path vocabText = directory.resolve("vocab.txt");
    Path vocabJson = directory.resolve("vocab.json");
    Path merges = directory.resolve("merges.txt");
    if (Files.exists(tokenizer)) {
      return of(readObject(tokenizer), config, map);
    }
    if (Files.exists(vocabText)) {
      SpecialTokens special = SpecialTokens.BERT.overriddenBy(map).overriddenBy(config);
      TokenizerJson.Normalisation normalisation =
          configured(TokenizerJson.Normalisation.lowerCasing(true), config);
      try {
        return new TokenizerFiles(
            TokenizerJson.wordPiece(readLines(vocabText), normalisation, special), config, special);
      } catch (TextException e) {
        throw new TextException(vocabText + ": " + e.getMessage(), e);
      }
    }
    if (Files.exists(vocabJson) && Files.exists(merges)) {
      SpecialTokens special = SpecialTokens.ROBERTA.overriddenBy(map).overriddenBy(config);
      try {
        return new TokenizerFiles(
            TokenizerJson.byteLevelBpe(readObject(vocabJson), readMerges(merges), special),
            config,
            special);
      } catch (TextException e) {
        throw new TextException(vocabJson + ": " + e.getMessage(), e);
      }
    }
    throw new TextException(
        "%s holds no tokenizer: looked for tokenizer.json, vocab.txt, vocab.json with merges.txt"
            .formatted(directory));
  }

  /**
   * Settings of the normaliser in {@code tokenizer_config.json} outrank those of {@code
   * tokenizer.json}, as in transformers, but only where they are given.
   */
  private static TokenizerFiles of(ObjectNode tokenizer, ObjectNode config, ObjectNode map) {
    tokenizer.putNull("truncation").putNull("padding");
    ObjectNode normalizer = TokenizerJson.bertNormalizer(tokenizer);
    if (normalizer != null) {
      TokenizerJson.apply(normalizer, configured(TokenizerJson.normalisation(normalizer), config));
    }
    boolean bert = false;
    for (JsonNode added : tokenizer.path("added_tokens")) {
      bert |= added.path("content").asText().equals(SpecialTokens.BERT.cls());
    }
    SpecialTokens special = bert ? SpecialTokens.BERT : SpecialTokens.ROBERTA;
    return new TokenizerFiles(tokenizer, config, special.overriddenBy(map).overriddenBy(config));
  }

  private static TokenizerJson.Normalisation configured(
      TokenizerJson.Normalisation otherwise, JsonNode config) {
    JsonNode strip = config.path("strip_accents");
    return new TokenizerJson.Normalisation(
        config.path("do_lower_case").asBoolean(otherwise.lowerCase()),
        strip.isBoolean() ? (Boolean) strip.asBoolean() : otherwise.stripAccents(),
        config.path("tokenize_chinese_chars").asBoolean(otherwise.spaceChineseCharacters()));
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
  void write(Path directory, List<String> tokens) {
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
    writeJson(directory.resolve("tokenizer.json"), tokenizer);
    writeJson(directory.resolve("tokenizer_config.json"), written);
    writeJson(directory.resolve("special_tokens_map.json"), map);
    if (type.equals("WordPiece")) {
      writeText(directory.resolve("vocab.txt"), lines(tokens));
    } else if (type.equals("BPE")) {
      writeJson(directory.resolve("vocab.json"), model.get("vocab"));
      List<String> merges = new ArrayList<>();
      merges.add("#version: 0.2");
      model.get("merges").forEach(merge -> merges.add(mergeLine(merge)));
      writeText(directory.resolve("merges.txt"), lines(merges));
    }
  }

  String json() {
    return tokenizer.toString();
  }

  /** A merge is "left right", in newer files ["left", "right"]. */
  private static String mergeLine(JsonNode merge) {
    return merge.isArray() ? merge.get(0).asText() + " " + merge.get(1).asText() : merge.asText();
  }

  private static String lines(List<String> lines) {
    return String.join("\n", lines) + "\n";
  }

  private static ObjectNode readIfPresent(Path file) {
    return Files.exists(file) ? readObject(file) : JsonNodeFactory.instance.objectNode();
  }

  private static ObjectNode readObject(Path file) {
    try {
      if (JSON.readTree(readText(file)) instanceof ObjectNode object) {
        return object;
      }
      throw new TextException("%s is not a JSON object".formatted(file));
    } catch (JsonProcessingException e) {
      throw new TextException("%s is not JSON: %s".formatted(file, e.getOriginalMessage()), e);
    }
  }

  /** The first line is a version comment where it starts with {@code #version}. */
  private static List<String> readMerges(Path file) {
    List<String> merges = readLines(file);
    boolean comment = !merges.isEmpty() && merges.getFirst().startsWith("#version");
    return comment ? merges.subList(1, merges.size()) : merges;
  }

  /** A piece may be any text but a line end: U+2028 and spaces belong to it. */
  private static List<String> readLines(Path file) {
    String text = readText(file);
    List<String> lines = new ArrayList<>(Arrays.asList(text.split("\r\n|\r|\n", -1)));
    while (!lines.isEmpty() && lines.getLast().isEmpty()) {
      lines.removeLast();
    }
    return lines;
  }

  private static String readText(Path file) {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new TextException("%s is not UTF-8 text".formatted(file), e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static void writeJson(Path file, JsonNode content) {
    try {
      writeText(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(content) + "\n");
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  private static void writeText(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
