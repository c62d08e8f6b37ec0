package org.mirror4j.objective.coreference;

import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * Scores of all pairs of spans that cost little (Lee et al. 2018, section 4): a bilinear one and
 * one of the distance alone.
 *
 * <pre>  coarse = dropout(G W^T) dropout(G)^T,   prior = dropout(E) d^T  </pre>
 *
 * Of the pairs that are looked at closely they are added up with the scores of both mentions.
 */
final class CoarseScorer {
  private final SpanBuffers buffers;
  private final Device device;
  private final Kernels kernels;
  private final SpanRankingParameters stored;
  private final SpanRankingParameters gradients;
  private final Tensor source;
  private final Tensor target;
  private final Tensor flat;
  private final Tensor embeddings;
  private final Tensor priors;
  private final Tensor added;
  private final Tensor firsts;
  private final Tensor seconds;
  private final Tensor places;
  private final Tensor distances;
  private final float[] hostCoarse;
  private final float[] hostPriors = new float[SpanRankingSize.DISTANCES];
  private final Backward backward;

  /** Buffers of the backward pass. */
  private record Backward(
      Tensor dCoarse,
      Tensor dSource,
      Tensor dTarget,
      Tensor wide,
      Tensor dPriors,
      Tensor dStoredPriors,
      Tensor dEmbeddings,
      Tensor sum,
      RowSegments firsts,
      RowSegments seconds,
      RowSegments distances) {
    static Backward plan(
        SpanBuffers buffers, SpanRankingSize size, int vector, int maxSpans, int maxPairs) {
      int rows = SpanRankingSize.DISTANCES;
      return new Backward(
          buffers.stored("coarse.dScores", maxSpans * maxSpans, 1),
          buffers.stored("coarse.dSource", maxSpans, vector),
          buffers.stored("coarse.dTarget", maxSpans, vector),
          buffers.f32("coarse.dTargetWide", maxSpans, vector),
          buffers.f32("distancePrior.dScores", rows, 1),
          buffers.stored("distancePrior.dStored", rows, 1),
          buffers.stored("distancePrior.dEmbeddings", rows, size.featureSize()),
          buffers.f32("distancePrior.sum", rows, size.featureSize()),
          buffers.segments("coarse.byFirst", maxPairs),
          buffers.segments("coarse.bySecond", maxPairs),
          buffers.segments("coarse.byDistance", maxPairs));
    }
  }

  /**
   * Plans the buffers.
   *
   * @param gradients null where only scores are wanted
   */
  CoarseScorer(
      SpanBuffers buffers,
      SpanRankingSize size,
      SpanRankingParameters stored,
      SpanRankingParameters gradients,
      int maxSpans) {
    this.buffers = buffers;
    device = buffers.device();
    kernels = device.kernels();
    this.stored = stored;
    this.gradients = gradients;
    int vector = stored.coarse().rows();
    int maxPairs = size.pairs(maxSpans);
    source = buffers.stored("coarse.source", maxSpans, vector);
    target = buffers.stored("coarse.target", maxSpans, vector);
    hostCoarse = new float[Math.multiplyExact(maxSpans, maxSpans)];
    flat = buffers.f32("coarse.scores", hostCoarse.length, 1);
    embeddings =
        buffers.stored("distancePrior.dropped", SpanRankingSize.DISTANCES, size.featureSize());
    priors = buffers.f32("distancePrior.scores", SpanRankingSize.DISTANCES, 1);
    added = buffers.f32("coarse.added", maxPairs, 1);
    firsts = buffers.indices("coarse.firsts", maxPairs);
    seconds = buffers.indices("coarse.seconds", maxPairs);
    places = buffers.indices("coarse.places", maxPairs);
    distances = buffers.indices("coarse.distances", maxPairs);
    backward = gradients == null ? null : Backward.plan(buffers, size, vector, maxSpans, maxPairs);
  }

  /** The scores of all pairs as a matrix. */
  private Tensor matrix(int spans) {
    return flat.view("coarse", 0, Shape.of(spans, spans));
  }

