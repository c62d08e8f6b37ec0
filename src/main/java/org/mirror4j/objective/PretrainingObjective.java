package org.mirror4j.objective;

import java.util.Arrays;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The objectives of pretraining over the last hidden states of an encoder: masked language
 * modelling (Devlin et al. 2019), and where the model has their heads the span boundary objective
 * (Joshi et al. 2020) and next-sentence prediction (Devlin et al. 2019). Losses are sums over what
 * is predicted; by what the gradient of each is multiplied says the caller, who knows how many
 * there are in all parts of a batch.
 */
public final class PretrainingObjective {
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
  private PerObjective scales = PerObjective.ZERO;

  /**
   * The most that a batch has.
   *
   * @param predictions masked tokens, and targets of the span boundary objective
   * @param boundaries tokens beside spans
   * @param sequences whose relation is predicted
   */
  public record Limits(int predictions, int boundaries, int sequences) {}

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

  /**
   * Takes what is to be predicted. All that used what was before has been waited for.
   *
   * @param scales what the gradients of each objective are multiplied by: its weight over how many
   *     predictions the loss is the mean of
   */
  public void upload(PretrainingTargets targets, PerObjective scales) {
    this.scales = scales;
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
   * Computes the losses.
   *
   * @param hidden [tokens, hidden], of the last layer
   * @param lossScale what all gradients are multiplied by on top of that
   */
  public void forward(Tensor hidden, float lossScale) {
    device.kernels().row().gatherRows(selected, hidden, rows);
    masked.forward(maskedRows.x, (float) (scales.masked() * lossScale));
    if (spanBoundary != null) {
      spanBoundary.forward(boundaryRows.x, (float) (scales.spanBoundary() * lossScale));
    }
    if (nextSentence != null) {
      nextSentence.forward(firstRows.x, (float) (scales.nextSentence() * lossScale));
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
