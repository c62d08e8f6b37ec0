package org.mirror4j.reference;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.Set;
import org.ejml.data.DMatrixRMaj;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.tensor.Shape;

/**
 * The parameters of an encoder, of its heads of pretraining and of that of a task under the names
 * of files, or gradients or moments of the same shapes. Linear weights are [outFeatures,
 * inFeatures]. The decoder of a head is the table of words, as in BERT.
 */
public final class ReferenceParameters {
  private final ReferenceConfig config;
  private final PretrainingHeads heads;
  private final Map<String, Integer> layers;
  private final Map<String, Shape> others;
  private final Map<String, DMatrixRMaj> tensors = new LinkedHashMap<>();

  private ReferenceParameters(
      ReferenceConfig config,
      PretrainingHeads heads,
      Map<String, Integer> layers,
      Map<String, Shape> others) {
    this.config = config;
    this.heads = heads;
    this.layers = layers;
    this.others = others;
    int hidden = config.hiddenSize();
    zeros("embeddings.word_embeddings.weight", config.vocabSize(), hidden);
    zeros("embeddings.position_embeddings.weight", config.maxPositions(), hidden);
    zeros("embeddings.token_type_embeddings.weight", config.typeVocabSize(), hidden);
    layerNorm("embeddings.LayerNorm");
    for (int i = 0; i < config.layers(); i++) {
      String layer = "encoder.layer." + i;
      linear(layer + ".attention.self.query", hidden, hidden);
      linear(layer + ".attention.self.key", hidden, hidden);
      linear(layer + ".attention.self.value", hidden, hidden);
      linear(layer + ".attention.output.dense", hidden, hidden);
      layerNorm(layer + ".attention.output.LayerNorm");
      linear(layer + ".intermediate.dense", config.intermediateSize(), hidden);
      linear(layer + ".output.dense", hidden, config.intermediateSize());
      layerNorm(layer + ".output.LayerNorm");
    }
    linear("cls.predictions.transform.dense", hidden, hidden);
    layerNorm("cls.predictions.transform.LayerNorm");
    zeros("cls.predictions.bias", 1, config.vocabSize());
    heads.spanBoundary().ifPresent(this::spanBoundary);
    if (heads.nextSentence()) {
      linear("pooler.dense", hidden, hidden);
      linear("cls.seq_relationship", 2, hidden);
    }
    layers.forEach((name, outputs) -> linear(name, outputs, hidden));
    others.forEach(
        (name, shape) ->
            zeros(
                name,
                shape.rank() == 1 ? 1 : shape.dimension(0),
                shape.dimension(shape.rank() - 1)));
  }

  private void spanBoundary(PretrainingHeads.SpanBoundarySize size) {
    int hidden = config.hiddenSize();
    String head = "cls.pair_target_predictions";
    zeros(head + ".position_embeddings.weight", size.places(), size.width());
    linear(head + ".mlp_layer_norm.linear1", hidden, 2 * hidden + size.width());
    layerNorm(head + ".mlp_layer_norm.layer_norm1");
    linear(head + ".mlp_layer_norm.linear2", hidden, hidden);
    layerNorm(head + ".mlp_layer_norm.layer_norm2");
    zeros(head + ".bias", 1, config.vocabSize());
  }

  private void linear(String name, int outFeatures, int inFeatures) {
    zeros(name + ".weight", outFeatures, inFeatures);
    zeros(name + ".bias", 1, outFeatures);
  }

  private void layerNorm(String name) {
    zeros(name + ".weight", 1, config.hiddenSize());
    zeros(name + ".bias", 1, config.hiddenSize());
  }

  private void zeros(String name, int rows, int columns) {
    tensors.put(name, new DMatrixRMaj(rows, columns));
  }

  /** Zeros everywhere, LayerNorm weights included: a place for gradients. */
  public static ReferenceParameters zeros(ReferenceConfig config) {
    return new ReferenceParameters(config, PretrainingHeads.MASKED, Map.of(), Map.of());
  }

  /** Zeros of the same shapes. */
  public ReferenceParameters zeros() {
    return new ReferenceParameters(config, heads, layers, others);
  }

  /**
   * Random values that a float holds exactly. Linear weights have variance 1 / inFeatures, so that
   * activations stay of order 1 and every nonlinearity is at work; LayerNorm weights are around 1,
   * biases around 0, none at it.
   */
  public static ReferenceParameters random(ReferenceConfig config, long seed) {
    return random(config, PretrainingHeads.MASKED, seed);
  }

  /** The same with these heads; what is before them does not depend on them. */
  public static ReferenceParameters random(
      ReferenceConfig config, PretrainingHeads heads, long seed) {
    return random(new ReferenceParameters(config, heads, Map.of(), Map.of()), seed);
  }

  /**
   * The same with the head of a task.
   *
   * @param layers outputs of each linear layer over hidden states by its name, in their order
   */
  public static ReferenceParameters random(
      ReferenceConfig config, SequencedMap<String, Integer> layers, long seed) {
    return random(new ReferenceParameters(config, PretrainingHeads.MASKED, layers, Map.of()), seed);
  }

  /** The same with a head of any parameters, by their names in their order. */
  public static ReferenceParameters randomWith(
      ReferenceConfig config, SequencedMap<String, Shape> others, long seed) {
    return random(new ReferenceParameters(config, PretrainingHeads.MASKED, Map.of(), others), seed);
  }

  private static ReferenceParameters random(ReferenceParameters parameters, long seed) {
    Random random = new Random(seed);
    parameters.tensors.forEach(
        (name, tensor) -> {
          double centre = name.matches(".*(LayerNorm|layer_norm[12])\\.weight") ? 1 : 0;
          double deviation =
              tensor.numRows == 1 && !name.endsWith("embeddings.weight")
                  ? 0.2
                  : 1 / Math.sqrt(tensor.numCols);
          for (int i = 0; i < tensor.data.length; i++) {
            tensor.data[i] = (float) (centre + deviation * random.nextGaussian());
          }
        });
    return parameters;
  }

  /** The shapes these parameters have. */
  public ReferenceConfig config() {
    return config;
  }

  /** The names, in the order of the model. */
  public Set<String> names() {
    return tensors.keySet();
  }

  /** The tensor of that name itself, not a copy; vectors have one row. */
  public DMatrixRMaj get(String name) {
    DMatrixRMaj tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("no parameter " + name + ", expected one of " + names());
    }
    return tensor;
  }

  /** The values of a tensor by rows, rounded to float: exactly those of {@link #random}. */
  public float[] floats(String name) {
    double[] values = get(name).data;
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /** The parameter of that name for a {@link Tape}, its gradient added to {@code gradients}. */
  public Variable variable(String name, ReferenceParameters gradients) {
    return new Variable(get(name), gradients.get(name));
  }
}
