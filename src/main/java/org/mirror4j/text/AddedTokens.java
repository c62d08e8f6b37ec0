package org.mirror4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;

/**
 * The tokens that are looked for in a text before it is split into pieces of the model, gathered
 * from all files that may name them, as transformers does:
 *
 * <ol>
 *   <li>{@code added_tokens} of {@code tokenizer.json}, with ids;
 *   <li>{@code added_tokens_decoder} of {@code tokenizer_config.json}, with ids; its flags outrank
 *       those of {@code tokenizer.json}. Where there is none, {@code added_tokens.json} counts;
 *   <li>tokens with a role, {@code bos_token} and {@code additional_special_tokens} say, of {@code
 *       tokenizer_config.json} and, without an {@code added_tokens_decoder}, of {@code
 *       special_tokens_map.json}. They have no ids: one that is no piece yet gets the next.
 * </ol>
 *
 * <p>The library numbers added tokens itself, whatever a file says; so an id that is not the one it
 * would give is refused.
 */
final class AddedTokens {
  private static final String DECODER = "added_tokens_decoder";
  private static final String ADDED_TOKENS = "added_tokens";
  private static final List<String> FLAGS =
      List.of("single_word", "lstrip", "rstrip", "normalized", "special");

  private static final List<String> ROLES =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private final Map<String, Integer> modelIds;
  private final TreeMap<Integer, ObjectNode> byId = new TreeMap<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private final Set<String> stated = new HashSet<>();

  private AddedTokens(Map<String, Integer> modelIds) {
    this.modelIds = modelIds;
  }

  /**
   * The files beside {@code tokenizer.json} that name added tokens; an empty object for one that is
   * not there.
   *
   * @param config content of {@code tokenizer_config.json}
   * @param map content of {@code special_tokens_map.json}
   * @param added content of {@code added_tokens.json}
   */
  record Places(ObjectNode config, ObjectNode map, ObjectNode added) {
    /** Those that give tokens a role; where both do, the last counts. */
    List<ObjectNode> roles() {
      return config.has(DECODER) ? List.of(config) : List.of(config, map);
    }
  }

  /**
   * Puts all added tokens into {@code added_tokens} of a tokenizer.
   *
   * @param tokenizer content of {@code tokenizer.json}
   * @param plain whether it was made of a plain vocabulary: then the flags of the tokens in it are
   *     the usual ones, stated nowhere, and ids without a piece get one that no text holds, so that
   *     the ids of added tokens can be what their file says
   * @param modelIds the pieces of its model; extended
   * @throws TextException if two places contradict each other, or an id is not the next free one
   */
  static void merge(
      ObjectNode tokenizer, boolean plain, Map<String, Integer> modelIds, Places places) {
    AddedTokens tokens = new AddedTokens(modelIds);
    String place = ADDED_TOKENS + " of tokenizer.json";
    for (JsonNode token : list(tokenizer.path(ADDED_TOKENS), place)) {
      tokens.put(id(token.path("id"), token), token, true, place);
    }
    if (!plain) {
      tokens.stated.addAll(tokens.ids.keySet());
    }
    if (places.config().has(DECODER)) {
      tokens.putDecoder(places.config().path(DECODER));
    } else {
      tokens.putLegacy(places.added(), withRoles(places));
    }
    if (plain) {
      tokens.fillGaps((ObjectNode) tokenizer.path("model").path("vocab"));
    }
    tokens.putRoles(withRoles(places));
    tokens.checkNumbers();
    ArrayNode all = tokenizer.putArray(ADDED_TOKENS);
    tokens.byId.values().forEach(all::add);
  }

  /** Puts {@code added_tokens} of a tokenizer into {@code added_tokens_decoder}. */
  static void writeDecoder(ObjectNode config, JsonNode tokenizer) {
    ObjectNode decoder = config.putObject(DECODER);
    for (JsonNode token : tokenizer.path(ADDED_TOKENS)) {
      ObjectNode flags = ((ObjectNode) token).deepCopy();
      flags.remove("id");
      decoder.set(token.path("id").asText(), flags);
    }
  }

  private void putDecoder(JsonNode decoder) {
    String place = DECODER + " of tokenizer_config.json";
    if (!decoder.isObject()) {
      throw new TextException("%s is %s, expected an object".formatted(place, quote(decoder)));
    }
    for (Map.Entry<String, JsonNode> entry : decoder.properties()) {
      if (!entry.getKey().matches("\\d{1,9}")) {
        throw new TextException("%s: %s is no id".formatted(place, quote(entry.getKey())));
      }
      put(Integer.parseInt(entry.getKey()), entry.getValue(), true, place);
      stated.add(content(entry.getValue(), place));
    }
  }

  /** This file has no flags. */
  private void putLegacy(ObjectNode added, Map<String, JsonNode> special) {
    for (Map.Entry<String, JsonNode> entry : added.properties()) {
      ObjectNode token = named(entry.getKey());
      token.put("special", special.containsKey(entry.getKey()));
      put(id(entry.getValue(), token), token, false, "added_tokens.json");
      stated.add(entry.getKey());
    }
  }

