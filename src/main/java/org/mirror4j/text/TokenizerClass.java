package org.mirror4j.text;

import static org.mirror4j.file.FileException.quote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/**
 * The tokenizer class of transformers that a model's files name, and whether this package reads
 * those files as that class would.
 *
 * <p>Over a plain vocabulary the class says everything: which are read is a list. A {@code
 * tokenizer.json} says everything itself, and any class is read that would follow it; not so
 * classes that have no fast form, which would not look at it, and classes whose model is of another
 * kind, where one of the two files is another model's.
 */
final class TokenizerClass {
  private static final Set<String> WORD_PIECE =
      Set.of(
          "BertTokenizer",
          "ConvBertTokenizer",
          "DistilBertTokenizer",
          "DPRContextEncoderTokenizer",
          "DPRQuestionEncoderTokenizer",
          "DPRReaderTokenizer",
          "ElectraTokenizer",
          "LayoutLMTokenizer",
          "LxmertTokenizer",
          "MobileBertTokenizer",
          "RetriBertTokenizer",
          "SqueezeBertTokenizer");

  private static final Set<String> BYTE_LEVEL =
      Set.of("BartTokenizer", "LEDTokenizer", "LongformerTokenizer", "RobertaTokenizer");

  private static final Set<String> SENTENCE_PIECE =
      Set.of(
          "AlbertTokenizer",
          "BarthezTokenizer",
          "BigBirdTokenizer",
          "CamembertTokenizer",
          "DebertaV2Tokenizer",
          "MBartTokenizer",
          "RemBertTokenizer",
          "T5Tokenizer",
          "XLMRobertaTokenizer",
          "XLNetTokenizer");

  /** Those that split words by code of their own. */
  private static final Set<String> WITHOUT_FAST_FORM =
      Set.of(
          "BartphoTokenizer",
          "BertGenerationTokenizer",
          "BertJapaneseTokenizer",
          "BertweetTokenizer",
          "BioGptTokenizer",
          "ByT5Tokenizer",
          "CanineTokenizer",
          "CharacterTokenizer",
          "CpmAntTokenizer",
          "CTRLTokenizer",
          "EsmTokenizer",
          "FlaubertTokenizer",
          "FSMTTokenizer",
          "LukeTokenizer",
          "M2M100Tokenizer",
          "MarianTokenizer",
          "MecabTokenizer",
          "MLukeTokenizer",
          "PerceiverTokenizer",
          "PhobertTokenizer",
          "ProphetNetTokenizer",
          "RoCBertTokenizer",
          "TapasTokenizer",
          "XLMProphetNetTokenizer",
          "XLMTokenizer");

  private TokenizerClass() {}

  /**
   * Checks the class that {@code tokenizer_config.json} or else {@code config.json} names, or that
   * the latter's model type implies.
   *
   * @param config content of {@code tokenizer_config.json}
   * @param model content of {@code config.json}
   * @param kind type of the model of the tokenizer: WordPiece, BPE, WordLevel or Unigram
   * @param plain whether it was made of a plain vocabulary, without {@code tokenizer.json}
   * @throws TextException if this class would give other tokens
   */
  static void check(ObjectNode config, ObjectNode model, String kind, boolean plain) {
    for (String key : new String[] {"word_tokenizer_type", "subword_tokenizer_type"}) {
      if (config.hasNonNull(key)) {
        throw new TextException(
            "tokenizer_config.json: %s is %s: tokenizers of BertJapaneseTokenizer are not read"
                .formatted(key, quote(config.get(key).asText())));
      }
    }
    JsonNode code = config.path("auto_map").path("AutoTokenizer");
    if (!code.isMissingNode() && !code.isNull()) {
      throw new TextException(
          "tokenizer_config.json: auto_map names a tokenizer of the model's own code, which is not"
              + " run");
    }
    boolean named = config.path("tokenizer_class").isTextual();
    String file = named ? "tokenizer_config.json" : "config.json";
    JsonNode given = (named ? config : model).path("tokenizer_class");
    if (given.isTextual()) {
      check(file, given.textValue(), kind, plain);
    } else if (plain && ofSentencePiece(model.path("model_type").asText())) {
      throw new TextException(
          "config.json: model_type is %s, whose tokenizer is SentencePiece: expected its tokenizer.json"
              .formatted(model.path("model_type").asText()));
    }
  }

  private static boolean ofSentencePiece(String modelType) {
    return modelType.equals("xlm-roberta") || modelType.equals("camembert");
  }

  private static void check(String file, String name, String kind, boolean plain) {
    String slow = name.endsWith("Fast") ? name.substring(0, name.length() - 4) : name;
    String named = "%s: tokenizer_class is %s".formatted(file, quote(name));
    if (WITHOUT_FAST_FORM.contains(slow)) {
      throw new TextException(named + ", which splits words by code of its own and is not read");
    }
    String expected = kindOf(slow);
    if (plain && expected.equals("any")) {
      throw new TextException(named + ": expected its tokenizer.json beside it");
    }
    if (!expected.equals("any") && !expected.equals(kind)) {
      throw new TextException(
          "%s, a tokenizer of %s, but the files hold one of %s".formatted(named, expected, kind));
    }
  }

  private static String kindOf(String slow) {
    if (WORD_PIECE.contains(slow)) {
      return "WordPiece";
    }
    if (BYTE_LEVEL.contains(slow)) {
      return "BPE";
    }
    return SENTENCE_PIECE.contains(slow) ? "Unigram" : "any";
  }
}
