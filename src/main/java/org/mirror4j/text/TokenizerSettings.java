package org.mirror4j.text;

import static org.mirror4j.file.FileException.quote;
import static org.mirror4j.text.ModelCheck.shown;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;

/**
 * Settings of {@code tokenizer_config.json} that change tokens. They outrank {@code
 * tokenizer.json}, as in transformers, but only where they are given; what cannot be done is
 * refused.
 */
final class TokenizerSettings {
  private static final String TRUNCATION_SIDE = "truncation_side", LEFT = "left";

  private TokenizerSettings() {}

  /**
   * Does what the settings say.
   *
   * @param tokenizer content of {@code tokenizer.json}; changed
   * @param config content of {@code tokenizer_config.json}; the side on which {@code
   *     tokenizer.json} cuts is put into it
   * @param plain whether the tokenizer was made of a plain vocabulary; settings that only the slow
   *     classes of transformers know count there alone
   * @throws TextException naming the setting, what was found and what was expected
   */
  static void apply(ObjectNode tokenizer, ObjectNode config, boolean plain) {
    for (String flag :
        List.of("do_lower_case", "strip_accents", "tokenize_chinese_chars", "add_prefix_space")) {
      isFlag(config, flag);
    }
    ObjectNode bert = TokenizerJson.bertNormalizer(tokenizer);
    if (bert != null) {
      TokenizerJson.apply(bert, normalisation(TokenizerJson.normalisation(bert), config));
    } else if (tokenizer.path("model").path("type").asText().equals("WordPiece")) {
      agree(tokenizer, config, "do_lower_case", "Lowercase");
      agree(tokenizer, config, "strip_accents", "StripAccents");
    }
    if (config.path("add_prefix_space").isBoolean()) {
      prefixSpace(tokenizer.path("pre_tokenizer"), config.path("add_prefix_space").booleanValue());
    }
    if (isFlag(config, "split_special_tokens")) {
      throw wrong(config, "split_special_tokens", "false");
    }
    if (plain) {
      slow(config);
    }
    truncation(tokenizer, config);
    tokenizer.putNull("truncation").putNull("padding");
  }

  /** Whether texts lose their start, not their end, when they are cut. */
  static boolean cutsLeft(ObjectNode config) {
    return config.path(TRUNCATION_SIDE).asText().equals(LEFT);
  }

  private static TokenizerJson.Normalisation normalisation(
      TokenizerJson.Normalisation otherwise, ObjectNode config) {
    JsonNode strip = config.path("strip_accents");
    return new TokenizerJson.Normalisation(
        config.path("do_lower_case").asBoolean(otherwise.lowerCase()),
        strip.isBoolean() ? (Boolean) strip.asBoolean() : otherwise.stripAccents(),
        config.path("tokenize_chinese_chars").asBoolean(otherwise.spaceChineseCharacters()));
  }

  /** Without BERT's normaliser the setting can only be what the file does anyway. */
  private static void agree(ObjectNode tokenizer, ObjectNode config, String key, String component) {
    JsonNode given = config.path(key);
    boolean done =
        !tokenizer.path("normalizer").findValuesAsText("type").stream()
            .filter(component::equals)
            .toList()
            .isEmpty();
    if (given.isBoolean() && given.booleanValue() != done) {
      throw new TextException(
          "tokenizer_config.json: %s is %s, but the normalizer of tokenizer.json has %s %s"
              .formatted(key, given, done ? "a" : "no", component));
    }
  }

  private static void prefixSpace(JsonNode preTokenizer, boolean space) {
    switch (preTokenizer.path("type").asText()) {
      case "ByteLevel" -> ((ObjectNode) preTokenizer).put("add_prefix_space", space);
      case "Sequence" ->
          preTokenizer.path("pretokenizers").forEach(member -> prefixSpace(member, space));
      case "Metaspace" -> {
        JsonNode old = preTokenizer.path("add_prefix_space");
        String scheme =
            preTokenizer.path("prepend_scheme").asText(old.asBoolean(true) ? "always" : "never");
        if (scheme.equals("never") == space) {
          throw new TextException(
              "tokenizer_config.json: add_prefix_space is %s, but Metaspace of tokenizer.json has %s"
                  .formatted(space, quote(scheme)));
        }
      }
      default -> {}
    }
  }

  private static void slow(ObjectNode config) {
    if (config.has("do_basic_tokenize") && !isFlag(config, "do_basic_tokenize")) {
      throw wrong(config, "do_basic_tokenize", "true");
    }
    if (!config.path("never_split").isEmpty()) {
      throw wrong(config, "never_split", "no words");
    }
  }

  private static void truncation(ObjectNode tokenizer, ObjectNode config) {
    JsonNode side = config.path(TRUNCATION_SIDE);
    if (side.isMissingNode() || side.isNull()) {
      if (tokenizer.path("truncation").path("direction").asText().equals("Left")) {
        config.put(TRUNCATION_SIDE, LEFT);
      }
    } else if (!Set.of(LEFT, "right").contains(side.asText())) {
      throw wrong(config, TRUNCATION_SIDE, "left or right");
    }
  }

  private static boolean isFlag(ObjectNode config, String key) {
    JsonNode value = config.path(key);
    if (!value.isBoolean() && !value.isMissingNode() && !value.isNull()) {
      throw wrong(config, key, "true or false");
    }
    return value.asBoolean(false);
  }

  private static TextException wrong(ObjectNode config, String key, String expected) {
    return new TextException(
        "tokenizer_config.json: %s is %s, expected %s"
            .formatted(key, shown(config.path(key)), expected));
  }
}
