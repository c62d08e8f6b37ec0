package org.mirror4j.device.operation;

import org.mirror4j.tensor.Tensor;

/** Losses with their gradients. See {@link Kernels}. */
public abstract class Loss {
  private final OperandCheck check;

  /**
   * @param check of the operands, before anything is computed
   */
  protected Loss(OperandCheck check) {
    this.check = check;
  }

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
  public final void contrastiveLoss(
      Tensor loss, Tensor similarities, Tensor groups, float temperature) {
    int views = similarities.rows();
    check
        .of("contrastiveLoss")
        .matrix("similarities", similarities, "[2N, 2N]")
        .require(views % 2 == 0, "rows of similarities", views, "an even number")
        .require(
            temperature > 0 && Float.isFinite(temperature),
            "temperature",
            temperature,
            "positive and finite")
        .output("loss", loss, views, "[2N]")
        .output("similarities", similarities, views, views, "[2N, 2N]")
        .indices("groups", groups, views, "[2N]");
    computeContrastiveLoss(loss, similarities, groups, temperature);
  }

  /** What the device does for {@link #contrastiveLoss}; the operands fit. */
  protected abstract void computeContrastiveLoss(
      Tensor loss, Tensor similarities, Tensor groups, float temperature);

  /**
   * Softmax cross entropy over a vocabulary, loss and gradient in one launch.
   *
   * <pre>
   *   P[r] = softmax(logits[r] + bias),   loss[r] = -log P[r, labels[r]]
   *   logits[r, c] := gradientScale[0] (P[r, c] - [c = labels[r]])
   * </pre>
   *
   * <p>A row whose label is -1 is not predicted: its logits are not read, its loss and its gradient
   * are 0.
   *
   * @param loss [rows]
   * @param logits [rows, vocab], in: without bias; out: gradient
   * @param bias [vocab]
   * @param labels i32[rows], in [0, vocab), or -1 for a row that is not predicted
   * @param gradientScale [1], finite
   */
  public final void softmaxCrossEntropy(
      Tensor loss, Tensor logits, Tensor bias, Tensor labels, Tensor gradientScale) {
    int rows = logits.rows();
    int vocab = logits.columns();
    check
        .of("softmaxCrossEntropy")
        .storedMatrix("logits", logits, "[rows, vocab]")
        .output("loss", loss, rows, "[rows]")
        .storedOutput("logits", logits, rows, vocab, "[rows, vocab]")
        .input("bias", bias, vocab, "[vocab]")
        .indices("labels", labels, rows, "[rows]")
        .input("gradientScale", gradientScale, 1, "[1]");
    computeSoftmaxCrossEntropy(loss, logits, bias, labels, gradientScale);
  }

  /** What the device does for {@link #softmaxCrossEntropy}; the operands fit. */
  protected abstract void computeSoftmaxCrossEntropy(
      Tensor loss, Tensor logits, Tensor bias, Tensor labels, Tensor gradientScale);

  /**
   * Softmax cross entropy over the rows of each sequence, by columns, loss and gradient in one
   * launch: of the tokens at which an answer starts and ends (Devlin et al. 2019, section 4.2).
   * With {@code first = cuSeqlens[s]} and r over the rows of sequence s:
   *
   * <pre>
   *   P[r, c] = softmax over r of logits[r, c],   loss[s, c] = -log P[first + labels[s, c], c]
   *   logits[r, c] := gradientScale[0] (P[r, c] - [r = first + labels[s, c]])
   * </pre>
   *
   * <p>A bias of a column is the same for all rows and cancels: none is asked for, and the gradient
   * of one would be 0.
   *
   * <p>Where a label is -1 the column is not predicted for the sequence: its logits there are not
   * read, loss and gradient are 0. Rows after the last sequence are in none and are not read; their
   * gradient is 0.
   *
   * @param loss [sequences, columns]
   * @param logits [tokens, columns], in: with or without bias; out: gradient
   * @param cuSeqlens i32[sequences + 1]
   * @param labels i32[sequences, columns], a row counted from the sequence's first one, or -1 for
   *     none
   * @param gradientScale [1], finite
   */
  public final void segmentCrossEntropy(
      Tensor loss, Tensor logits, Tensor cuSeqlens, Tensor labels, Tensor gradientScale) {
    int sequences = cuSeqlens.rows() - 1;
    int tokens = logits.rows();
    int columns = logits.columns();
    check
        .of("segmentCrossEntropy")
        .require(sequences >= 0, "rows of cuSeqlens", cuSeqlens.rows(), "at least 1")
        .storedMatrix("logits", logits, "[tokens, columns]")
        .output("loss", loss, sequences, columns, "[sequences, columns]")
        .storedOutput("logits", logits, tokens, columns, "[tokens, columns]")
        .indices("cuSeqlens", cuSeqlens, sequences + 1, "[sequences + 1]")
        .indices("labels", labels, sequences, columns, "[sequences, columns]")
        .input("gradientScale", gradientScale, 1, "[1]");
    computeSegmentCrossEntropy(loss, logits, cuSeqlens, labels, gradientScale);
  }

