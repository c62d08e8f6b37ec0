package org.mirror4j.text;

import static org.mirror4j.file.FileException.quote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mirror4j.file.FileException;

/**
 * Checks {@code model} of a {@code tokenizer.json}: that the library loads it, and can encode any
 * text with it. The library ends the process where it cannot.
 */
final class ModelCheck {
  /** The library tries all pieces of a word at each of its characters. */
  private static final int LONGEST_WORD = 1000;

  /** Ids may leave gaps, but not more than there are pieces, and these. */
  private static final int MORE_IDS = 10_000;

  private static final String UNKNOWN = "unk_token", PREFIX = "continuing_subword_prefix";

  private static final Map<String, Set<String>> FIELDS =
      Map.of(
          "WordPiece", Set.of(UNKNOWN, PREFIX, "max_input_chars_per_word", "vocab"),
          "BPE",
              Set.of(
                  "dropout",
                  UNKNOWN,
                  PREFIX,
                  "end_of_word_suffix",
                  "fuse_unk",
                  "byte_fallback",
                  "ignore_merges",
                  "vocab",
                  "merges"),
          "WordLevel", Set.of(UNKNOWN, "vocab"),
          "Unigram", Set.of("unk_id", "vocab", "byte_fallback"));

  private final ObjectNode model;
  private final String type;
  private Map<String, Integer> ids;

  private ModelCheck(ObjectNode model, String type) {
    this.model = model;
    this.type = type;
  }

  /**
   * Checks a model. Where its type is missing, as in old files, that is put in.
   *
   * @return the id of each piece
   * @throws TextException naming the field, what was found and what was expected
   */
  static Map<String, Integer> check(ObjectNode tokenizer) {
    if (!(tokenizer.get("model") instanceof ObjectNode model)) {
      throw new TextException("the tokenizer has no model");
    }
    if (!model.has("type")) {
      model.put("type", typeOf(model));
    }
    String type = model.path("type").asText();
    if (!FIELDS.containsKey(type)) {
      throw new TextException(
          "model: type is %s, expected WordPiece, BPE, Unigram or WordLevel"
              .formatted(quote(type)));
    }
    return new ModelCheck(model, type).check();
  }

  private static String typeOf(ObjectNode model) {
    if (model.has("merges")) {
      return "BPE";
    }
    return model.path("vocab").isArray() ? "Unigram" : model.has(PREFIX) ? "WordPiece" : "";
  }

  private Map<String, Integer> check() {
    for (Map.Entry<String, JsonNode> field : model.properties()) {
      if (!field.getKey().equals("type") && !FIELDS.get(type).contains(field.getKey())) {
        throw new TextException("model: %s has no %s".formatted(type, quote(field.getKey())));
      }
    }
    ids = type.equals("Unigram") ? listed() : mapped();
    if (ids.isEmpty()) {
      throw new TextException("the tokenizer has no vocabulary");
    }
    switch (type) {
      case "WordPiece" -> {
        text(PREFIX, false);
        unknownIsAPiece(true);
        JsonNode longest = model.path("max_input_chars_per_word");
        if (!longest.isMissingNode() && !wholeNumber(longest, LONGEST_WORD)) {
          throw wrong("max_input_chars_per_word", longest, "a number from 0 to " + LONGEST_WORD);
        }
      }
      case "BPE" -> {
        text(PREFIX, true);
        text("end_of_word_suffix", true);
        unknownIsAPiece(false);
        List.of("fuse_unk", "byte_fallback", "ignore_merges").forEach(this::flag);
        JsonNode dropout = model.path("dropout");
        if (!absent(dropout) && dropout.asDouble(1) != 0) {
          throw wrong("dropout", dropout, "none: it gives other pieces at each call");
        }
        checkMerges();
      }
      case "WordLevel" -> unknownIsAPiece(true);
      default -> {
        flag("byte_fallback");
        JsonNode unknown = model.path("unk_id");
        if (!wholeNumber(unknown, model.path("vocab").size() - 1)) {
          throw wrong("unk_id", unknown, "the place of a piece");
        }
      }
    }
    return ids;
  }

  /** Pieces of Unigram are pairs of text and score, their places the ids. */
  private Map<String, Integer> listed() {
    Map<String, Integer> found = new HashMap<>();
    for (JsonNode piece : model.path("vocab")) {
      JsonNode text = piece.path(0);
      JsonNode score = piece.path(1);
      if (piece.size() != 2 || !text.isTextual() || text.textValue().isEmpty()) {
        throw new TextException("vocab: %s is no piece with its score".formatted(shown(piece)));
      }
      if (!score.isNumber() || !Double.isFinite(score.doubleValue())) {
        throw new TextException("vocab: the score of %s is no number".formatted(shown(text)));
      }
      put(found, text.textValue(), found.size());
    }
    return found;
  }

