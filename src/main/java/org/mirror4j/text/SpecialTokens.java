package org.mirror4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The five special tokens of a masked language model.
 *
 * @param cls starts every sequence, {@code [CLS]} or {@code <s>}
 * @param sep ends every sequence
 * @param pad fills padded rows
 * @param mask stands for hidden text
 * @param unknown stands for what the vocabulary cannot spell
 */
public record SpecialTokens(String cls, String sep, String pad, String mask, String unknown) {
  /** The tokens of BERT. */
  public static final SpecialTokens BERT =
      new SpecialTokens("[CLS]", "[SEP]", "[PAD]", "[MASK]", "[UNK]");

  /** The tokens of RoBERTa. */
  public static final SpecialTokens ROBERTA =
      new SpecialTokens("<s>", "</s>", "<pad>", "<mask>", "<unk>");

  /** Name of each token in {@code tokenizer_config.json} and {@code special_tokens_map.json}. */
  Map<String, String> byConfigKey() {
    Map<String, String> tokens = new LinkedHashMap<>();
    tokens.put("unk_token", unknown);
    tokens.put("sep_token", sep);
    tokens.put("pad_token", pad);
    tokens.put("cls_token", cls);
    tokens.put("mask_token", mask);
    return tokens;
  }

  /** The tokens as a list, in no order that means anything. */
  List<String> all() {
    return List.copyOf(byConfigKey().values());
  }

  /** These tokens, but those that {@code config} names instead. */
  SpecialTokens overriddenBy(JsonNode config) {
    return new SpecialTokens(
        named(config, "cls_token", cls),
        named(config, "sep_token", sep),
        named(config, "pad_token", pad),
        named(config, "mask_token", mask),
        named(config, "unk_token", unknown));
  }

  /** A token is written as a string, or as an object with its text in {@code content}. */
  private static String named(JsonNode config, String key, String otherwise) {
    JsonNode token = config.path(key);
    return token.isObject() ? token.path("content").asText(otherwise) : token.asText(otherwise);
  }
}
