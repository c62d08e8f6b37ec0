package org.mirror4j.objective;

import java.util.Arrays;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.mask.MaskSettings;

/**
 * The objectives of pretraining over the last hidden states of an encoder: masked language
 * modelling (Devlin et al. 2019), and where the model has their heads the span boundary objective
 * (Joshi et al. 2020) and next-sentence prediction (Devlin et al. 2019). Losses are sums over what
 * is predicted; by what the gradient of each is multiplied says the caller, who knows how many
 * there are in all parts of a batch.
 */
public final class PretrainingObjective {
  /** Elements from one scale to the next: operands begin at multiples of 16 bytes. */
  private static final int SCALE_STRIDE = 4;

  private final Device device;
  private final MaskedLanguageModel masked;
  private final SpanBoundary spanBoundary;
  private final NextSentence nextSentence;
  private final int[] hostRows;
  private final Tensor rows;
  private final Rows maskedRows;
  private final Rows boundaryRows;
  private final Rows firstRows;
  private final Tensor selected;
  private final Tensor dSelected;
  private final float[] hostScales = new float[3 * SCALE_STRIDE];
  private final Tensor scales;
  private final Tensor maskedScale;
  private final Tensor boundaryScale;
  private final Tensor sequenceScale;

  /**
   * How much there is to predict: the most that a batch has, or what it is padded to.
   *
   * @param predictions masked tokens, and targets of the span boundary objective
   * @param boundaries tokens beside spans
   * @param sequences whose relation is predicted
   */
  public record Limits(int predictions, int boundaries, int sequences) {
    /**
     * The most that a batch of masked blocks predicts.
     *
     * @param size of the batch, with padding
     */
    public static Limits of(MaskSettings masks, PretrainingHeads heads, BatchSize size) {
      int sequences = size.sequences() + size.paddingSequences();
      int segments = heads.nextSentence() ? 2 * sequences : sequences;
      int predictions = masks.mostPredictions(size.tokens(), segments);
      // Each span has two neighbours, which are not masked.
      int boundaries = Math.min(2 * predictions, size.tokens());
      return new Limits(
          predictions,
          heads.spanBoundary().isPresent() ? boundaries : 0,
          heads.nextSentence() ? sequences : 0);
    }
  }

  /**
   * Part of the rows that are looked at.
   *
   * @param offset of its first row among all
   * @param x hidden states
   * @param dX their gradient; null where only losses are wanted
   */
  private record Rows(int offset, Tensor x, Tensor dX) {
    static Rows of(String name, Tensor selected, Tensor dSelected, int offset, int capacity) {
      Shape shape = Shape.of(capacity, selected.columns());
      long elements = (long) offset * selected.columns();
      return new Rows(
          offset,
          selected.view(name, elements, shape),
          dSelected == null ? null : dSelected.view("d" + name, elements, shape));
    }

    void upload(int[] rows, int[] all) {
      System.arraycopy(rows, 0, all, offset, rows.length);
      x.rows(rows.length);
      if (dX != null) {
        dX.rows(rows.length);
      }
    }
  }

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param model with the {@link PretrainingHeads#blocks}
   * @param gradients flat; null where only losses are wanted
   */
  public PretrainingObjective(
      Device device,
      Workspace workspace,
      BertModel model,
      PretrainingHeads heads,
      Tensor gradients,
      Limits limits) {
    this.device = device;
    int boundaries = heads.spanBoundary().isPresent() ? limits.boundaries : 0;
    int sequences = heads.nextSentence() ? limits.sequences : 0;
    int count = Math.addExact(limits.predictions, Math.addExact(boundaries, sequences));
    Shape shape = Shape.of(count, model.config().hiddenSize());
    hostRows = new int[count];
    rows = workspace.i32("selectedRows", count);
    selected = workspace.tensor("selected", model.storage(), shape);
    dSelected = gradients == null ? null : workspace.tensor("dSelected", model.storage(), shape);
    maskedRows = Rows.of("masked", selected, dSelected, 0, limits.predictions);
    boundaryRows = Rows.of("boundaries", selected, dSelected, limits.predictions, boundaries);
    firstRows = Rows.of("first", selected, dSelected, limits.predictions + boundaries, sequences);
    scales = workspace.f32("gradientScales", hostScales.length);
    maskedScale = scales.view("maskedScale", 0, Shape.of(1));
    boundaryScale = scales.view("boundaryScale", SCALE_STRIDE, Shape.of(1));
    sequenceScale = scales.view("sequenceScale", 2 * SCALE_STRIDE, Shape.of(1));
    masked = new MaskedLanguageModel(device, workspace, model, gradients, limits.predictions);
    spanBoundary =
        heads
            .spanBoundary()
            .map(
                size ->
                    new SpanBoundary(
                        device, workspace, model, size, gradients, limits.predictions, boundaries))
            .orElse(null);
    nextSentence =
        heads.nextSentence()
            ? new NextSentence(device, workspace, model, gradients, sequences)
            : null;
  }

  /** Takes what is to be predicted. All that used what was before has been waited for. */
  public void upload(PretrainingTargets targets) {
    Arrays.fill(hostRows, -1);
    maskedRows.upload(targets.rows(), hostRows);
    masked.upload(targets.labels());
    if (spanBoundary != null) {
      boundaryRows.upload(targets.spans().rows(), hostRows);
      spanBoundary.upload(targets.spans());
    }
    if (nextSentence != null) {
      firstRows.upload(targets.firstRows(), hostRows);
      nextSentence.upload(targets.relations());
    }
    device.prefetch(rows, hostRows);
  }

  /**
   * Takes what the gradients are multiplied by. It goes to memory of the device, as the launches of
   * a step that is replayed are the same each time. All that used what was before has been waited
   * for.
   *
   * @param perObjective the weight of each objective over how many predictions its loss is the mean
   *     of
   * @param lossScale of all of them, on top of that
   */
  public void scale(PerObjective perObjective, float lossScale) {
    hostScales[0] = (float) (perObjective.masked() * lossScale);
    hostScales[SCALE_STRIDE] = (float) (perObjective.spanBoundary() * lossScale);
    hostScales[2 * SCALE_STRIDE] = (float) (perObjective.nextSentence() * lossScale);
    device.prefetch(scales, hostScales);
  }

  /**
   * Computes the losses.
   *
   * @param hidden [tokens, hidden], of the last layer
   */
  public void forward(Tensor hidden) {
    device.kernels().row().gatherRows(selected, hidden, rows);
    masked.forward(maskedRows.x, maskedScale);
    if (spanBoundary != null) {
      spanBoundary.forward(boundaryRows.x, boundaryScale);
    }
    if (nextSentence != null) {
      nextSentence.forward(firstRows.x, sequenceScale);
    }
  }

  /** The sums of the last losses. */
  public PerObjective losses() {
    return new PerObjective(
        masked.loss(),
        spanBoundary == null ? 0 : spanBoundary.loss(),
        nextSentence == null ? 0 : nextSentence.loss());
  }

  /**
   * The gradients of the sums of the losses times their scales; those of the heads and the word
   * embeddings are overwritten.
   *
   * @param dHidden [tokens, hidden], overwritten
   */
  public void backward(Tensor dHidden) {
    masked.backward(maskedRows.dX, maskedRows.x);
    if (spanBoundary != null) {
      spanBoundary.backward(boundaryRows.dX);
    }
    if (nextSentence != null) {
      nextSentence.backward(firstRows.dX, firstRows.x);
    }
    device.kernels().row().scatterRows(dHidden, dSelected, rows);
  }
}