  /** What the device does for {@link #segmentCrossEntropy}; the operands fit. */
  protected abstract void computeSegmentCrossEntropy(
      Tensor loss, Tensor logits, Tensor cuSeqlens, Tensor labels, Tensor gradientScale);

  /**
   * Cross entropy over the rows of each sequence where any of several rows is right, loss and
   * gradient in one launch: the marginal log-likelihood of the antecedents of a span (Lee et al.
   * 2017, section 4). With r over the rows of sequence s:
   *
   * <pre>
   *   P[r] = softmax over r of logits[r],   Q[r] = softmax of those whose mark is 1, else 0
   *   loss[s] = -log sum of P[r] over the marked,   logits[r] := gradientScale[0] (P[r] - Q[r])
   * </pre>
   *
   * <p>A sequence without a mark is not predicted: its logits are not read, loss and gradient are
   * 0. Rows after the last sequence are in none and are not read; their gradient is 0.
   *
   * @param loss [sequences]
   * @param logits [rows, 1], in: with or without a bias, which cancels; out: gradient
   * @param cuSeqlens i32[sequences + 1]
   * @param marks i32[rows], 1 for a row that is right, 0 for one that is not
   * @param gradientScale [1], finite
   */
  public final void marginalCrossEntropy(
      Tensor loss, Tensor logits, Tensor cuSeqlens, Tensor marks, Tensor gradientScale) {
    int sequences = cuSeqlens.rows() - 1;
    int rows = logits.rows();
    check
        .of("marginalCrossEntropy")
        .require(sequences >= 0, "rows of cuSeqlens", cuSeqlens.rows(), "at least 1")
        .storedMatrix("logits", logits, "[rows, 1]")
        .output("loss", loss, sequences, "[sequences]")
        .storedOutput("logits", logits, rows, 1, "[rows, 1]")
        .indices("cuSeqlens", cuSeqlens, sequences + 1, "[sequences + 1]")
        .indices("marks", marks, rows, "[rows]")
        .input("gradientScale", gradientScale, 1, "[1]");
    computeMarginalCrossEntropy(loss, logits, cuSeqlens, marks, gradientScale);
  }

  /** What the device does for {@link #marginalCrossEntropy}; the operands fit. */
  protected abstract void computeMarginalCrossEntropy(
      Tensor loss, Tensor logits, Tensor cuSeqlens, Tensor marks, Tensor gradientScale);

  /**
   * Weighted squared error of one number a row, loss and gradient in one launch: regression, as of
   * the similarity of two sentences (Devlin et al. 2019, appendix B.1, STS-B).
   *
   * <pre>
   *   error[r] = x[r] + bias[0] - targets[r],   loss[r] = weights[r] error[r]^2
   *   x[r] := gradientScale[0] weights[r] 2 error[r]
   * </pre>
   *
   * <p>A row of weight 0 is padding: whatever its prediction and its target, its loss and its
   * gradient are 0.
   *
   * @param loss [rows]
   * @param x [rows, 1], in: prediction without bias; out: gradient
   * @param bias [1]
   * @param targets [rows]
   * @param weights [rows], finite: 1 for a row as it is, 0 for none
   * @param gradientScale [1], finite
   */
  public final void squaredError(
      Tensor loss, Tensor x, Tensor bias, Tensor targets, Tensor weights, Tensor gradientScale) {
    int rows = x.rows();
    check
        .of("squaredError")
        .storedMatrix("x", x, "[rows, 1]")
        .output("loss", loss, rows, "[rows]")
        .storedOutput("x", x, rows, 1, "[rows, 1]")
        .input("bias", bias, 1, "[1]")
        .input("targets", targets, rows, "[rows]")
        .input("weights", weights, rows, "[rows]")
        .input("gradientScale", gradientScale, 1, "[1]");
    computeSquaredError(loss, x, bias, targets, weights, gradientScale);
  }

  /** What the device does for {@link #squaredError}; the operands fit. */
  protected abstract void computeSquaredError(
      Tensor loss, Tensor x, Tensor bias, Tensor targets, Tensor weights, Tensor gradientScale);
}
