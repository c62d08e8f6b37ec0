package org.mirror4j.objective.coreference;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.bert.BatchTensors;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertEncoder;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.objective.GradientScale;
import org.mirror4j.objective.RowLosses;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;

/**
 * Coreference as the choice of an antecedent for each span (Lee et al. 2017 and 2018; Joshi et al.
 * 2019, "BERT for Coreference Resolution"): candidates get a vector and a score m, the best that do
 * not cross are kept, each keeps the antecedents of its best coarse scores, and with vectors g that
 * learn of their antecedents between one time and the next
 *
 * <pre>
 *   s[i, j] = m[i] + m[j] + coarse[i, j] + prior[distance] + pair(g[i], g[j], features)
 *   s[i, none] = 0,   loss = - sum over i of log sum over right j of softmax(s[i])[j]
 * </pre>
 *
 * A batch is one document. What is kept is chosen by the host between operations, so a step is not
 * the same launches each time. Candidates are scored some of them at a time, with dropout where
 * there is any, so that others are kept from epoch to epoch; those that are kept are then computed
 * again, with other draws, as no other one has a gradient.
 */
public final class SpanRanking implements TaskObjective<DocumentSpans> {
  /** Numbers that {@link #logits} has for each span. */
  public static final int FIELDS = 3;

  /** Candidates that are scored at once. */
  private static final int CHUNK = 2048;

  private final Device device;
  private final Kernels kernels;
  private final SpanRankingSize size;
  private final double dropoutRate;
  private final SpanBuffers buffers;
  private final SpanRankingParameters gradients;
  private final SpanVectors vectors;
  private final MentionScorer mentions;
  private final CoarseScorer coarse;
  private final PairScorer pairScorer;
  private final List<SpanRefinement> refinements = new ArrayList<>();
  private final Tensor candidates;
  private final Tensor candidateScores;
  private final float[] hostScores;
  private final Tensor kept;
  private final Tensor mentionScores;
  private final Tensor coarseScores;
  private final Tensor pairScores;
  private final Tensor pairOfSlot;
  private final Tensor slotOfPair;
  private final Tensor slotScores;
  private final float[] hostSlots;
  private final Tensor cuSlots;
  private final Tensor marks;
  private final RowLosses losses;
  private final GradientScale scale;
  private final Backward backward;
  private DocumentSpans document;
  private DocumentSpans spans;
  private int[] keptCandidates;
  private AntecedentPairs pairs;

  /** The vectors of each time. */
  private final List<Tensor> refined = new ArrayList<>();

  /** Of what is encoded, and that of the head, which has a rate of its own. */
  private Dropout dropout = Dropout.NONE;

  private Dropout headDropout;

  /** Buffers of the backward pass. */
  private record Backward(
      Tensor dHidden,
      Tensor dMentions,
      Tensor dCoarse,
      Tensor dPairs,
      Tensor dSlots,
      Tensor dG,
      Tensor dRefined,
      Tensor dStored) {
    static Backward plan(
        SpanBuffers buffers,
        SpanRankingSize size,
        int hidden,
        int maxTokens,
        int maxSpans,
        int maxSlots) {
      int vector = size.vectorSize(hidden);
      int maxPairs = size.pairs(maxSpans);
      return new Backward(
          buffers.f32("dHidden", maxTokens, hidden),
          buffers.f32("dMentions", maxSpans, 1),
          buffers.f32("dCoarse", maxPairs, 1),
          buffers.f32("dPairs", maxPairs, 1),
          buffers.f32("dSlots", maxSlots, 1),
          buffers.f32("dG", maxSpans, vector),
          buffers.f32("dRefined", maxSpans, vector),
          buffers.stored("dVectors", maxSpans, vector));
    }
  }