  /**
   * Scores all pairs, waits for it, and says which of them are looked at closely.
   *
   * @param g [spans, D]
   * @param mentions [spans] from the start, scores
   */
  AntecedentPairs choose(
      Tensor g, float[] mentions, DocumentSpans spans, SpanRankingSize size, Dropout dropout) {
    int count = g.rows();
    kernels.product().gemm(GemmSpec.NT, source.rows(count), g, stored.coarse());
    kernels.activation().dropout(source, source, dropout, SpanSite.COARSE_SOURCE.number());
    kernels.activation().dropout(target.rows(count), g, dropout, SpanSite.COARSE_TARGET.number());
    kernels.product().gemm(GemmSpec.NT, matrix(count), source, target);
    kernels
        .activation()
        .dropout(embeddings, stored.priorDistances(), dropout, SpanSite.DISTANCE_PRIOR.number());
    kernels.product().gemm(GemmSpec.NT, priors, embeddings, stored.priorDistance());
    device.download(hostCoarse, flat.rows(count * count));
    device.download(hostPriors, priors);
    return AntecedentPairs.of(spans, size, mentions, hostCoarse, hostPriors);
  }

  /**
   * The coarse scores of pairs, all of their parts.
   *
   * @param scores f32[pairs, 1], overwritten
   * @param mentions f32[spans, 1]
   */
  void forward(Tensor scores, Tensor mentions, AntecedentPairs pairs) {
    int count = mentions.rows();
    int[] place = new int[pairs.pairs()];
    for (int pair = 0; pair < place.length; pair++) {
      place[pair] = pairs.first()[pair] * count + pairs.second()[pair];
    }
    buffers.put(firsts, pairs.first());
    buffers.put(seconds, pairs.second());
    buffers.put(places, place);
    buffers.put(distances, pairs.distances());
    kernels.row().gatherRows(scores, flat.rows(count * count), places);
    add(scores, mentions, firsts);
    add(scores, mentions, seconds);
    add(scores, priors, distances);
  }

  private void add(Tensor scores, Tensor values, Tensor rows) {
    kernels.row().gatherRows(added.rows(scores.rows()), values, rows);
    kernels.memory().add(scores, added);
  }

  /**
   * The gradients, those of the parameters added to.
   *
   * @param dG f32[spans, D], added to
   * @param dMentions f32[spans, 1], added to
   * @param dScores f32[pairs, 1]
   * @param g as in the forward pass
   */
  void backward(
      Tensor dG,
      Tensor dMentions,
      Tensor dScores,
      Tensor g,
      AntecedentPairs pairs,
      Dropout dropout) {
    int count = g.rows();
    buffers.put(backward.firsts, pairs.first());
    buffers.put(backward.seconds, pairs.second());
    buffers.put(backward.distances, pairs.distances());
    kernels.row().addRows(dMentions, dScores, backward.firsts);
    kernels.row().addRows(dMentions, dScores, backward.seconds);
    kernels.memory().fill(backward.dPriors, 0);
    kernels.row().addRows(backward.dPriors, dScores, backward.distances);
    priorBackward(dropout);

    // The scores are not needed any more: their gradient takes their place.
    kernels.row().scatterRows(flat, dScores, places);
    Tensor dCoarse = backward.dCoarse.rows(count * count);
    kernels.memory().convert(dCoarse, flat);
    Tensor dMatrix = backward.dCoarse.view("dCoarse", 0, Shape.of(count, count));
    Tensor dSource = backward.dSource.rows(count);
    Tensor dTarget = backward.dTarget.rows(count);
    kernels.product().gemm(GemmSpec.NN, dSource, dMatrix, target);
    kernels.product().gemm(GemmSpec.TN, dTarget, dMatrix, source);
    kernels.activation().dropout(dSource, dSource, dropout, SpanSite.COARSE_SOURCE.number());
    kernels.activation().dropout(dTarget, dTarget, dropout, SpanSite.COARSE_TARGET.number());
    kernels.product().gemm(GemmSpec.TN_ADD, gradients.coarse(), dSource, g);
    kernels.product().gemm(GemmSpec.NN_ADD, dG, dSource, stored.coarse());
    kernels.memory().convert(backward.wide.rows(count), dTarget);
    kernels.memory().add(dG, backward.wide);
  }

  private void priorBackward(Dropout dropout) {
    kernels.memory().convert(backward.dStoredPriors, backward.dPriors);
    kernels
        .product()
        .gemm(GemmSpec.TN_ADD, gradients.priorDistance(), backward.dStoredPriors, embeddings);
    kernels
        .product()
        .gemm(GemmSpec.NN, backward.dEmbeddings, backward.dStoredPriors, stored.priorDistance());
    kernels
        .activation()
        .dropout(
            backward.dEmbeddings, backward.dEmbeddings, dropout, SpanSite.DISTANCE_PRIOR.number());
    kernels.memory().convert(backward.sum, backward.dEmbeddings);
    kernels.memory().add(gradients.priorDistances(), backward.sum);
  }
}
