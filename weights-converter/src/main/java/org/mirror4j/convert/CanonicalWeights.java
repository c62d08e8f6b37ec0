package org.mirror4j.convert;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.WeightMap;
import org.mirror4j.bert.WeightNames;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;

/**
 * The tensors of a source under the names that transformers uses: those of the encoder as {@link
 * WeightMap} finds them for every command, and the head of a masked language model where all of it
 * is there and its decoder is the word embeddings. Beside that head, the one of BERT's
 * next-sentence prediction (Devlin et al. 2019, section 3.1) is kept too: a BertForPreTraining.
 */
record CanonicalWeights(
    BertConfig config, WeightMap weights, boolean maskedLanguageModel, boolean nextSentence) {
  /**
   * Matches the tensors.
   *
   * @param tied whether the decoder of a head is the word embeddings; a head with a decoder of its
   *     own cannot be kept
   * @throws org.mirror4j.file.FileException if they do not fit the architecture
   */
  static CanonicalWeights of(TensorSource source, BertConfig config, boolean tied) {
    final WeightMap encoder = WeightMap.of(source, config);
    ParameterTable.Block masked = PretrainingHeads.MASKED.blocks(config)[0];
    if (!tied || !has(masked, source)) {
      return new CanonicalWeights(config, encoder, false, false);
    }
    ParameterTable.Block next = nextSentence(config);
    return config.family() == BertConfig.Family.BERT && has(next, source)
        ? new CanonicalWeights(config, WeightMap.of(source, config, masked, next), true, true)
        : new CanonicalWeights(config, WeightMap.of(source, config, masked), true, false);
  }

  /** {@code pooled W^T + b}, whose two numbers say whether a text follows another or not. */
  private static ParameterTable.Block nextSentence(BertConfig config) {
    return scope ->
        scope
            .in("cls.seq_relationship")
            .take(
                Parameter.weight("weight", 2, config.hiddenSize(), config.initializerRange()),
                Parameter.bias("bias", 2));
  }

  private static boolean has(ParameterTable.Block head, TensorSource source) {
    Map<String, String> names = WeightNames.of(source).byParameter();
    return ParameterTable.of(List.of(head)).entries().stream()
        .allMatch(
            entry -> {
              String name = WeightMap.find(names, entry.name());
              return name != null && source.shape(name).equals(entry.shape());
            });
  }

  /**
   * Reads the weights.
   *
   * @param arena owns the values
   * @throws org.mirror4j.file.FileException naming the first tensor that holds a value that is not
   *     finite
   */
  List<TensorEntry> read(Arena arena) {
    // As transformers saves them: a bare encoder without prefix, a model with a head with it.
    String prefix = maskedLanguageModel ? config.family().prefix() : "";
    List<TensorEntry> tensors = new ArrayList<>();
    for (Map.Entry<String, Shape> parameter : weights.parameters().entrySet()) {
      String name = parameter.getKey();
      Shape shape = parameter.getValue();
      MemorySegment values = arena.allocate(4 * shape.size(), 64);
      weights.read(name, values);
      String written = WeightNames.isEncoder(name) ? prefix + name : name;
      tensors.add(new TensorEntry(written, DType.F32, shape, values));
    }
    return tensors;
  }
}
