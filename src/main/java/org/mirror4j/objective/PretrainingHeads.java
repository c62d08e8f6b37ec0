package org.mirror4j.objective;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.WeightMap;
import org.mirror4j.bert.WeightNames;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;

/**
 * What a model is pretrained with beside the head of masked language modelling, which it always
 * has.
 *
 * @param spanBoundary empty without the span boundary objective
 * @param nextSentence whether the relation of two segments is predicted
 */
public record PretrainingHeads(Optional<SpanBoundarySize> spanBoundary, boolean nextSentence) {
  /**
   * How large the head of the span boundary objective is (Joshi et al. 2020, section 3.2).
   *
   * @param places tokens of a span that are predicted, the first ones; the README of the released
   *     code has 15
   * @param width elements of the embedding of such a place; 200
   */
  public record SpanBoundarySize(int places, int width) {
    /** More elements of a place than any model has. */
    private static final int WIDEST = 1 << 20;

    /**
     * The size of a checkpoint's head, by the shape of its table of places.
     *
     * @return empty where there is none
     * @throws FileException if it is no table
     */
    public static Optional<SpanBoundarySize> of(TensorSource source) {
      String name = WeightNames.of(source).byParameter().get(SpanBoundary.PLACES);
      if (name == null) {
        return Optional.empty();
      }
      Shape shape = source.shape(name);
      if (shape.rank() != 2 || shape.size() == 0 || shape.dimension(1) > WIDEST) {
        throw new FileException(
            "%s: %s is %s, expected [places, width]"
                .formatted(source.file(), FileException.quote(name), shape));
      }
      return Optional.of(new SpanBoundarySize(shape.dimension(0), shape.dimension(1)));
    }
  }

  /** Masked language modelling alone. */
  public static final PretrainingHeads MASKED = new PretrainingHeads(Optional.empty(), false);

  /**
   * Requires of a model that tokens can be predicted: that it has the head of masked language
   * modelling, and that this decodes with the word embeddings.
   *
   * @param config content of {@code config.json}
   * @param name of the model, for messages
   * @throws FileException naming what is missing
   */
  public static void requireMasked(
      ObjectNode config, TensorSource weights, BertConfig architecture, String name) {
    if (!config.path("tie_word_embeddings").asBoolean(true)) {
      throw new FileException(
          name
              + ": tie_word_embeddings of config.json is false, expected true: tokens are predicted"
              + " by the word embeddings");
    }
    ParameterTable.Block masked = MASKED.blocks(architecture)[0];
    if (!WeightMap.hasAny(weights, masked)) {
      throw new FileException(
          "%s: %s has no head of masked language modelling (%s, ...), expected a pretrained model"
              .formatted(
                  name,
                  Path.of(weights.file()).getFileName(),
                  ParameterTable.of(List.of(masked)).entries().getFirst().name()));
    }
  }

  /** The heads, to be added to the encoder of a model; first the one that each has. */
  public ParameterTable.Block[] blocks(BertConfig config) {
    List<ParameterTable.Block> blocks = new ArrayList<>();
    blocks.add(MaskedLanguageModel.head(config));
    spanBoundary.ifPresent(size -> blocks.add(SpanBoundary.head(config, size)));
    if (nextSentence) {
      blocks.addAll(NextSentence.head(config));
    }
    return blocks.toArray(ParameterTable.Block[]::new);
  }
}
