package org.mirror4j.device.operation;

/** The places of a model that draw random bits; a site is a place in a layer. */
public enum DropoutSite {
  /** After the embedding LayerNorm. */
  EMBEDDING,
  /** On the attention probabilities, after the softmax. */
  ATTENTION_PROBABILITIES,
  /** On the output projection of the attention, before residual and LayerNorm. */
  ATTENTION_OUTPUT,
  /** On the output of the feed-forward block, before residual and LayerNorm. */
  FEED_FORWARD_OUTPUT,
  /** Whole attention heads (drophead). */
  HEADS,
  /**
   * On what a layer of a classifier reads, after all layers of the encoder: instead of those it
   * counts from the last layer of the classifier, 0, backwards. Its numbers are those that the
   * embedding, which is in layer 0 alone, leaves free.
   */
  CLASSIFIER_INPUT;

  /** Of an encoder's layer. Another number would be other bits for every model. */
  private static final int PLACES = 5;

  /** The number of this place in the given layer (0 for the embedding), a Philox counter word. */
  public int in(int layer) {
    return layer * PLACES + ordinal();
  }
}
