package org.mirror4j.objective.coreference;

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
  private final SpanRankingParameters gradients;
  private final SpanVectors vectors;
  private final MentionScorer mentions;
  private final AntecedentScorer antecedents;
  private final Tensor candidates;
  private final Tensor candidateScores;
  private final float[] hostScores;
  private final Tensor kept;
  private final Tensor mentionScores;
  private final RowLosses losses;
  private final GradientScale scale;
  private final Backward backward;
  private DocumentSpans document;
  private DocumentSpans spans;
  private int[] keptCandidates;

  /** Of what is encoded, and that of the head, which has a rate of its own. */
  private Dropout dropout = Dropout.NONE;

  private Dropout headDropout;

  /** Buffers of the backward pass. */
  private record Backward(Tensor dHidden, Tensor dMentions, Tensor dG, Tensor dStored) {
    static Backward plan(SpanBuffers buffers, int hidden, int vector, int maxTokens, int maxSpans) {
      return new Backward(
          buffers.f32("dHidden", maxTokens, hidden),
          buffers.f32("dMentions", maxSpans, 1),
          buffers.f32("dG", maxSpans, vector),
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
    SpanBuffers buffers = new SpanBuffers(device, workspace, model.storage());
    int vector = size.vectorSize(config.hiddenSize());
    int maxSpans = size.spans(maxTokens);
    int maxCandidates = Math.multiplyExact(maxTokens, size.maxWidth());
    int atOnce = Math.max(maxSpans, Math.min(CHUNK, maxCandidates));
    vectors = new SpanVectors(buffers, size, stored, gradients, maxTokens, atOnce);
    mentions = new MentionScorer(buffers, size, parameters, stored, gradients, atOnce);
    antecedents = new AntecedentScorer(buffers, size, parameters, stored, gradients, maxSpans);
    candidates = buffers.stored("candidates", atOnce, vector);
    candidateScores = buffers.f32("candidateScores", maxCandidates, 1);
    hostScores = new float[maxCandidates];
    kept = candidates.view("coreference.kept", 0, Shape.of(maxSpans, vector));
    mentionScores = buffers.f32("mentionScores", maxSpans, 1);
    losses = new RowLosses(device, buffers.f32("loss", maxSpans));
    scale = new GradientScale(device, buffers.f32("scale", 1));
    backward =
        gradients == null
            ? null
            : Backward.plan(buffers, config.hiddenSize(), vector, maxTokens, maxSpans);
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
    if (spans.candidates() == 0) {
      return;
    }
    vectors.vectors(kept, hidden, spans, this.dropout);
    mentions.scoreWidths(this.dropout);
    mentions.forward(mentionScores.rows(spans.candidates()), kept, vectors.widths(), this.dropout);
    device.download(hostScores, mentionScores);
    antecedents.forward(kept, mentionScores, hostScores, spans, this.dropout);
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

  @Override
  public void loss() {
    losses.rows(spans.candidates());
    if (spans.candidates() > 0) {
      antecedents.loss(losses.tensor(), scale.tensor());
    }
  }

  @Override
  public double lossSum() {
    return losses.sum();
  }

  /**
   * For each span that is kept, in the order of the text, which candidate it is, which of those
   * that are kept its antecedent, -1 for none, and how much that scores, NaN where a score of the
   * span is not finite: [kept, {@value #FIELDS}]. Numbers of candidates are below 2^24, which an
   * f32 holds.
   */
  @Override
  public float[] logits() {
    int count = spans.candidates();
    float[] decisions = new float[FIELDS * count];
    if (count == 0) {
      return decisions;
    }
    AntecedentPairs pairs = antecedents.pairs();
    float[] scores = antecedents.scores();
    for (int span = 0; span < count; span++) {
      int best = pairs.best(span, scores);
      int antecedent = pairs.spanOfSlot()[best];
      decisions[FIELDS * span] = keptCandidates[span];
      decisions[FIELDS * span + 1] = antecedent == span ? -1 : antecedent;
      decisions[FIELDS * span + 2] = pairs.isFinite(span, scores) ? scores[best] : Float.NaN;
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
    Tensor dVectors = antecedents.backward(dG, dMentions, dropout);
    mentions.backward(dVectors, dMentions, kept, spans, dropout);
    kernels.memory().convert(backward.dStored.rows(count), dVectors);
    vectors.backward(dHidden, backward.dStored, hidden, spans, dropout);
  }
}
