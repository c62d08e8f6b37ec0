package org.mirror4j.convert;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.WeightNames;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.Shape;

/** What the shapes of its weights tell of a BERT that came without its configuration. */
record EncoderSizes(
    int vocabSize,
    int hiddenSize,
    int numHiddenLayers,
    int intermediateSize,
    int maxPositionEmbeddings,
    int typeVocabSize) {
  private static final Pattern LAYER = Pattern.compile("encoder\\.layer\\.(\\d{1,4})\\..*");

  /**
   * Derives the sizes.
   *
   * @throws FileException naming the weight that is missing or no matrix
   */
  static EncoderSizes of(TensorSource weights) {
    Map<String, Shape> shapes = new HashMap<>();
    int layers = 0;
    for (Map.Entry<String, String> weight : WeightNames.of(weights).byParameter().entrySet()) {
      shapes.put(weight.getKey(), weights.shape(weight.getValue()));
      Matcher layer = LAYER.matcher(weight.getKey());
      layers = layer.matches() ? Math.max(layers, 1 + Integer.parseInt(layer.group(1))) : layers;
    }
    Shape words = matrix(shapes, "embeddings.word_embeddings.weight", weights);
    return new EncoderSizes(
        words.dimension(0),
        words.dimension(1),
        layers,
        matrix(shapes, "encoder.layer.0.intermediate.dense.weight", weights).dimension(0),
        matrix(shapes, "embeddings.position_embeddings.weight", weights).dimension(0),
        matrix(shapes, "embeddings.token_type_embeddings.weight", weights).dimension(0));
  }

  private static Shape matrix(Map<String, Shape> shapes, String name, TensorSource weights) {
    Shape shape = shapes.get(name);
    if (shape == null || shape.rank() != 2) {
      throw new FileException(
          "%s: %s is %s, expected a matrix: is this a BERT encoder?"
              .formatted(weights.file(), name, shape == null ? "missing" : shape));
    }
    return shape;
  }

  /**
   * Fails unless heads divide the hidden size.
   *
   * @param file names the source in messages
   */
  void requireHeads(String file, int heads) {
    if (heads < 1 || hiddenSize % heads != 0) {
      throw new FileException(
          "%s: hidden size is %d, expected a multiple of the number of heads, %d"
              .formatted(file, hiddenSize, heads));
    }
  }

  /**
   * A BERT of these sizes.
   *
   * @param file names the source in messages
   * @param heads of the attention
   * @throws FileException if a size is out of range or heads do not divide the hidden size
   */
  BertConfig bert(String file, int heads, float layerNormEps, GeluForm geluForm) {
    requireHeads(file, heads);
    try {
      return new BertConfig(
          BertConfig.Family.BERT,
          vocabSize,
          hiddenSize,
          numHiddenLayers,
          heads,
          intermediateSize,
          maxPositionEmbeddings,
          typeVocabSize,
          layerNormEps,
          geluForm,
          0.02f,
          0);
    } catch (IllegalArgumentException e) {
      throw new FileException(file + ": " + e.getMessage(), e);
    }
  }
}
