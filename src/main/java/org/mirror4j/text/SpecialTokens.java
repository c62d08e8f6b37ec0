package org.mirror4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

  /**
   * These tokens, but those that files name instead; where several do, the last counts.
   *
   * @throws TextException if one is named by anything but its text or an object with it
   */
  SpecialTokens overriddenBy(List<ObjectNode> files) {
    SpecialTokens tokens = this;
    for (ObjectNode file : files) {
      tokens =
          new SpecialTokens(
              named(file, "cls_token", tokens.cls),
              named(file, "sep_token", tokens.sep),
              named(file, "pad_token", tokens.pad),
              named(file, "mask_token", tokens.mask),
              named(file, "unk_token", tokens.unknown));
    }
    return tokens;
  }

  private static String named(JsonNode file, String key, String otherwise) {
    JsonNode token = file.path(key);
    if (token.isMissingNode() || token.isNull()) {
      return otherwise;
    }
    JsonNode content = token.isObject() ? token.path("content") : token;
    if (!content.isTextual()) {
      throw new TextException(
          "%s is %s, expected a text or an object with its content"
              .formatted(key, ModelCheck.shown(token)));
    }
    return content.textValue();
  }
}
