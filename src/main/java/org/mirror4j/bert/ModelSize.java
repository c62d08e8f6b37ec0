package org.mirror4j.bert;

import org.mirror4j.device.operation.GeluForm;

/**
 * Named architectures (Turc et al. 2019 for the miniatures, Devlin et al. 2019 for base and large).
 * The feed-forward block is four times as wide as the hidden states.
 */
public enum ModelSize {
  /** 2 layers of width 128. */
  TINY(2, 128, 2),
  /** 4 layers of width 256. */
  MINI(4, 256, 4),
  /** 4 layers of width 512. */
  SMALL(4, 512, 8),
  /** 8 layers of width 512. */
  MEDIUM(8, 512, 8),
  /** 12 layers of width 768. */
  BASE(12, 768, 12),
  /** 24 layers of width 1024. */
  LARGE(24, 1024, 16);

  private final int layers;
  private final int hiddenSize;
  private final int heads;

  ModelSize(int layers, int hiddenSize, int heads) {
    this.layers = layers;
    this.hiddenSize = hiddenSize;
    this.heads = heads;
  }

  /** Number of layers. */
  public int layers() {
    return layers;
  }

  /** Width of the hidden states. */
  public int hiddenSize() {
    return hiddenSize;
  }

  /** Attention heads of a layer. */
  public int heads() {
    return heads;
  }

  /** The architecture with the positions and the initial weights of the published models. */
  public BertConfig config(int vocabSize, int padTokenId) {
    return config(vocabSize, padTokenId, 512, 0.02f);
  }

  /**
   * The architecture.
   *
   * @param vocabSize rows of the word embeddings
   * @param padTokenId below vocabSize
   * @param positions rows of the position embeddings
   * @param initializerRange standard deviation of fresh weights
   */
  public BertConfig config(int vocabSize, int padTokenId, int positions, float initializerRange) {
    return new BertConfig(
        BertConfig.Family.BERT,
        vocabSize,
        hiddenSize,
        layers,
        heads,
        4 * hiddenSize,
        positions,
        2,
        1e-12f,
        GeluForm.ERF,
        initializerRange,
        padTokenId);
  }
}
