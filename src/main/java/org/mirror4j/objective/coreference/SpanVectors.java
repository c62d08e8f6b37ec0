package org.mirror4j.objective.coreference;

import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Row.WeightedSpans;
import org.mirror4j.device.operation.Row.WeightedSpansBackward;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/**
 * A vector for each span (Lee et al. 2017, section 3.1): the hidden states x of its first and its
 * last token, an embedding of its width, and the sum of its tokens weighted by attention.
 *
 * <pre>  g = [x[start]; x[end]; dropout(width); sum softmax(x a^T) x]  </pre>
 */
final class SpanVectors {
  private final SpanBuffers buffers;
  private final Kernels kernels;
  private final int longest;
  private final SpanRankingParameters stored;
  private final SpanRankingParameters gradients;
  private final Tensor scores;
  private final Tensor part;
  private final Tensor width;
  private final Tensor head;
  private final Tensor logSumExp;
  private final Tensor starts;
  private final Tensor ends;
  private final Tensor to;
  private final Tensor widths;
  private final Backward backward;

  /** What {@link #vectors} was given last. */
  private WeightedSpans weighted;

  /** Buffers of the backward pass. */
  private record Backward(
      Tensor dScores, RowSegments starts, RowSegments ends, RowSegments widths) {
    static Backward plan(SpanBuffers buffers, int maxTokens, int maxSpans) {
      return new Backward(
          buffers.stored("dTokenScores", maxTokens, 1),
          buffers.segments("byStart", maxSpans),
          buffers.segments("byEnd", maxSpans),
          buffers.segments("byWidth", maxSpans));
    }
  }

  /**
   * Plans the buffers.
   *
   * @param gradients null where only vectors are wanted
   * @param maxTokens the most rows of hidden states
   * @param maxSpans the most spans at once
   */
  SpanVectors(
      SpanBuffers buffers,
      SpanRankingSize size,
      SpanRankingParameters stored,
      SpanRankingParameters gradients,
      int maxTokens,
      int maxSpans) {
    this.buffers = buffers;
    kernels = buffers.device().kernels();
    longest = size.maxWidth();
    this.stored = stored;
    this.gradients = gradients;
    int hidden = stored.attention().columns();
    scores = buffers.stored("tokenScores", maxTokens, 1);
    part = buffers.stored("spanRows", maxSpans, hidden);
    width = buffers.stored("spanWidths", maxSpans, size.featureSize());
    head = buffers.stored("spanHeads", maxSpans, hidden);
    logSumExp = buffers.f32("spanLogSums", maxSpans);
    starts = buffers.indices("starts", maxSpans);
    ends = buffers.indices("ends", maxSpans);
    to = buffers.indices("to", maxSpans);
    widths = buffers.indices("widths", maxSpans);
    backward = gradients == null ? null : Backward.plan(buffers, maxTokens, maxSpans);
  }

  /** Scores the tokens. */
  void score(Tensor hidden) {
    kernels.product().gemm(GemmSpec.NT, scores.rows(hidden.rows()), hidden, stored.attention());
  }

  /** Rows of the tables of widths for the last spans, i32[spans]. */
  Tensor widths() {
    return widths;
  }

  /**
   * Computes the vectors of some spans from hidden states that have been scored.
   *
   * @param g [spans, D], overwritten
   */
  void vectors(Tensor g, Tensor hidden, DocumentSpans spans, Dropout dropout) {
    int count = spans.candidates();
    int size = hidden.columns();
    buffers.put(starts, spans.starts());
    buffers.put(ends, spans.ends());
    buffers.put(to, spans.to());
    buffers.put(widths, spans.widths());
    g.rows(count);
    kernels.row().gatherRows(part.rows(count), hidden, starts);
    kernels.row().copyColumns(g, 0, part, 0, size);
    kernels.row().gatherRows(part, hidden, ends);
    kernels.row().copyColumns(g, size, part, 0, size);
    kernels.row().gatherRows(width.rows(count), stored.widths(), widths);
    kernels.activation().dropout(width, width, dropout, SpanSite.WIDTH.number());
    kernels.row().copyColumns(g, 2 * size, width, 0, width.columns());
    weighted =
        new WeightedSpans(
            head.rows(count), logSumExp.rows(count), hidden, scores, starts, to, longest);
    kernels.row().weightedSpanSum(weighted);
    kernels.row().copyColumns(g, 2 * size + width.columns(), head, 0, size);
  }

  /**
   * The gradients of the last vectors, those of the parameters added to.
   *
   * @param dHidden f32[rows, H], added to
   * @param dG [spans, D]
   */
  void backward(Tensor dHidden, Tensor dG, Tensor hidden, DocumentSpans spans, Dropout dropout) {
    int size = hidden.columns();
    buffers.put(backward.starts, spans.starts());
    buffers.put(backward.ends, spans.ends());
    buffers.put(backward.widths, spans.widths());
    kernels.row().copyColumns(part, 0, dG, 0, size);
    kernels.row().addRows(dHidden, part, backward.starts);
    kernels.row().copyColumns(part, 0, dG, size, size);
    kernels.row().addRows(dHidden, part, backward.ends);
    kernels.row().copyColumns(width, 0, dG, 2 * size, width.columns());
    kernels.activation().dropout(width, width, dropout, SpanSite.WIDTH.number());
    kernels.row().addRows(gradients.widths(), width, backward.widths);
    kernels.row().copyColumns(part, 0, dG, 2 * size + width.columns(), size);
    Tensor dScores = backward.dScores.rows(hidden.rows());
    kernels
        .row()
        .weightedSpanSumBackward(new WeightedSpansBackward(weighted, dHidden, dScores, part));
    kernels.product().gemm(GemmSpec.TN_ADD, gradients.attention(), dScores, hidden);
    kernels.product().gemm(GemmSpec.NN_ADD, dHidden, dScores, stored.attention());
  }
}
