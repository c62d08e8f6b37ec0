package org.mirror4j.objective.coreference;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;

/**
 * Scores of the antecedents of spans that are kept, as often as is asked for, with vectors g that
 * learn of their antecedents between one time and the next:
 *
 * <pre>
 *   s[i, j] = m[i] + m[j] + coarse[i, j] + prior[distance] + pair(g[i], g[j], features)
 *   s[i, none] = 0
 * </pre>
 *
 * Which pairs are looked at is chosen by the host, by all but the last summand. Scores lie in the
 * slots of {@link AntecedentPairs}.
 */
final class AntecedentScorer {
  private final Device device;
  private final Kernels kernels;
  private final SpanRankingSize size;
  private final SpanBuffers buffers;
  private final CoarseScorer coarse;
  private final PairScorer pairScorer;
  private final List<SpanRefinement> refinements = new ArrayList<>();
  private final Tensor coarseScores;
  private final Tensor pairScores;
  private final Tensor pairOfSlot;
  private final Tensor slotOfPair;
  private final Tensor slotScores;
  private final float[] hostSlots;
  private final Tensor cuSlots;
  private final Tensor marks;
  private final Backward backward;
  private AntecedentPairs pairs;

  /** The vectors of each time. */
  private final List<Tensor> refined = new ArrayList<>();

  /** Buffers of the backward pass. */
  private record Backward(Tensor dCoarse, Tensor dPairs, Tensor dSlots, Tensor dRefined) {
    static Backward plan(
        SpanBuffers buffers, int vector, int maxSpans, int maxPairs, int maxSlots) {
      return new Backward(
          buffers.f32("dCoarse", maxPairs, 1),
          buffers.f32("dPairs", maxPairs, 1),
          buffers.f32("dSlots", maxSlots, 1),
          buffers.f32("dRefined", maxSpans, vector));
    }
  }

  /**
   * Plans the buffers.
   *
   * @param gradients null where only scores are wanted
   * @param maxSpans the most spans that are kept
   */
  AntecedentScorer(
      SpanBuffers buffers,
      SpanRankingSize size,
      SpanRankingParameters parameters,
      SpanRankingParameters stored,
      SpanRankingParameters gradients,
      int maxSpans) {
    this.buffers = buffers;
    this.size = size;
    device = buffers.device();
    kernels = device.kernels();
    int maxPairs = size.pairs(maxSpans);
    int maxSlots = maxSpans + maxPairs;
    coarse = new CoarseScorer(buffers, size, stored, gradients, maxSpans);
    pairScorer = new PairScorer(buffers, size, parameters, stored, gradients, maxSpans);
    for (int time = 1; time < size.depth(); time++) {
      String name = "refinement" + time;
      refinements.add(
          new SpanRefinement(buffers, name, size, parameters, stored, gradients, maxSpans));
    }
    coarseScores = buffers.f32("coarseScores", maxPairs, 1);
    pairScores = buffers.f32("pairScores", maxPairs, 1);
    pairOfSlot = buffers.indices("pairOfSlot", maxSlots);
    slotOfPair = buffers.indices("slotOfPair", maxPairs);
    slotScores = buffers.f32("slotScores", maxSlots, 1);
    hostSlots = new float[maxSlots];
    cuSlots = buffers.indices("cuSlots", maxSpans + 1);
    marks = buffers.indices("marks", maxSlots);
    backward =
        gradients == null
            ? null
            : Backward.plan(buffers, stored.coarse().rows(), maxSpans, maxPairs, maxSlots);
  }

  /**
   * Chooses pairs, for which it waits, and scores them.
   *
   * @param g [spans, D], the first vectors; used until the backward pass is done
   * @param mentions f32[spans, 1], m
   * @param hostMentions the same
   */
  void forward(
      Tensor g, Tensor mentions, float[] hostMentions, DocumentSpans spans, Dropout dropout) {
    pairs = coarse.choose(g, hostMentions, spans, size, dropout);
    int count = pairs.pairs();
    int slots = pairs.slots();
    buffers.put(pairOfSlot, pairs.pairOfSlot());
    buffers.put(slotOfPair, pairs.slotOfPair());
    buffers.put(cuSlots, pairs.cuSlots());
    buffers.put(marks, pairs.marks());
    coarse.forward(coarseScores.rows(count), mentions, pairs);
    pairScorer.upload(pairs, spans.genre(), dropout);
    refined.clear();
    refined.add(g);
    for (int time = 0; time < size.depth(); time++) {
      pairScorer.forward(pairScores.rows(count), refined.getLast(), time, dropout);
      kernels.memory().add(pairScores, coarseScores);
      kernels.row().gatherRows(slotScores.rows(slots), pairScores, pairOfSlot);
      if (time < refinements.size()) {
        refined.add(refinements.get(time).forward(refined.getLast(), slotScores, pairs));
      }
    }
  }

  /** The last pairs. */
  AntecedentPairs pairs() {
    return pairs;
  }

  /** The last scores, [slots] from the start, valid until the next call; gone after a loss. */
  float[] scores() {
    device.download(hostSlots, slotScores);
    return hostSlots;
  }

  /**
   * The loss of each span, {@code -log sum over right j of softmax(s[i])[j]}, and the gradient of
   * the scores in their place.
   *
   * @param losses f32[spans], overwritten
   * @param gradientScale [1]
   */
  void loss(Tensor losses, Tensor gradientScale) {
    kernels.loss().marginalCrossEntropy(losses, slotScores, cuSlots, marks, gradientScale);
  }

  /**
   * The gradients after a loss, those of the parameters added to.
   *
   * @param dLast f32[spans, D] of zeros, overwritten
   * @param dMentions f32[spans, 1], added to
   * @return f32[spans, D], gradient of the first vectors, valid until the next call
   */
  Tensor backward(Tensor dLast, Tensor dMentions, Dropout dropout) {
    Tensor dG = backwardPairs(dLast, dropout);
    coarse.backward(dG, dMentions, backward.dCoarse, refined.getFirst(), pairs, dropout);
    return dG;
  }

  /** Of the scores of pairs, the last time first; adds up what is the same each time. */
  private Tensor backwardPairs(Tensor dLast, Dropout dropout) {
    Tensor dCoarse = backward.dCoarse.rows(pairs.pairs());
    Tensor dPairs = backward.dPairs.rows(pairs.pairs());
    Tensor dSlots = backward.dSlots.rows(pairs.slots());
    kernels.memory().fill(dCoarse, 0);
    Tensor dG = dLast;
    Tensor other = backward.dRefined.rows(dG.rows());
    // The loss has left the gradient of the last scores in their place.
    Tensor dScores = slotScores;
    for (int time = refined.size() - 1; time >= 0; time--) {
      kernels.row().gatherRows(dPairs, dScores, slotOfPair);
      kernels.memory().add(dCoarse, dPairs);
      boolean last = time == refined.size() - 1;
      pairScorer.backward(dG, dPairs, refined.get(time), time, last, dropout);
      if (time > 0) {
        refinements.get(time - 1).backward(other, dSlots, dG, pairs);
        Tensor done = dG;
        dG = other;
        other = done;
        dScores = dSlots;
      }
    }
    pairScorer.backwardFeatures(dropout);
    return dG;
  }
}
