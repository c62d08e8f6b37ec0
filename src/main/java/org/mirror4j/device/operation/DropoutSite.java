package org.mirror4j.device.operation;

/** The places of an encoder that draw random bits; a site is a place in a layer. */
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
  HEADS;

  private static final int PLACES = values().length;

  /** The number of this place in the given layer (0 for the embedding), a Philox counter word. */
  public int in(int layer) {
    return layer * PLACES + ordinal();
  }
}
