package org.mirror4j.device;

import org.mirror4j.tensor.Tensor;

/**
 * The instruction set of the engine. Model code is only calls on it; each device implements it.
 *
 * <p>Arguments are outputs, then inputs, then scalars. Activations and their gradients, and weights
 * in matrix products, are of one type in each call, the storage type ({@link Device#storageTypes});
 * parameters otherwise, their gradients, statistics, pooled vectors, similarities and losses are
 * f32, ids and indices i32. Outputs are overwritten, nothing may alias, and an operation on zero
 * rows does nothing. Sums are accumulated in f32 or wider in an order that depends on the shapes
 * alone, so the same inputs give the same bits whatever the number of threads. {@code tokens} are
 * the rows of a packed batch, {@code sequences} its sequences; {@code cuSeqlens} is i32[sequences +
 * 1], rows of sequence {@code s} being {@code cuSeqlens[s] .. cuSeqlens[s + 1] - 1}; {@code
 * keyLengths} is i32[sequences], the number of leading rows of each sequence that are real tokens
 * (at least 1); later rows are padding that is computed as queries but never attended to.
 *
 * <p>All methods throw {@link ShapeException} before anything is written if types or shapes do not
 * fit or operands alias that must not.
 */
public interface Kernels {

  // ---- memory

  /** {@code x = value}. */
  void fill(Tensor x, float value);

  /** {@code y = x}; same type and size, any shape. */
  void copy(Tensor y, Tensor x);

  // ---- embedding

  /**
   * Embeddings of BERT (Devlin et al. 2019; config {@code layer_norm_eps, hidden_dropout_prob}).
   *
   * <pre>
   *   z[t] = word[tokenIds[t]] + position[positionIds[t]] + tokenType[0]
   *   y[t] = dropout(LayerNorm(z[t]; gamma, beta, epsilon))      site EMBEDDING, layer 0
   * </pre>
   *
   * @param y [tokens, hidden]
   * @param z [tokens, hidden], saved for the backward pass
   * @param mean [tokens], row means of z, saved
   * @param rstd [tokens], 1 / sqrt(biased row variance + epsilon), saved
   * @param tokenIds i32[tokens], in [0, vocabSize)
   * @param positionIds i32[tokens], in [0, maxPositionEmbeddings)
   * @param word [vocabSize, hidden]
   * @param position [maxPositionEmbeddings, hidden]
   * @param tokenType [typeVocabSize, hidden]
   * @param gamma [hidden]
   * @param beta [hidden]
   */
  void embed(
      Tensor y,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor tokenIds,
      Tensor positionIds,
      Tensor word,
      Tensor position,
      Tensor tokenType,
      Tensor gamma,
      Tensor beta,
      float epsilon,
      Dropout dropout);

  /**
   * Gradient of {@link #embed}. All table and LayerNorm gradients are added to.
   *
   * @param dWord [vocabSize, hidden], added to; rows that the batch does not use are not touched
   * @param dPosition [maxPositionEmbeddings, hidden], added to
   * @param dTokenType [typeVocabSize, hidden], row 0 added to
   * @param dGamma [hidden], added to
   * @param dBeta [hidden], added to
   * @param dY [tokens, hidden], destroyed: holds the gradient of z afterwards
   * @param words rows by token id
   * @param positions rows by position id
   */
  void embedBackward(
      Tensor dWord,
      Tensor dPosition,
      Tensor dTokenType,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dY,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor gamma,
      RowSegments words,
      RowSegments positions,
      Dropout dropout);

  // ---- matrix products

  /**
   * {@code c = op(a) op(b)} or {@code c += op(a) op(b)}; a and b are of the storage type, c too or
   * f32.
   *
   * @param c [m, n]
   * @param a [m, k], or [k, m] if transposed
   * @param b [k, n], or [n, k] if transposed
   */
  void gemm(GemmSpec spec, Tensor c, Tensor a, Tensor b);

