package org.mirror4j.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;

/**
 * Writes the tokenizer files of a model directory: what transformers reads, the fast tokenizer, its
 * configuration and vocabulary files.
 */
record TokenizerWriter(TokenizerFiles files) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Writes all of them, in place of those that are there. */
  void write(Path directory) {
    ObjectNode model = (ObjectNode) files.tokenizer().get("model");
    String type = model.path("type").asText();
    ObjectNode written = files.config().deepCopy();
    ObjectNode normalizer = TokenizerJson.bertNormalizer(files.tokenizer());
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
    ObjectNode map = JsonFiles.object();
    for (Map.Entry<String, String> token : files.special().byConfigKey().entrySet()) {
      map.put(token.getKey(), token.getValue());
      written.put(token.getKey(), token.getValue());
    }
    if (files.config().has("additional_special_tokens")) {
      map.set("additional_special_tokens", files.config().get("additional_special_tokens"));
    }
    if (hasMoreTokens()) {
      AddedTokens.writeDecoder(written, files.tokenizer());
    }
    writeJson(directory.resolve("tokenizer.json"), files.tokenizer());
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
    List<String> usual = files.special().all();
    for (JsonNode token : files.tokenizer().path("added_tokens")) {
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
    return files.config().has("added_tokens_decoder");
  }

  /** The pieces by id; an empty line for an id that none has. */
  private static List<String> pieces(JsonNode vocab) {
    TreeMap<Integer, String> byId = new TreeMap<>();
    vocab.properties().forEach(piece -> byId.put(piece.getValue().intValue(), piece.getKey()));
    List<String> pieces = new ArrayList<>(Collections.nCopies(byId.lastKey() + 1, ""));
    byId.forEach(pieces::set);
    return pieces;
  }

  /** A merge is "left right", in newer files ["left", "right"]. */
  private static String mergeLine(JsonNode merge) {
    return merge.isArray() ? merge.get(0).asText() + " " + merge.get(1).asText() : merge.asText();
  }

  private static String lines(List<String> lines) {
    return String.join("\n", lines) + "\n";
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
