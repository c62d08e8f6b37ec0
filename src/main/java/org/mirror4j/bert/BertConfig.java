package org.mirror4j.bert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TokenizerKind;

/**
 * Architecture of a BERT-shaped encoder, as in {@code config.json} of a model directory. Sizes are
 * bounded by {@link #LARGEST} before anything is made of them.
 *
 * @param family which of the two kinds of BERT-shaped models this is
 * @param vocabSize {@code vocab_size}, rows of the word embeddings
 * @param hiddenSize {@code hidden_size}
 * @param numHiddenLayers {@code num_hidden_layers}
 * @param numAttentionHeads {@code num_attention_heads}, divides hiddenSize
 * @param intermediateSize {@code intermediate_size} of the feed-forward block
 * @param maxPositionEmbeddings {@code max_position_embeddings}, rows of the position embeddings
 * @param typeVocabSize {@code type_vocab_size}
 * @param layerNormEps {@code layer_norm_eps}
 * @param geluForm from {@code hidden_act}
 * @param initializerRange {@code initializer_range}, standard deviation of fresh weights
 * @param padTokenId {@code pad_token_id}, below vocabSize
 */
public record BertConfig(
    Family family,
    int vocabSize,
    int hiddenSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int intermediateSize,
    int maxPositionEmbeddings,
    int typeVocabSize,
    float layerNormEps,
    GeluForm geluForm,
    float initializerRange,
    int padTokenId) {

  /** The largest sizes that are taken, by key; some thirty times those of the largest models. */
  public static final Map<String, Integer> LARGEST =
      Map.of(
          "vocab_size", 1 << 24,
          "hidden_size", 1 << 16,
          "num_hidden_layers", 1 << 10,
          "num_attention_heads", 1 << 10,
          "intermediate_size", 1 << 18,
          "max_position_embeddings", 1 << 20,
          "type_vocab_size", 1 << 16);

  /** Kinds of BERT-shaped models; they differ in position ids and tensor names. */
  public enum Family {
    /** Positions count from 0; names start with {@code bert.} */
    BERT(Map.of("bert", "Bert")),
    /** Positions count from padTokenId + 1; names start with {@code roberta.} */
    ROBERTA(Map.of("roberta", "Roberta", "xlm-roberta", "XLMRoberta", "camembert", "Camembert"));

    /** How the names of its classes in transformers begin, by {@code model_type}. */
    private final Map<String, String> classes;

    Family(Map<String, String> classes) {
      this.classes = classes;
    }

    /** The family of a {@code model_type}. */
    static Optional<Family> ofModelType(String modelType) {
      return Arrays.stream(values())
          .filter(family -> family.classes.containsKey(modelType))
          .findFirst();
    }

    /** The {@code model_type} that all of a family can be called by. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** What tensor names of a model with a head start with. */
    public String prefix() {
      return label() + ".";
    }
  }

  /** Checks the sizes against their limits and each other. */
  public BertConfig {
    within("vocab_size", vocabSize);
    within("hidden_size", hiddenSize);
    within("num_hidden_layers", numHiddenLayers);
    within("num_attention_heads", numAttentionHeads);
    within("intermediate_size", intermediateSize);
    within("max_position_embeddings", maxPositionEmbeddings);
    within("type_vocab_size", typeVocabSize);
    if (hiddenSize % numAttentionHeads != 0) {
      throw new IllegalArgumentException(
          "config: hidden_size is %d, expected a multiple of num_attention_heads = %d"
              .formatted(hiddenSize, numAttentionHeads));
    }
    if (!(layerNormEps > 0) || layerNormEps == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "config: layer_norm_eps is " + layerNormEps + ", expected a positive number");
    }
    if (padTokenId < 0 || padTokenId >= vocabSize) {
      throw new IllegalArgumentException(
          "config: pad_token_id is %d, expected 0 to vocab_size - 1 = %d"
              .formatted(padTokenId, vocabSize - 1));
    }
    if (family == Family.ROBERTA && maxPositionEmbeddings <= padTokenId + 1) {
      throw new IllegalArgumentException(
          "config: max_position_embeddings is %d, expected more than pad_token_id + 1 = %d"
              .formatted(maxPositionEmbeddings, padTokenId + 1));
    }
  }

  private static void within(String key, int value) {
    if (value < 1 || value > LARGEST.get(key)) {
      throw new IllegalArgumentException(
          "config: %s is %d, expected 1 to %d".formatted(key, value, LARGEST.get(key)));
    }
  }

  /** Elements of one attention head. */
  public int headSize() {
    return hiddenSize / numAttentionHeads;
  }

  /**
   * Multiplications of the matrix products of the layers, forward.
   *
   * @param tokens rows of all batches together
   * @param outputs of these the rows whose hidden states are wanted
   */
  public double multiplications(long tokens, long outputs) {
    double attention = 3.0 * hiddenSize * hiddenSize;
    double block = (double) hiddenSize * hiddenSize + 2.0 * hiddenSize * intermediateSize;
    return (numHiddenLayers * attention + (numHiddenLayers - 1) * block) * tokens + block * outputs;
  }

  /** Position id of the first token of a sequence. */
  public int positionOffset() {
    return family == Family.BERT ? 0 : padTokenId + 1;
  }

  /** How positions are counted. */
  public PackedBatch.Positions positions() {
    return family == Family.BERT
        ? PackedBatch.Positions.BERT
        : PackedBatch.Positions.roberta(padTokenId);
  }

  /** The most tokens of a sequence, special tokens included. */
  public int maxSequenceLength() {
    return maxPositionEmbeddings - positionOffset();
  }

  /**
   * A maximum length that the position embeddings allow and that leaves room for text.
   *
   * @throws IllegalArgumentException if it is not
   */
  public int requireLength(int maxLength) {
    if (maxLength < 3 || maxLength > maxSequenceLength()) {
      throw new IllegalArgumentException(
          "maximum length is %d, expected 3 to %d (max_position_embeddings is %d)"
              .formatted(maxLength, maxSequenceLength(), maxPositionEmbeddings));
    }
    return maxLength;
  }

  /**
   * Fails if a batch has tokens of a type that there is no row for, as pairs have where the
   * tokenizer is BERT's and the model a RoBERTa.
   *
   * @throws IllegalArgumentException naming the type and what is expected
   */
  public void requireTokenTypes(PackedBatch batch) {
    int highest = Arrays.stream(batch.tokenTypeIds()).max().orElse(0);
    if (highest >= typeVocabSize) {
      throw new IllegalArgumentException(
          "the tokenizer gives the second text of a pair the token type %d, expected less than the model's type_vocab_size of %d"
              .formatted(highest, typeVocabSize));
    }
  }

  /**
   * The architecture of a model.
   *
   * @throws FileException as {@link #of(ModelDirectory, TensorSource)}
   */
  public static BertConfig of(ModelDirectory directory) {
    try (SafeTensors weights = directory.weights()) {
      return of(directory, weights);
    }
  }

  /**
   * The architecture of a model, which is refused where what its files say of it does not hold
   * together: the one way from a directory to an architecture.
   *
   * @param weights of that directory, or made of other files there; its tensors are not read
   * @throws FileException naming the key or the tensor, what was found and what was expected
   */
  public static BertConfig of(ModelDirectory directory, TensorSource weights) {
    WeightNames names = WeightNames.of(weights);
    BertConfig config;
    try {
      JsonNode json = directory.config();
      Family family = FamilyWitnesses.of(json, names, () -> TokenizerKind.of(directory.path()));
      config = new ConfigReader(json, family).read();
    } catch (IllegalArgumentException e) {
      throw new FileException(
          directory.path().resolve("config.json") + e.getMessage().replaceFirst("^config", ""), e);
    }
    WeightMap.of(weights, config);
    return config;
  }

  /**
   * Reads {@code config.json} alone. Keys with a default in transformers may be absent; keys that
   * this engine has no use for are passed over.
   *
   * @throws IllegalArgumentException naming the key, what was found and what was expected
   */
  public static BertConfig parse(JsonNode json) {
    return new ConfigReader(json, FamilyWitnesses.of(json)).read();
  }

  /** The content of {@code config.json}, as transformers reads it. */
  public ObjectNode toJson(boolean maskedLanguageModel) {
    ObjectNode json = JsonFiles.object();
    json.putArray("architectures")
        .add(family.classes.get(family.label()) + head(maskedLanguageModel));
    json.put("model_type", family.label());
    json.put("vocab_size", vocabSize);
    json.put("hidden_size", hiddenSize);
    json.put("num_hidden_layers", numHiddenLayers);
    json.put("num_attention_heads", numAttentionHeads);
    json.put("intermediate_size", intermediateSize);
    json.put("max_position_embeddings", maxPositionEmbeddings);
    json.put("type_vocab_size", typeVocabSize);
    // The shortest decimal that gives the same f32, not the digits of its double.
    json.put("layer_norm_eps", Double.parseDouble(Float.toString(layerNormEps)));
    json.put("hidden_act", geluForm == GeluForm.ERF ? "gelu" : "gelu_new");
    json.put("initializer_range", Double.parseDouble(Float.toString(initializerRange)));
    json.put("pad_token_id", padTokenId);
    json.put("hidden_dropout_prob", 0.1);
    json.put("attention_probs_dropout_prob", 0.1);
    json.put("position_embedding_type", "absolute");
    return json;
  }

  /**
   * What is written where this architecture was read: every key that was there, the class of the
   * weights that are there now, and {@code model_type}, without which nobody else reads it.
   *
   * @param read content of {@code config.json}
   */
  public ObjectNode written(ObjectNode read, boolean maskedLanguageModel) {
    return written(read, head(maskedLanguageModel));
  }

  /**
   * The same for weights with the head of a task.
   *
   * @param read content of {@code config.json}
   * @param head what the class of transformers is called after the family, as {@code
   *     ForSequenceClassification}
   */
  public ObjectNode written(ObjectNode read, String head) {
    ObjectNode json = read.deepCopy();
    if (!json.hasNonNull("model_type")) {
      json.put("model_type", family.label());
    }
    String modelType = json.get("model_type").asText();
    json.putArray("architectures").add(family.classes.get(modelType) + head);
    return json;
  }

  private static String head(boolean maskedLanguageModel) {
    return maskedLanguageModel ? "ForMaskedLM" : "Model";
  }
}
