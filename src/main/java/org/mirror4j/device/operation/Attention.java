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
   * @param cuSeqlens i32[sequences + 1]
   * @param keyLengths i32[sequences]
   * @param heads a divisor of hidden
   * @param layer number of the layer, for the dropout sites
   */
  public record Forward(
      Tensor context,
      Tensor logSumExp,
      Tensor qkv,
      Tensor bias,
      Tensor cuSeqlens,
      Tensor keyLengths,
      int heads,
      int layer) {}

  /**
   * Operands of {@link #attentionBackward}.
   *
   * @param forward those of the forward pass, of which the bias is not read: it is in qkv
   * @param dQkv [tokens, 3 hidden]; key and value gradients of padding rows are 0
   * @param dBias [3 hidden], added to: column sums of dQkv
   * @param dContext [tokens, hidden]
   */
  public record Backward(Forward forward, Tensor dQkv, Tensor dBias, Tensor dContext) {}

  /**
   * {@link Forward}.
   *
   * @param maxSeqlen the most rows of a sequence, an upper bound
   */
  public final void attention(Forward operands, int maxSeqlen, Dropout dropout) {
    Tensor context = operands.context;
    start("attention", operands, maxSeqlen, dropout);
    int tokens = context.rows();
    int hidden = context.columns();
    check
        .storedOutput("context", context, tokens, hidden, "[tokens, hidden]")
        .output("logSumExp", operands.logSumExp, tokens, operands.heads, "[tokens, heads]")
        .storedOutput("qkv", operands.qkv, tokens, 3 * hidden, "[tokens, 3 hidden]")
        .input("bias", operands.bias, 3 * hidden, "[3 hidden]");
    sequences(operands);
    computeAttention(operands, maxSeqlen, dropout);
  }

  /** What the device does for {@link #attention}; the operands fit. */
  protected abstract void computeAttention(Forward operands, int maxSeqlen, Dropout dropout);

  /**
   * Gradient of {@link #attention}; probabilities are recomputed from {@code logSumExp}.
   *
   * @param maxSeqlen as in the forward pass
   */
  public final void attentionBackward(Backward operands, int maxSeqlen, Dropout dropout) {
    Forward forward = operands.forward;
    Tensor context = forward.context;
    start("attentionBackward", forward, maxSeqlen, dropout);
    int tokens = context.rows();
    int hidden = context.columns();
    check
        .storedOutput("dQkv", operands.dQkv, tokens, 3 * hidden, "[tokens, 3 hidden]")
        .output("dBias", operands.dBias, 3 * hidden, "[3 hidden]")
        .storedInput("dContext", operands.dContext, tokens, hidden, "[tokens, hidden]")
        .storedInput("context", context, tokens, hidden, "[tokens, hidden]")
        .input("logSumExp", forward.logSumExp, tokens, forward.heads, "[tokens, heads]")
        .storedInput("qkv", forward.qkv, tokens, 3 * hidden, "[tokens, 3 hidden]");
    sequences(forward);
    computeAttentionBackward(operands, maxSeqlen, dropout);
  }

  /** What the device does for {@link #attentionBackward}; the operands fit. */
  protected abstract void computeAttentionBackward(
      Backward operands, int maxSeqlen, Dropout dropout);

  private void start(String operation, Forward operands, int maxSeqlen, Dropout dropout) {
    Tensor context = operands.context;
    check
        .of(operation)
        .storedMatrix("context", context, "[tokens, hidden]")
        .require(
            operands.heads >= 1 && context.columns() % operands.heads == 0,
            "heads",
            operands.heads,
            "a divisor of hidden, the columns of context")
        .require(maxSeqlen >= 1 || context.rows() == 0, "maxSeqlen", maxSeqlen, "at least 1")
        .require(operands.layer >= 0, "layer", operands.layer, "at least 0")
        .present("dropout", dropout);
  }

  private void sequences(Forward operands) {
    int sequences = operands.keyLengths.rows();
    check
        .indices("cuSeqlens", operands.cuSeqlens, sequences + 1, "[sequences + 1]")
        .indices("keyLengths", operands.keyLengths, sequences, "[sequences]");
  }
}
