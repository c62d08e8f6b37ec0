package org.mirror4j.objective.coreference;

import java.util.Arrays;
import org.mirror4j.device.operation.Activation.Gate;
import org.mirror4j.device.operation.Activation.GateBackward;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Row.WeightedSpans;
import org.mirror4j.device.operation.Row.WeightedSpansBackward;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.Tensor;

/**
 * What spans learn of their antecedents (Lee et al. 2018, "Higher-order Coreference Resolution with
 * Coarse-to-fine Inference", section 3): with s the scores of a span's slots, that for none, which
 * stands for the span itself, being 0,
 *
 * <pre>
 *   a = sum over slots of softmax(s) g[slot],   f = sigmoid([g; a] W^T + b),   g' = f a + (1 - f) g
 * </pre>
 */
final class SpanRefinement {
  private final SpanBuffers buffers;
  private final Kernels kernels;
  private final SpanRankingParameters parameters;
  private final SpanRankingParameters stored;
  private final SpanRankingParameters gradients;
  private final Tensor spans;
  private final Tensor from;
  private final Tensor to;
  private final Tensor ofSlots;
  private final Tensor scores;
  private final Tensor attended;
  private final Tensor logSumExp;
  private final Tensor both;
  private final Tensor z;
  private final Tensor y;
  private final int longest;
  private final Backward backward;
  private WeightedSpans weighted;
  private Gate gate;

  /** Buffers of the backward pass. */
  private record Backward(
      Tensor dY,
      Tensor dZ,
      Tensor dAttended,
      Tensor dG,
      Tensor dBoth,
      Tensor half,
      Tensor dOfSlots,
      Tensor dScores,
      RowSegments slots) {
    static Backward plan(SpanBuffers buffers, String name, int vector, int maxSpans, int maxSlots) {
      return new Backward(
          buffers.stored(name + ".dY", maxSpans, vector),
          buffers.stored(name + ".dZ", maxSpans, vector),
          buffers.stored(name + ".dAttended", maxSpans, vector),
          buffers.stored(name + ".dG", maxSpans, vector),
          buffers.stored(name + ".dBoth", maxSpans, 2 * vector),
          buffers.stored(name + ".half", maxSpans, vector),
          buffers.f32(name + ".dOfSlots", maxSlots, vector),
          buffers.stored(name + ".dScores", maxSlots, 1),
          buffers.segments(name + ".bySpan", maxSlots));
    }
  }

  /**
   * Plans the buffers.
   *
   * @param gradients null where only vectors are wanted
   * @param maxSpans the most spans that are kept
   */
  SpanRefinement(
      SpanBuffers buffers,
      String name,
      SpanRankingSize size,
      SpanRankingParameters parameters,
      SpanRankingParameters stored,
      SpanRankingParameters gradients,
      int maxSpans) {
    this.buffers = buffers;
    kernels = buffers.device().kernels();
    this.parameters = parameters;
    this.stored = stored;
    this.gradients = gradients;
    int vector = stored.gate().rows();
    int maxSlots = maxSpans + size.pairs(maxSpans);
    longest = 1 + size.maxAntecedents();
    spans = buffers.indices(name + ".spans", maxSlots);
    from = buffers.indices(name + ".from", maxSpans);
    to = buffers.indices(name + ".to", maxSpans);
    ofSlots = buffers.stored(name + ".ofSlots", maxSlots, vector);
    scores = buffers.stored(name + ".scores", maxSlots, 1);
    attended = buffers.stored(name + ".attended", maxSpans, vector);
    logSumExp = buffers.f32(name + ".logSums", maxSpans);
    both = buffers.stored(name + ".both", maxSpans, 2 * vector);
    z = buffers.stored(name + ".z", maxSpans, vector);
    y = buffers.stored(name + ".y", maxSpans, vector);
    backward = gradients == null ? null : Backward.plan(buffers, name, vector, maxSpans, maxSlots);
  }

  /**
   * Computes g'.
   *
   * @param g [spans, D]
   * @param slotScores f32[slots, 1]
   * @return [spans, D], valid until the next call
   */
  Tensor forward(Tensor g, Tensor slotScores, AntecedentPairs pairs) {
    int count = g.rows();
    int slots = pairs.slots();
    int vector = g.columns();
    int[] ends = Arrays.copyOfRange(pairs.cuSlots(), 1, count + 1);
    buffers.put(spans, pairs.spanOfSlot());
    buffers.put(from, Arrays.copyOf(pairs.cuSlots(), count));
    buffers.put(to, ends);
    kernels.row().gatherRows(ofSlots.rows(slots), g, spans);
    kernels.memory().convert(scores.rows(slots), slotScores);
    weighted =
        new WeightedSpans(
            attended.rows(count), logSumExp.rows(count), ofSlots, scores, from, to, longest);
    kernels.row().weightedSpanSum(weighted);
    kernels.row().copyColumns(both.rows(count), 0, g, 0, vector);
    kernels.row().copyColumns(both, vector, attended, 0, vector);
    kernels.product().gemm(GemmSpec.NT, z.rows(count), both, stored.gate());
    gate = new Gate(y.rows(count), z, parameters.gateBias(), attended, g);
    kernels.activation().gate(gate);
    return y;
  }

  /**
   * The gradients, those of the parameters added to.
   *
   * @param dG f32[spans, D], overwritten
   * @param dSlotScores f32[slots, 1], overwritten
   * @param dRefined f32[spans, D], gradient of g'
   */
  void backward(Tensor dG, Tensor dSlotScores, Tensor dRefined, AntecedentPairs pairs) {
    int count = dG.rows();
    int slots = pairs.slots();
    int vector = dG.columns();
    Tensor dAttended = backward.dAttended.rows(count);
    Tensor dOld = backward.dG.rows(count);
    Tensor dZ = backward.dZ.rows(count);
    Tensor half = backward.half.rows(count);
    kernels.memory().convert(backward.dY.rows(count), dRefined);
    kernels.activation().gateBackward(new GateBackward(gate, dZ, dAttended, dOld, backward.dY));
    kernels.activation().biasGradient(gradients.gateBias(), dZ);
    kernels.product().gemm(GemmSpec.TN_ADD, gradients.gate(), dZ, both);
    kernels.product().gemm(GemmSpec.NN, backward.dBoth.rows(count), dZ, stored.gate());
    kernels.row().copyColumns(half, 0, backward.dBoth, 0, vector);
    kernels.memory().add(dOld, half);
    kernels.row().copyColumns(half, 0, backward.dBoth, vector, vector);
    kernels.memory().add(dAttended, half);

    Tensor dOfSlots = backward.dOfSlots.rows(slots);
    kernels.memory().fill(dOfSlots, 0);
    kernels
        .row()
        .weightedSpanSumBackward(
            new WeightedSpansBackward(weighted, dOfSlots, backward.dScores.rows(slots), dAttended));
    kernels.memory().convert(dSlotScores, backward.dScores);
    kernels.memory().convert(dG, dOld);
    buffers.put(backward.slots, pairs.spanOfSlot());
    kernels.row().addRows(dG, dOfSlots, backward.slots);
  }
}