  private void putRoles(Map<String, JsonNode> roles) {
    for (Map.Entry<String, JsonNode> role : roles.entrySet()) {
      String content = role.getKey();
      ObjectNode token =
          role.getValue() instanceof ObjectNode object ? object.deepCopy() : named(content);
      token.put("special", true);
      if (!ids.containsKey(content)) {
        put(modelIds.getOrDefault(content, next()), token, true, "special tokens");
      } else if (role.getValue().isObject() && !stated.contains(content)) {
        put(ids.get(content), token, true, "special tokens");
      }
    }
  }

  /**
   * Values of {@code ..._token}, and the members of the lists of further ones, by their text, in
   * the order in which transformers adds them.
   */
  private static Map<String, JsonNode> withRoles(Places places) {
    Map<String, JsonNode> byKey = new LinkedHashMap<>();
    ROLES.forEach(role -> byKey.put(role, NullNode.instance));
    for (ObjectNode file : places.roles()) {
      file.properties().forEach(entry -> byKey.put(entry.getKey(), entry.getValue()));
    }
    Map<String, JsonNode> byContent = new LinkedHashMap<>();
    byKey.forEach(
        (key, value) -> {
          if (key.endsWith("_token") && (value.isTextual() || value.isObject())) {
            byContent.putIfAbsent(content(value, key), value);
          }
        });
    for (String key : List.of("additional_special_tokens", "extra_special_tokens")) {
      byKey
          .getOrDefault(key, NullNode.instance)
          .forEach(token -> byContent.putIfAbsent(content(token, key), token));
    }
    return byContent;
  }

  private static ObjectNode named(String content) {
    return JsonFiles.object().put("content", content);
  }

  /** All places must agree about what an id and a token are. */
  private void put(int id, JsonNode token, boolean outranks, String place) {
    String content = content(token, place);
    Integer other = modelIds.getOrDefault(content, ids.get(content));
    if (other != null && other != id) {
      throw new TextException(
          "%s: %s has id %d, but %d elsewhere".formatted(place, quote(content), id, other));
    }
    ObjectNode before = byId.get(id);
    if (before != null && !before.path("content").textValue().equals(content)) {
      throw new TextException(
          "%s: id %d is %s, but %s elsewhere"
              .formatted(place, id, quote(content), quote(before.path("content").textValue())));
    }
    ids.put(content, id);
    if (before == null || outranks) {
      byId.put(id, flagged(id, content, token, place));
    }
  }

  /** Special tokens are looked for in the text as it is, unless they say otherwise. */
  private static ObjectNode flagged(int id, String content, JsonNode token, String place) {
    ObjectNode result = JsonFiles.object().put("id", id).put("content", content);
    for (String flag : FLAGS) {
      JsonNode value = token.path(flag);
      if (!value.isBoolean() && !value.isMissingNode() && !value.isNull()) {
        throw new TextException(
            "%s: %s of %s is %s, expected true or false"
                .formatted(place, flag, quote(content), quote(value)));
      }
      result.put(
          flag,
          value.asBoolean(flag.equals("normalized") && !token.path("special").asBoolean(false)));
    }
    return result;
  }

  /** The library counts the pieces of the model to find the id of the first token added to it. */
  private void fillGaps(ObjectNode vocabulary) {
    int highest = ModelCheck.highestId(modelIds.size());
    if (!byId.isEmpty() && byId.lastKey() > highest) {
      throw new TextException(
          "the added token %s has id %d, expected at most %d with %d pieces"
              .formatted(
                  quote(byId.lastEntry().getValue().path("content")),
                  byId.lastKey(),
                  highest,
                  modelIds.size()));
    }
    BitSet taken = new BitSet();
    modelIds.values().forEach(taken::set);
    byId.keySet().forEach(taken::set);
    for (int id = taken.nextClearBit(0); id < taken.length(); id = taken.nextClearBit(id + 1)) {
      // No word holds a space.
      String piece = "[no piece " + id + "]";
      vocabulary.put(piece, id);
      modelIds.put(piece, id);
    }
  }

  /** The id that the library gives to the next token that is no piece of the model. */
  private int next() {
    return Math.max(modelIds.size(), byId.isEmpty() ? 0 : byId.lastKey() + 1);
  }

  private void checkNumbers() {
    int next = modelIds.size();
    for (Map.Entry<Integer, ObjectNode> token : byId.entrySet()) {
      int id = token.getKey();
      String content = token.getValue().path("content").textValue();
      if (!modelIds.containsKey(content) && id != next) {
        throw new TextException(
            "the added token %s has id %d, expected %d, the next free one"
                .formatted(quote(content), id, next));
      }
      next = Math.max(next, id + 1);
    }
  }

  private static JsonNode list(JsonNode node, String place) {
    if (!node.isArray() && !node.isMissingNode() && !node.isNull()) {
      throw new TextException("%s is %s, expected a list".formatted(place, quote(node)));
    }
    return node;
  }

  private static int id(JsonNode id, JsonNode token) {
    if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
      throw new TextException(
          "the added token %s has id %s, expected a whole number from 0"
              .formatted(quote(token.path("content")), quote(id)));
    }
    return id.intValue();
  }

  private static String content(JsonNode token, String place) {
    JsonNode content = token.isTextual() ? token : token.path("content");
    if (!content.isTextual() || content.textValue().isEmpty()) {
      throw new TextException("%s: %s has no text".formatted(place, quote(token)));
    }
    return content.textValue();
  }

  private static String quote(JsonNode node) {
    return quote(node.isTextual() ? node.textValue() : node.toString());
  }

  private static String quote(String text) {
    return FileException.quote(text);
  }
}
