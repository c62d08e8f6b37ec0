package org.mirror4j.convert;

import static org.mirror4j.checkpoint.CheckpointException.quote;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.ParameterTable;
import org.mirror4j.bert.WeightNames;
import org.mirror4j.checkpoint.CheckpointException;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;

/**
 * The tensors of a source matched with the parameters of the architecture. Each must be there once
 * and in shape; what else the source holds must be something known to be of no use here: buffers of
 * positions, the decoder that is tied to the word embeddings, heads of other tasks.
 */
final class CanonicalWeights {
  private static final Pattern IGNORED =
      Pattern.compile(
          "embeddings\\.(position_ids|token_type_ids)"
              + "|cls\\.seq_relationship\\..*"
              + "|cls\\.predictions\\.decoder\\..*"
              + "|lm_head\\.decoder\\..*"
              + "|(classifier|qa_outputs)\\..*");
  private static final Pattern HEAD = Pattern.compile("cls\\.predictions\\..*|lm_head\\..*");
  private static final Pattern ENCODER = Pattern.compile("(embeddings|encoder|pooler)\\..*");
  private static final String POOLER = "pooler.dense.";

  /** Biases of the decoder that stand for the one of the head where that is not there. */
  private static final Map<String, String> DECODER_BIAS =
      Map.of(
          "cls.predictions.decoder.bias", "cls.predictions.bias",
          "lm_head.decoder.bias", "lm_head.bias");

  private final TensorSource source;
  private final String prefix;
  private final boolean maskedLanguageModel;

  /** Name in the source by canonical name. */
  private final Map<String, String> names;

  private final Map<String, Shape> expected = new LinkedHashMap<>();
  private final List<String> ignored = new ArrayList<>();

  private CanonicalWeights(
      TensorSource source, BertConfig config, Map<String, String> names, boolean tied) {
    this.source = source;
    this.names = names;
    ParameterTable full = ParameterTable.maskedLanguageModel(config);
    boolean anyHead =
        full.entries().stream()
            .map(ParameterTable.Entry::name)
            .anyMatch(name -> !ENCODER.matcher(name).matches() && names.containsKey(name));
    maskedLanguageModel = anyHead && tied;
    // As transformers saves them: a bare encoder without prefix, a model with a head with it.
    prefix = maskedLanguageModel ? config.family().prefix() : "";
    ParameterTable table = maskedLanguageModel ? full : ParameterTable.encoder(config);
    table.entries().forEach(entry -> expected.put(entry.name(), entry.shape()));
    if (names.containsKey(POOLER + "weight") || names.containsKey(POOLER + "bias")) {
      expected.put(POOLER + "weight", Shape.of(config.hiddenSize(), config.hiddenSize()));
      expected.put(POOLER + "bias", Shape.of(config.hiddenSize()));
    }
  }

  /**
   * Matches the tensors.
   *
   * @param tied whether the decoder of a head is the word embeddings; a head with a decoder of its
   *     own cannot be kept
   * @throws CheckpointException naming every tensor that is missing, unknown or of another shape
   */
  static CanonicalWeights of(TensorSource source, BertConfig config, boolean tied) {
    if (config.numHiddenLayers() > source.names().size()) {
      // Before a table of that many layers is made.
      throw new CheckpointException(
          "num_hidden_layers is %d, but the weights are only %d tensors"
              .formatted(config.numHiddenLayers(), source.names().size()));
    }
    List<String> problems = new ArrayList<>();
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : source.names()) {
      String before = names.putIfAbsent(WeightNames.canonical(name), name);
      if (before != null) {
        problems.add(quote(before) + " and " + quote(name) + " are the same parameter");
      }
    }
    DECODER_BIAS.forEach(
        (decoder, head) -> {
          if (names.containsKey(decoder)) {
            names.putIfAbsent(head, names.get(decoder));
          }
        });
    CanonicalWeights weights = new CanonicalWeights(source, config, names, tied);
    weights.check(problems);
    if (!problems.isEmpty()) {
      throw new CheckpointException(
          "weights do not fit the configuration: " + String.join("; ", problems));
    }
    return weights;
  }

  private void check(List<String> problems) {
    expected.forEach(
        (name, shape) -> {
          String there = names.get(name);
          if (there == null) {
            problems.add(name + " is missing, expected " + shape);
          } else if (!source.shape(there).equals(shape)) {
            problems.add(quote(there) + " is " + source.shape(there) + ", expected " + shape);
          }
        });
    names.forEach(
        (name, there) -> {
          if (expected.containsKey(name)) {
            return;
          }
          boolean unusedHead = !maskedLanguageModel && HEAD.matcher(name).matches();
          if (unusedHead || IGNORED.matcher(name).matches()) {
            ignored.add(there);
          } else {
            problems.add(quote(there) + " " + source.shape(there) + " is unknown");
          }
        });
  }

  /** Whether the head of a masked language model is among the weights. */
  boolean maskedLanguageModel() {
    return maskedLanguageModel;
  }

  /** Names of the tensors that are passed over. */
  List<String> ignored() {
    return List.copyOf(ignored);
  }

  /**
   * Reads the weights.
   *
   * @param arena owns the values
   * @throws CheckpointException naming the first tensor that holds a value that is not finite
   */
  List<TensorEntry> read(Arena arena) {
    List<TensorEntry> tensors = new ArrayList<>();
    expected.forEach(
        (name, shape) -> {
          MemorySegment values = arena.allocate(4 * shape.size(), 64);
          source.readFloats(names.get(name), values);
          requireFinite(names.get(name), values);
          String written = ENCODER.matcher(name).matches() ? prefix + name : name;
          tensors.add(new TensorEntry(written, DType.F32, shape, values));
        });
    return tensors;
  }

  private static void requireFinite(String name, MemorySegment values) {
    for (long offset = 0; offset < values.byteSize(); offset += 4) {
      float value = values.get(ValueLayout.JAVA_FLOAT, offset);
      if (!Float.isFinite(value)) {
        throw new CheckpointException(
            "tensor %s: element %d is %s, expected a finite number"
                .formatted(quote(name), offset / 4, value));
      }
    }
  }
}
