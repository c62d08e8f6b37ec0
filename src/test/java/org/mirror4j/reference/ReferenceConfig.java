package org.mirror4j.reference;

import org.mirror4j.device.operation.GeluForm;

/**
 * Shape of a BERT encoder.
 *
 * @param maxPositions rows of the table of positions
 * @param typeVocabSize rows of the table of token types
 */
public record ReferenceConfig(
    int vocabSize,
    int hiddenSize,
    int layers,
    int heads,
    int intermediateSize,
    int maxPositions,
    int typeVocabSize,
    double layerNormEps,
    GeluForm gelu) {

  /** Refuses a hidden size that the heads do not divide. */
  public ReferenceConfig {
    if (hiddenSize % heads != 0) {
      throw new IllegalArgumentException(
          "hidden size is " + hiddenSize + ", expected a multiple of the " + heads + " heads");
    }
  }

  /** Columns of one attention head. */
  public int headSize() {
    return hiddenSize / heads;
  }
}
