package org.mirror4j.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.mirror4j.file.FileException;

/**
 * Builds and edits the content of HuggingFace's {@code tokenizer.json}.
 *
 * <p>A BERT tokenizer is fully described by its vocabulary and the three settings of its
 * normaliser, a byte-level BPE one by its vocabulary and merges; the rest is the same for every
 * model of the kind.
 */
final class TokenizerJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /**
   * Settings of BERT's normaliser.
   *
   * @param stripAccents null follows {@code lowerCase}
   */
  record Normalisation(boolean lowerCase, Boolean stripAccents, boolean spaceChineseCharacters) {
    static Normalisation lowerCasing(boolean lowerCase) {
      return new Normalisation(lowerCase, null, true);
    }
  }

  private TokenizerJson() {}

  /**
   * WordPiece as of BERT.
   *
   * @param vocabulary piece of each id; of a piece given twice the last id counts
   */
  static ObjectNode wordPiece(
      List<String> vocabulary, Normalisation normalisation, SpecialTokens special) {
    ObjectNode vocab = NODES.objectNode();
    for (int id = 0; id < vocabulary.size(); id++) {
      vocab.put(vocabulary.get(id), id);
    }
    ObjectNode root = root();
    for (String token : List.of(special.pad(), special.unknown(), special.cls(), special.sep())) {
      addToken(root, vocab, token, false);
    }
    addToken(root, vocab, special.mask(), false);
    ObjectNode normalizer = root.putObject("normalizer").put("type", "BertNormalizer");
    normalizer.put("clean_text", true);
    apply(normalizer, normalisation);
    root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    template(root, special, vocab.get(special.cls()).asInt(), vocab.get(special.sep()).asInt());
    root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
    ObjectNode model = root.putObject("model").put("type", "WordPiece");
    model.put("unk_token", special.unknown());
    model.put("continuing_subword_prefix", "##");
    model.put("max_input_chars_per_word", 100);
    model.set("vocab", vocab);
    return root;
  }

  /**
   * Byte-level BPE as of RoBERTa.
   *
   * @param vocab id of each piece
   * @param merges "left right", best first
   */
  static ObjectNode byteLevelBpe(ObjectNode vocab, List<String> merges, SpecialTokens special) {
    ObjectNode root = root();
    for (String token : List.of(special.cls(), special.pad(), special.sep(), special.unknown())) {
      addToken(root, vocab, token, false);
    }
    addToken(root, vocab, special.mask(), true);
    root.putNull("normalizer");
    byteLevel(root.putObject("pre_tokenizer"), false);
    ObjectNode post = root.putObject("post_processor").put("type", "RobertaProcessing");
    post.putArray("sep").add(special.sep()).add(vocab.get(special.sep()).asInt());
    post.putArray("cls").add(special.cls()).add(vocab.get(special.cls()).asInt());
    post.put("trim_offsets", true).put("add_prefix_space", false);
    byteLevel(root.putObject("decoder"), true);
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.putNull("dropout").putNull("unk_token");
    model.put("continuing_subword_prefix", "").put("end_of_word_suffix", "").put("fuse_unk", false);
    model.set("vocab", vocab);
    ArrayNode ranked = model.putArray("merges");
    merges.forEach(ranked::add);
    return root;
  }

  /** BERT's normaliser in {@code root}, alone or in a sequence; null where there is none. */
  static ObjectNode bertNormalizer(JsonNode root) {
    return find(root.path("normalizer"));
  }

  private static ObjectNode find(JsonNode normalizer) {
    if (normalizer instanceof ObjectNode found
        && found.path("type").asText().equals("BertNormalizer")) {
      return found;
    }
    for (JsonNode member : normalizer.path("normalizers")) {
      ObjectNode found = find(member);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** Puts a normaliser that lower-cases before that of {@code root}, unless it is there. */
  static void lowerCaseFirst(ObjectNode root) {
    JsonNode old = root.path("normalizer");
    ArrayNode members = NODES.arrayNode();
    if (old.path("type").asText().equals("Sequence")) {
      old.path("normalizers").forEach(members::add);
    } else if (old.isObject()) {
      members.add(old);
    }
    for (JsonNode member : members) {
      if (member.path("type").asText().equals("Lowercase")) {
        return;
      }
    }
    members.insertObject(0).put("type", "Lowercase");
    root.putObject("normalizer").put("type", "Sequence").set("normalizers", members);
  }

  static void apply(ObjectNode normalizer, Normalisation normalisation) {
    normalizer.put("handle_chinese_chars", normalisation.spaceChineseCharacters());
    normalizer.put("strip_accents", normalisation.stripAccents());
    normalizer.put("lowercase", normalisation.lowerCase());
  }

  static Normalisation normalisation(ObjectNode normalizer) {
    JsonNode strip = normalizer.path("strip_accents");
    return new Normalisation(
        normalizer.path("lowercase").asBoolean(true),
        strip.isBoolean() ? (Boolean) strip.asBoolean() : null,
        normalizer.path("handle_chinese_chars").asBoolean(true));
  }

  private static ObjectNode root() {
    ObjectNode root = NODES.objectNode().put("version", "1.0");
    root.putNull("truncation").putNull("padding").putArray("added_tokens");
    return root;
  }

  /** Special tokens are looked for in the raw text, before it is normalised. */
  private static void addToken(ObjectNode root, ObjectNode vocab, String token, boolean lstrip) {
    JsonNode id = vocab.get(token);
    if (id == null) {
      throw new TextException(
          "the vocabulary of %d pieces lacks the special token %s"
              .formatted(vocab.size(), FileException.clean(token)));
    }
    ObjectNode added = ((ArrayNode) root.get("added_tokens")).addObject();
    added.put("id", id.asInt()).put("content", token).put("single_word", false);
    added.put("lstrip", lstrip).put("rstrip", false).put("normalized", false).put("special", true);
  }

  private static void byteLevel(ObjectNode node, boolean prefixSpace) {
    node.put("type", "ByteLevel").put("add_prefix_space", prefixSpace).put("trim_offsets", true);
  }

  /** {@code [CLS] A [SEP]}, and {@code [CLS] A [SEP] B [SEP]} for a pair. */
  private static void template(ObjectNode root, SpecialTokens special, int cls, int sep) {
    ObjectNode post = root.putObject("post_processor").put("type", "TemplateProcessing");
    ArrayNode single = post.putArray("single");
    ArrayNode pair = post.putArray("pair");
    for (ArrayNode sequence : List.of(single, pair)) {
      place(sequence, "SpecialToken", special.cls(), 0);
      place(sequence, "Sequence", "A", 0);
      place(sequence, "SpecialToken", special.sep(), 0);
    }
    place(pair, "Sequence", "B", 1);
    place(pair, "SpecialToken", special.sep(), 1);
    ObjectNode tokens = post.putObject("special_tokens");
    describe(tokens, special.cls(), cls);
    describe(tokens, special.sep(), sep);
  }

  private static void place(ArrayNode sequence, String kind, String id, int type) {
    sequence.addObject().putObject(kind).put("id", id).put("type_id", type);
  }

  private static void describe(ObjectNode tokens, String token, int id) {
    ObjectNode described = tokens.putObject(token).put("id", token);
    described.putArray("ids").add(id);
    described.putArray("tokens").add(token);
  }
}
