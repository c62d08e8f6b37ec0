package org.mirror4j.device.operation;

import org.mirror4j.tensor.Tensor;

/** Attention inside packed sequences, and its gradient. See {@link Kernels}. */
public abstract class Attention {
  private final OperandCheck check;

  /**
   * @param check of the operands, before anything is computed
   */
  protected Attention(OperandCheck check) {
    this.check = check;
  }

  /**
   * Self-attention inside each packed sequence, all heads (Vaswani et al. 2017, eq. 1; config
   * {@code num_attention_heads, attention_probs_dropout_prob}). With q, k, v the three thirds of a
   * row of {@code qkv + bias}, d = headSize, for query row i, real key rows j of the same sequence:
   *
   * <pre>
   *   s[i,j] = q[i] . k[j] / sqrt(d)
   *   logSumExp[i] = log sum_j exp s[i,j]
   *   context[i] = headScale * sum_j dropout(exp(s[i,j] - logSumExp[i])) v[j]
   * </pre>
   *
   * Dropout site ATTENTION_PROBABILITIES. Drophead (Zhou et al. 2020; site HEADS): each head of
   * each sequence is dropped with the drophead rate; {@code headScale} is 0 for a dropped head and
   * heads / kept for a kept one; where all would be dropped, all are kept.
   *
   * @param context [tokens, hidden], heads side by side
   * @param logSumExp [tokens, heads], saved for the backward pass
   * @param qkv [tokens, 3 hidden]: queries of all heads, then keys, then values; the bias is added
   *     in place
   * @param bias [3 hidden]
   * @param maxSeqlen the most rows of a sequence, an upper bound
   * @param layer number of the layer, for the dropout sites
   */
  public final void attention(
      Tensor context,
      Tensor logSumExp,
      Tensor qkv,
      Tensor bias,
      Tensor cuSeqlens,
      Tensor keyLengths,
      int maxSeqlen,
      int heads,
      Dropout dropout,
      int layer) {
    start("attention", context, maxSeqlen, heads, dropout, layer);
    int tokens = context.rows();
    int hidden = context.columns();
    check
        .storedOutput("context", context, tokens, hidden, "[tokens, hidden]")
        .output("logSumExp", logSumExp, tokens, heads, "[tokens, heads]")
        .storedOutput("qkv", qkv, tokens, 3 * hidden, "[tokens, 3 hidden]")
        .input("bias", bias, 3 * hidden, "[3 hidden]")
        .indices("cuSeqlens", cuSeqlens, keyLengths.rows() + 1, "[sequences + 1]")
        .indices("keyLengths", keyLengths, keyLengths.rows(), "[sequences]");
    computeAttention(
        context, logSumExp, qkv, bias, cuSeqlens, keyLengths, maxSeqlen, heads, dropout, layer);
  }

  /** What the device does for {@link #attention}; the operands fit. */
  protected abstract void computeAttention(
      Tensor context,
      Tensor logSumExp,
      Tensor qkv,
      Tensor bias,
      Tensor cuSeqlens,
      Tensor keyLengths,
      int maxSeqlen,
      int heads,
      Dropout dropout,
      int layer);

  /**
   * Gradient of {@link #attention}; probabilities are recomputed from {@code logSumExp}.
   *
   * @param dQkv [tokens, 3 hidden]; key and value gradients of padding rows are 0
   * @param dBias [3 hidden], added to: column sums of dQkv
   * @param dContext [tokens, hidden]
   * @param context [tokens, hidden] from the forward pass
   * @param qkv [tokens, 3 hidden] with the bias in it
   */
  public final void attentionBackward(
      Tensor dQkv,
      Tensor dBias,
      Tensor dContext,
      Tensor context,
      Tensor logSumExp,
      Tensor qkv,
      Tensor cuSeqlens,
      Tensor keyLengths,
      int maxSeqlen,
      int heads,
      Dropout dropout,
      int layer) {
    start("attentionBackward", context, maxSeqlen, heads, dropout, layer);
    int tokens = context.rows();
    int hidden = context.columns();
    check
        .storedOutput("dQkv", dQkv, tokens, 3 * hidden, "[tokens, 3 hidden]")
        .output("dBias", dBias, 3 * hidden, "[3 hidden]")
        .storedInput("dContext", dContext, tokens, hidden, "[tokens, hidden]")
        .storedInput("context", context, tokens, hidden, "[tokens, hidden]")
        .input("logSumExp", logSumExp, tokens, heads, "[tokens, heads]")
        .storedInput("qkv", qkv, tokens, 3 * hidden, "[tokens, 3 hidden]")
        .indices("cuSeqlens", cuSeqlens, keyLengths.rows() + 1, "[sequences + 1]")
        .indices("keyLengths", keyLengths, keyLengths.rows(), "[sequences]");
    computeAttentionBackward(
        dQkv,
        dBias,
        dContext,
        context,
        logSumExp,
        qkv,
        cuSeqlens,
        keyLengths,
        maxSeqlen,
        heads,
        dropout,
        layer);
  }

  /** What the device does for {@link #attentionBackward}; the operands fit. */
  protected abstract void computeAttentionBackward(
      Tensor dQkv,
      Tensor dBias,
      Tensor dContext,
      Tensor context,
      Tensor logSumExp,
      Tensor qkv,
      Tensor cuSeqlens,
      Tensor keyLengths,
      int maxSeqlen,
      int heads,
      Dropout dropout,
      int layer);

  private void start(
      String operation, Tensor context, int maxSeqlen, int heads, Dropout dropout, int layer) {
    check
        .of(operation)
        .storedMatrix("context", context, "[tokens, hidden]")
        .require(
            heads >= 1 && context.columns() % heads == 0,
            "heads",
            heads,
            "a divisor of hidden, the columns of context")
        .require(maxSeqlen >= 1 || context.rows() == 0, "maxSeqlen", maxSeqlen, "at least 1")
        .require(layer >= 0, "layer", layer, "at least 0")
        .present("dropout", dropout);
  }
}
