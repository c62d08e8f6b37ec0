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
import org.mirror4j.objective.MaskedLanguageModel;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;

/**
 * The tensors of a source under the names that transformers uses: those of the encoder as {@link
 * WeightMap} finds them for every command, and the head of a masked language model where all of it
 * is there and its decoder is the word embeddings.
 */
record CanonicalWeights(BertConfig config, WeightMap weights, boolean maskedLanguageModel) {
  /**
   * Matches the tensors.
   *
   * @param tied whether the decoder of a head is the word embeddings; a head with a decoder of its
   *     own cannot be kept
   * @throws org.mirror4j.file.FileException if they do not fit the architecture
   */
  static CanonicalWeights of(TensorSource source, BertConfig config, boolean tied) {
    WeightMap encoder = WeightMap.of(source, config);
    ParameterTable.Block head = MaskedLanguageModel.head(config);
    return tied && has(head, source)
        ? new CanonicalWeights(config, WeightMap.of(source, config, head), true)
        : new CanonicalWeights(config, encoder, false);
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
