package org.mirror4j.objective.coreference;

import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/**
 * How likely a span is a mention: a score of its vector g and one of its width alone.
 *
 * <pre>  m = score(g W^T) + prior[width],   prior = score(P V^T)  </pre>
 */
final class MentionScorer {
  private final SpanBuffers buffers;
  private final Kernels kernels;
  private final SpanRankingParameters stored;
  private final SpanRankingParameters gradients;
  private final ScoreLayer score;
  private final ScoreLayer priorScore;
  private final Tensor z;
  private final Tensor priorZ;
  private final Tensor priors;
  private final Tensor added;
  private final Backward backward;

  /** Buffers of the backward pass. */
  private record Backward(Tensor dZ, Tensor dPriors, Tensor dPriorZ, RowSegments widths) {
    static Backward plan(SpanBuffers buffers, SpanRankingSize size, int maxSpans) {
      return new Backward(
          buffers.stored("mention.dZ", maxSpans, size.hiddenSize()),
          buffers.f32("prior.dScores", size.maxWidth(), 1),
          buffers.stored("prior.dZ", size.maxWidth(), size.hiddenSize()),
          buffers.segments("prior.byWidth", maxSpans));
    }
  }

  /**
   * Plans the buffers.
   *
   * @param gradients null where only scores are wanted
   * @param maxSpans the most spans at once
   */
  MentionScorer(
      SpanBuffers buffers,
      SpanRankingSize size,
      SpanRankingParameters parameters,
      SpanRankingParameters stored,
      SpanRankingParameters gradients,
      int maxSpans) {
    this.buffers = buffers;
    kernels = buffers.device().kernels();
    this.stored = stored;
    this.gradients = gradients;
    score =
        new ScoreLayer(
            buffers,
            "mention",
            parameters.mentionScore(),
            stored.mentionScore(),
            gradients == null ? null : gradients.mentionScore(),
            maxSpans);
    priorScore =
        new ScoreLayer(
            buffers,
            "prior",
            parameters.priorScore(),
            stored.priorScore(),
            gradients == null ? null : gradients.priorScore(),
            size.maxWidth());
    z = buffers.stored("mention.z", maxSpans, size.hiddenSize());
    priorZ = buffers.stored("prior.z", size.maxWidth(), size.hiddenSize());
    priors = buffers.f32("prior.scores", size.maxWidth(), 1);
    added = buffers.f32("prior.added", maxSpans, 1);
    backward = gradients == null ? null : Backward.plan(buffers, size, maxSpans);
  }

  /** Before the first use in a step. */
  void upload() {
    score.upload();
    priorScore.upload();
  }

  /** Scores all widths. */
  void scoreWidths(Dropout dropout) {
    kernels.product().gemm(GemmSpec.NT, priorZ, stored.priorWidths(), stored.prior());
    priorScore.forward(priors, priorZ, dropout, SpanSite.WIDTH_PRIOR.number());
  }

  /**
   * Scores spans; their widths have been.
   *
   * @param scores f32[spans, 1], overwritten
   * @param g [spans, D]
   * @param widths i32[spans]
   */
  void forward(Tensor scores, Tensor g, Tensor widths, Dropout dropout) {
    kernels.product().gemm(GemmSpec.NT, z.rows(g.rows()), g, stored.mention());
    score.forward(scores, z, dropout, SpanSite.MENTION.number());
    kernels.row().gatherRows(added.rows(g.rows()), priors, widths);
    kernels.memory().add(scores, added);
  }

  /**
   * The gradients, those of the parameters added to.
   *
   * @param dG f32[spans, D], added to
   * @param dScores f32[spans, 1]
   * @param g as in the forward pass
   */
  void backward(Tensor dG, Tensor dScores, Tensor g, DocumentSpans spans, Dropout dropout) {
    Tensor dZ = backward.dZ.rows(g.rows());
    score.backward(dZ, dScores, z, dropout, SpanSite.MENTION.number());
    kernels.product().gemm(GemmSpec.TN_ADD, gradients.mention(), dZ, g);
    kernels.product().gemm(GemmSpec.NN_ADD, dG, dZ, stored.mention());
    buffers.put(backward.widths, spans.widths());
    kernels.memory().fill(backward.dPriors, 0);
    kernels.row().addRows(backward.dPriors, dScores, backward.widths);
    priorScore.backward(
        backward.dPriorZ, backward.dPriors, priorZ, dropout, SpanSite.WIDTH_PRIOR.number());
    kernels
        .product()
        .gemm(GemmSpec.TN_ADD, gradients.prior(), backward.dPriorZ, stored.priorWidths());
    kernels
        .product()
        .gemm(GemmSpec.NN_ADD, gradients.priorWidths(), backward.dPriorZ, stored.prior());
  }
}
