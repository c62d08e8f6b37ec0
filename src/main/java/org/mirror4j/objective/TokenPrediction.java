package org.mirror4j.objective;

import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Logits of the tokens that are hidden, from the last hidden states of an encoder: by the head of
 * masked language modelling (Devlin et al. 2019, section 3.1), and by that of the span boundary
 * objective where the model has it (Joshi et al. 2020, section 3.2).
 */
public final class TokenPrediction {
  private final Device device;
  private final MaskedLanguageModel masked;
  private final SpanBoundary spanBoundary;
  private final int maxRows;
  private final Tensor rows;
  private final Tensor selected;
  private final DownloadedLogits logits;

  /**
   * Plans the buffers.
   *
   * @param model with the {@link PretrainingHeads#blocks}
   * @param maxRows the most tokens that are asked for at once
   */
  public TokenPrediction(
      Device device, Workspace workspace, BertModel model, PretrainingHeads heads, int maxRows) {
    this.device = device;
    this.maxRows = maxRows;
    masked = new MaskedLanguageModel(device, workspace, model, null, maxRows);
    spanBoundary =
        heads
            .spanBoundary()
            .map(size -> new SpanBoundary(device, workspace, model, size, null, maxRows, 0))
            .orElse(null);
    int vocabulary = model.config().vocabSize();
    rows = workspace.i32("predictedRows", maxRows);
    selected =
        workspace.tensor(
            "predicted", model.storage(), Shape.of(maxRows, model.config().hiddenSize()));
    logits = new DownloadedLogits(device, workspace, model.storage(), maxRows, vocabulary);
  }

  /** The most tokens that may be asked for at once. */
  public int maxRows() {
    return maxRows;
  }

  /**
   * Logits by masked language modelling.
   *
   * @param hidden [tokens, hidden], of the last layer
   * @param maskedRows rows of the tokens that are asked for
   * @return [rows, vocabSize] from the start, valid until the next call
   */
  public float[] masked(Tensor hidden, int[] maskedRows) {
    device.prefetch(rows.rows(maskedRows.length), maskedRows);
    device.kernels().row().gatherRows(selected.rows(maskedRows.length), hidden, rows);
    return download(masked.logits(selected));
  }

  /**
   * Logits by the span boundary objective.
   *
   * @param hidden [tokens, hidden], of the last layer
   * @param before row of the token before each target's span
   * @param after row of the token after it
   * @param places of each target in its span, from 0, less than the head's places
   * @return [targets, vocabSize] from the start, valid until the next call
   */
  public float[] spanBoundary(Tensor hidden, int[] before, int[] after, int[] places) {
    return download(spanBoundary.logits(hidden, before, after, places));
  }

  private float[] download(TiedDecoder.Logits computed) {
    return logits.of(computed.products(), computed.bias());
  }
}