  /** The head, to be added to the encoder of a model. */
  public static ParameterTable.Block[] head(BertConfig config, SpanRankingSize size) {
    return new ParameterTable.Block[] {scope -> SpanRankingParameters.of(scope, config, size)};
  }

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param model with the {@link #head}
   * @param dropoutRate of the head, where there is a gradient
   * @param flatGradients null where only predictions and losses are wanted
   * @param maxTokens the most rows of a batch, padding among them
   */
  public SpanRanking(
      Device device,
      Workspace workspace,
      BertModel model,
      SpanRankingSize size,
      double dropoutRate,
      Tensor flatGradients,
      int maxTokens) {
    this.device = device;
    kernels = device.kernels();
    this.size = size;
    this.dropoutRate = dropoutRate;
    BertConfig config = model.config();
    ParameterTable table = model.table();
    SpanRankingParameters parameters =
        SpanRankingParameters.of(table.scope(model.parameters()), config, size);
    SpanRankingParameters stored =
        SpanRankingParameters.of(table.scope(model.stored()), config, size);
    gradients =
        flatGradients == null
            ? null
            : SpanRankingParameters.of(table.scope(flatGradients), config, size);
    buffers = new SpanBuffers(device, workspace, model.storage());
    int vector = size.vectorSize(config.hiddenSize());
    int maxSpans = size.spans(maxTokens);
    int maxPairs = size.pairs(maxSpans);
    int maxSlots = maxSpans + maxPairs;
    int maxCandidates = Math.multiplyExact(maxTokens, size.maxWidth());
    int atOnce = Math.max(maxSpans, Math.min(CHUNK, maxCandidates));
    vectors = new SpanVectors(buffers, size, stored, gradients, maxTokens, atOnce);
    mentions = new MentionScorer(buffers, size, parameters, stored, gradients, atOnce);
    coarse = new CoarseScorer(buffers, size, stored, gradients, maxSpans);
    pairScorer = new PairScorer(buffers, size, parameters, stored, gradients, maxSpans);
    for (int time = 1; time < size.depth(); time++) {
      String name = "refinement" + time;
      refinements.add(
          new SpanRefinement(buffers, name, size, parameters, stored, gradients, maxSpans));
    }
    candidates = buffers.stored("candidates", atOnce, vector);
    candidateScores = buffers.f32("candidateScores", maxCandidates, 1);
    hostScores = new float[maxCandidates];
    kept = candidates.view("coreference.kept", 0, Shape.of(maxSpans, vector));
    mentionScores = buffers.f32("mentionScores", maxSpans, 1);
    coarseScores = buffers.f32("coarseScores", maxPairs, 1);
    pairScores = buffers.f32("pairScores", maxPairs, 1);
    pairOfSlot = buffers.indices("pairOfSlot", maxSlots);
    slotOfPair = buffers.indices("slotOfPair", maxPairs);
    slotScores = buffers.f32("slotScores", maxSlots, 1);
    hostSlots = new float[maxSlots];
    cuSlots = buffers.indices("cuSlots", maxSpans + 1);
    marks = buffers.indices("marks", maxSlots);
    losses = new RowLosses(device, buffers.f32("loss", maxSpans));
    scale = new GradientScale(device, buffers.f32("scale", 1));
    backward =
        gradients == null
            ? null
            : Backward.plan(buffers, size, config.hiddenSize(), maxTokens, maxSpans, maxSlots);
  }

  @Override
  public BertEncoder.Rows rows() {
    return BertEncoder.Rows.ALL;
  }

  @Override
  public void upload(PackedBatch packed) {
    // What the batch is of comes with the document.
  }

  @Override
  public void upload(DocumentSpans targets) {
    document = targets;
  }

  @Override
  public void scale(float gradientScale) {
    scale.upload(gradientScale);
  }

  @Override
  public boolean replays() {
    return false;
  }

  @Override
  public void forward(Tensor hidden, BatchTensors batch, Dropout dropout) {
    this.dropout = ofHead(dropout);
    mentions.upload();
    vectors.score(hidden);
    prune(hidden);
    refined.clear();
    if (spans.candidates() == 0) {
      return;
    }
    vectors.vectors(kept, hidden, spans, this.dropout);
    mentions.scoreWidths(this.dropout);
    mentions.forward(mentionScores.rows(spans.candidates()), kept, vectors.widths(), this.dropout);
    device.download(hostScores, mentionScores);
    pairs = coarse.choose(kept, hostScores, spans, size, this.dropout);
    score();
  }

  /** The same step with the head's rate; none where there is none. */
  private Dropout ofHead(Dropout encoders) {
    if (encoders == Dropout.NONE) {
      return Dropout.NONE;
    }
    if (headDropout == null || headDropout.seed() != encoders.seed()) {
      headDropout = new Dropout(dropoutRate, 0, encoders.seed());
    }
    headDropout.step(encoders.step());
    return headDropout;
  }

  /** Scores the candidates and keeps some. */
  private void prune(Tensor hidden) {
    mentions.scoreWidths(dropout);
    int count = document.candidates();
    for (int from = 0; from < count; from += candidates.capacity()) {
      int to = Math.min(count, from + candidates.capacity());
      DocumentSpans some = document.range(from, to);
      vectors.vectors(candidates, hidden, some, dropout);
      Tensor scores = candidateScores.view("candidateScores", from, Shape.of(to - from, 1));
      mentions.forward(scores, candidates, vectors.widths(), dropout);
      device.synchronize();
    }
    device.download(hostScores, candidateScores.rows(count));
    keptCandidates = SpanPruning.keep(document, hostScores, size.spans(document.rows()));
    spans = document.select(keptCandidates);
  }

  /** Scores the pairs that are looked at closely, as often as is asked for. */
  private void score() {
    int count = pairs.pairs();
    int slots = pairs.slots();
    buffers.put(pairOfSlot, pairs.pairOfSlot());
    buffers.put(slotOfPair, pairs.slotOfPair());
    buffers.put(cuSlots, pairs.cuSlots());
    buffers.put(marks, pairs.marks());
    coarse.forward(coarseScores.rows(count), mentionScores, pairs);
    pairScorer.upload(pairs, document.genre(), dropout);
    refined.add(kept);
    for (int time = 0; time < size.depth(); time++) {
      pairScorer.forward(pairScores.rows(count), refined.getLast(), time, dropout);
      kernels.memory().add(pairScores, coarseScores);
      kernels.row().gatherRows(slotScores.rows(slots), pairScores, pairOfSlot);
      if (time < refinements.size()) {
        refined.add(refinements.get(time).forward(refined.getLast(), slotScores, pairs));
      }
    }
  }

  @Override
  public void loss() {
    losses.rows(spans.candidates());
    if (spans.candidates() > 0) {
      kernels
          .loss()
          .marginalCrossEntropy(losses.tensor(), slotScores, cuSlots, marks, scale.tensor());
    }
  }

  @Override
  public double lossSum() {
    return losses.sum();
  }

  /**
   * For each span that is kept, in the order of the text, which candidate it is, which of those
   * that are kept its antecedent, -1 for none, and how much that scores: [kept, {@value #FIELDS}].
   * Numbers of candidates are below 2^24, which an f32 holds.
   */
  @Override
  public float[] logits() {
    int count = spans.candidates();
    float[] decisions = new float[FIELDS * count];
    if (count == 0) {
      return decisions;
    }
    device.download(hostSlots, slotScores);
    for (int span = 0; span < count; span++) {
      int best = pairs.best(span, hostSlots);
      int antecedent = pairs.spanOfSlot()[best];
      decisions[FIELDS * span] = keptCandidates[span];
      decisions[FIELDS * span + 1] = antecedent == span ? -1 : antecedent;
      decisions[FIELDS * span + 2] = hostSlots[best];
    }
    return decisions;
  }

  @Override
  public void backward(Tensor dHidden, Tensor hidden) {
    gradients.matrices().forEach(gradient -> kernels.memory().fill(gradient, 0));
    kernels.memory().fill(gradients.vectors(), 0);
    Tensor sum = backward.dHidden.rows(hidden.rows());
    kernels.memory().fill(sum, 0);
    if (spans.candidates() > 0) {
      addTo(sum, hidden);
    }
    kernels.memory().convert(dHidden, sum);
  }

  /** The gradients of a document with spans, that of hidden states added to. */
  private void addTo(Tensor dHidden, Tensor hidden) {
    int count = spans.candidates();
    Tensor dG = backward.dG.rows(count);
    Tensor dMentions = backward.dMentions.rows(count);
    kernels.memory().fill(dG, 0);
    kernels.memory().fill(dMentions, 0);
    Tensor dVectors = backwardPairs(dG);
    coarse.backward(dVectors, dMentions, backward.dCoarse, kept, pairs, dropout);
    mentions.backward(dVectors, dMentions, kept, spans, dropout);
    kernels.memory().convert(backward.dStored.rows(count), dVectors);
    vectors.backward(dHidden, backward.dStored, hidden, spans, dropout);
  }

  /**
   * The gradients of the scores of pairs, the last time first.
   *
   * @param dLast f32[spans, D] of zeros
   * @return f32[spans, D], gradient of the first vectors
   */
  private Tensor backwardPairs(Tensor dLast) {
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