  private Map<String, Integer> mapped() {
    JsonNode vocab = model.path("vocab");
    if (!vocab.isObject() && !absent(vocab)) {
      throw wrong("vocab", vocab, "an object");
    }
    int highest = highestId(vocab.size());
    Map<String, Integer> found = HashMap.newHashMap(vocab.size());
    Set<Integer> taken = HashSet.newHashSet(vocab.size());
    for (Map.Entry<String, JsonNode> piece : vocab.properties()) {
      if (!wholeNumber(piece.getValue(), highest)) {
        throw new TextException(
            "vocab: the id of %s is %s, expected a whole number from 0 to %d with %d pieces"
                .formatted(quote(piece.getKey()), shown(piece.getValue()), highest, vocab.size()));
      }
      int id = piece.getValue().intValue();
      if (!taken.add(id)) {
        throw new TextException(
            "vocab: %s and another piece have the id %d".formatted(quote(piece.getKey()), id));
      }
      put(found, piece.getKey(), id);
    }
    return found;
  }

  /** The highest id that a vocabulary of so many pieces may have. */
  static int highestId(int pieces) {
    return 2 * pieces + MORE_IDS;
  }

  private static void put(Map<String, Integer> found, String piece, int id) {
    checkWellFormed(piece);
    if (found.put(piece, id) != null) {
      throw new TextException("vocab: %s stands there twice".formatted(quote(piece)));
    }
  }

  /** The library takes UTF-8, which cannot hold half a surrogate pair. */
  static void checkWellFormed(String piece) {
    for (int i = 0; i < piece.length(); i += Character.charCount(piece.codePointAt(i))) {
      if (Character.getType(piece.codePointAt(i)) == Character.SURROGATE) {
        throw new TextException(
            "the piece %s holds half a surrogate pair, expected Unicode text"
                .formatted(quote(piece.replaceAll("[\uD800-\uDFFF]", "?"))));
      }
    }
  }

  /** A merge is "left right", in newer files ["left", "right"]. */
  private void checkMerges() {
    String prefix = model.path(PREFIX).asText("");
    JsonNode merges = model.path("merges");
    if (!merges.isArray()) {
      throw wrong("merges", merges, "a list");
    }
    for (JsonNode merge : merges) {
      String[] parts = parts(merge);
      if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
        throw new TextException("merges: %s is not two pieces".formatted(shown(merge)));
      }
      if (!parts[1].startsWith(prefix)) {
        throw new TextException(
            "merges: %s does not continue a word, expected %s before it"
                .formatted(quote(parts[1]), quote(prefix)));
      }
      String merged = parts[0] + parts[1].substring(prefix.length());
      for (String piece : List.of(parts[0], parts[1], merged)) {
        if (!ids.containsKey(piece)) {
          throw new TextException(
              "merges: %s needs %s, which is no piece of the vocabulary"
                  .formatted(shown(merge), quote(piece)));
        }
      }
    }
  }

  private static String[] parts(JsonNode merge) {
    if (merge.isTextual()) {
      return merge.textValue().split(" ", -1);
    }
    boolean pair = merge.size() == 2 && merge.path(0).isTextual() && merge.path(1).isTextual();
    return pair ? new String[] {merge.get(0).textValue(), merge.get(1).textValue()} : new String[0];
  }

  private void unknownIsAPiece(boolean needed) {
    JsonNode unknown = model.path(UNKNOWN);
    if (!needed && absent(unknown)) {
      return;
    }
    if (!unknown.isTextual() || !ids.containsKey(unknown.textValue())) {
      throw wrong(UNKNOWN, unknown, "a piece of the vocabulary");
    }
  }

  private void text(String field, boolean orNull) {
    JsonNode value = model.path(field);
    if (!value.isTextual() && !value.isMissingNode() && !(orNull && value.isNull())) {
      throw wrong(field, value, "a text");
    }
  }

  private void flag(String field) {
    JsonNode value = model.path(field);
    if (!value.isMissingNode() && !value.isBoolean()) {
      throw wrong(field, value, "true or false");
    }
  }

  private static boolean wholeNumber(JsonNode node, int highest) {
    return node.isIntegralNumber()
        && node.canConvertToInt()
        && node.intValue() >= 0
        && node.intValue() <= highest;
  }

  private static boolean absent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private TextException wrong(String field, JsonNode found, String expected) {
    return new TextException(
        "model: %s of %s is %s, expected %s".formatted(field, type, shown(found), expected));
  }

  /** A value from a file, fit for a message. */
  static String shown(JsonNode node) {
    if (node.isMissingNode()) {
      return "missing";
    }
    return FileException.quote(node.isTextual() ? node.textValue() : node.toString());
  }
}