  /**
   * {@code batch} products of equal shape; matrix {@code i} of an operand is the {@code i}-th of
   * {@code batch} equal runs of rows.
   *
   * @param c [batch * m, n]
   * @param a [batch * m, k], or [batch * k, m] if transposed
   * @param b [batch * k, n], or [batch * n, k] if transposed
   */
  void gemmStridedBatched(GemmSpec spec, int batch, Tensor c, Tensor a, Tensor b);

  // ---- attention

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
  void attention(
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
  void attentionBackward(
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

  // ---- LayerNorm

  /**
   * End of a block: bias, dropout, residual, LayerNorm (Ba et al. 2016, eq. 4).
   *
   * <pre>
   *   z = dropout(z + bias) + residual
   *   y = (z - mean) * rstd * gamma + beta
   * </pre>
   *
   * Variance is biased and taken in a second pass over the row.
   *
   * @param y [tokens, hidden]; must not alias residual
   * @param z [tokens, hidden], in: output of the matrix product; out: the sum, saved
   * @param mean [tokens], saved
   * @param rstd [tokens], saved
   * @param site a dropout site, {@link DropoutSite#in}
   */
  void residualLayerNorm(
      Tensor y,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor residual,
      Tensor bias,
      Tensor gamma,
      Tensor beta,
      float epsilon,
      Dropout dropout,
      int site);

  /**
   * Gradient of {@link #residualLayerNorm}.
   *
   * @param dResidual [tokens, hidden], gradient of residual
   * @param dX [tokens, hidden], gradient of the matrix product's output: dResidual through dropout
   * @param dGamma [hidden], added to
   * @param dBeta [hidden], added to
   * @param dBias [hidden], added to
   * @param dY [tokens, hidden]
   * @param z [tokens, hidden] from the forward pass
   */
  void residualLayerNormBackward(
      Tensor dResidual,
      Tensor dX,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dBias,
      Tensor dY,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor gamma,
      Dropout dropout,
      int site);

  /**
   * LayerNorm alone: {@code y = (x - mean) * rstd * gamma + beta}.
   *
   * @param y [rows, hidden]
   * @param mean [rows], saved
   * @param rstd [rows], saved
   */
  void layerNorm(
      Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor gamma, Tensor beta, float epsilon);

  /**
   * Gradient of {@link #layerNorm}.
   *
   * @param dX [rows, hidden]
   * @param dGamma [hidden], added to
   * @param dBeta [hidden], added to
   */
  void layerNormBackward(
      Tensor dX,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dY,
      Tensor x,
      Tensor mean,
      Tensor rstd,
      Tensor gamma);

  // ---- bias and activation

  /**
   * {@code y = gelu(x + bias)} (Hendrycks and Gimpel 2016; config {@code hidden_act}).
   *
   * @param y [rows, columns]
   * @param x [rows, columns], kept as it is for the backward pass
   * @param bias [columns]
   */
  void biasGelu(Tensor y, Tensor x, Tensor bias, GeluForm form);

  /**
   * Gradient of {@link #biasGelu}.
   *
   * @param dX [rows, columns]; may be dY
   * @param dBias [columns], added to
   */
  void biasGeluBackward(Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form);

  /** {@code dBias[c] += sum_r dY[r, c]}. */
  void biasGradient(Tensor dBias, Tensor dY);

  // ---- pooling and selection of rows

  /**
   * One vector a sequence. Rows after the last sequence are in none and are not read.
   *
   * @param pooled f32[sequences, hidden]
   * @param x [tokens, hidden]
   */
  void pool(Tensor pooled, Tensor x, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling);

  /**
   * Gradient of {@link #pool}.
   *
   * @param dX [tokens, hidden], zero in rows that the pooling does not read, rows after the last
   *     sequence included
   */
  void poolBackward(
      Tensor dX, Tensor dPooled, Tensor cuSeqlens, Tensor keyLengths, Pooling pooling);

  /**
   * {@code y[r] = x[rows[r]]}.
   *
   * @param y [selected, columns]
   * @param x [n, columns]
   * @param rows i32[selected], in [0, n)
   */
  void gatherRows(Tensor y, Tensor x, Tensor rows);

  /**
   * Gradient of {@link #gatherRows}: {@code dX = 0, dX[rows[r]] = dY[r]}.
   *
   * @param rows i32[selected], without repetition
   */
  void scatterRows(Tensor dX, Tensor dY, Tensor rows);

  /**
   * {@code u = h / max(||h||_2, 1e-12)} by rows.
   *
   * @param norm [rows], the clamped norms, saved
   */
  void normalizeRows(Tensor u, Tensor norm, Tensor h);

  /**
   * {@code dH = (dU - u (u . dU)) / norm} by rows; {@code dU / norm} where the norm was clamped.
   */
  void normalizeRowsBackward(Tensor dH, Tensor dU, Tensor u, Tensor norm);

  // ---- losses

  /**
   * Normalised temperature-scaled cross entropy over a similarity matrix of 2N views (Mirror-BERT,
   * eq. 1; Chen et al. 2020), loss and gradient in one launch. The partner of row i is p(i) = i + N
   * or i - N; the candidates J(i) of row i are p(i) and every j other than i of another group.
   *
   * <pre>
   *   P[i,j] = softmax over j in J(i) of s[i,j] / temperature
   *   loss[i] = -log P[i,p(i)]
   *   s[i,j] := (P[i,j] - [j = p(i)]) / (2N temperature) for j in J(i), else 0
   * </pre>
   *
   * so {@code mean(loss)} is the loss and s its gradient by the similarities. Without negatives (N
   * = 1, or all of one group) loss and gradient are 0.
   *
   * @param loss [2N]
   * @param similarities [2N, 2N], in: cosines; out: gradient
   * @param groups i32[2N]: equal for views that must not be negatives of each other; all distinct
   *     (partners apart) gives the paper's loss
   */
  void contrastiveLoss(Tensor loss, Tensor similarities, Tensor groups, float temperature);

  /**
   * Softmax cross entropy over a vocabulary, loss and gradient in one launch.
   *
   * <pre>
   *   P[r] = softmax(logits[r] + bias),   loss[r] = -log P[r, labels[r]]
   *   logits[r, c] := gradientScale (P[r, c] - [c = labels[r]])
   * </pre>
   *
   * @param loss [rows]
   * @param logits [rows, vocab], in: without bias; out: gradient
   * @param bias [vocab]
   * @param labels i32[rows], in [0, vocab)
   */
  void softmaxCrossEntropy(
      Tensor loss, Tensor logits, Tensor bias, Tensor labels, float gradientScale);

  // ---- optimisation over flat buffers

  /**
   * One step of AdamW (Loshchilov and Hutter 2019, algorithm 2, as in PyTorch). With g = gradient *
   * gradientScale, t = step:
   *
   * <pre>
   *   parameter *= 1 - learningRate * weightDecay
   *   m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
   *   parameter -= learningRate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
   * </pre>
   *
   * @param parameters f32, vector of any length, updated
   * @param stored the parameters in the storage type, overwritten by the updated ones; {@code
   *     parameters} itself where there is no such copy
   * @param firstMoment m, updated
   * @param secondMoment v, updated
   * @param step counts from 1
   */
  void adamW(
      Tensor parameters,
      Tensor stored,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      float learningRate,
      float beta1,
      float beta2,
      float epsilon,
      float weightDecay,
      int step,
      float gradientScale);

  /** {@code result[0] = sum x^2}, accumulated in f64, rounded once. */
  void sumOfSquares(Tensor result, Tensor x);

  /** {@code result[0] = 1} if any element is infinite or not a number, else 0; result is i32[1]. */
  void anyNonFinite(Tensor result, Tensor x);

  /** {@code y = x}, f32 and storage types, rounded to nearest even; same size, any shape. */
  void convert(Tensor y, Tensor x);

  /** {@code x *= factor}; f32. */
  void scale(Tensor x, float factor);
}
