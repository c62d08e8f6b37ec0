package org.mirror4j.objective;

import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Tokens predicted by their embeddings E and a bias c: {@code logits = y E^T + c}, and the cross
 * entropy of the tokens that were there (Devlin et al. 2019, section 3.1).
 */
final class TiedDecoder {
  /**
   * What tokens are chosen by: {@code logits = products + bias}.
   *
   * @param products y E^T, [rows, vocabSize]; valid until the next call
   * @param bias c, [vocabSize]
   */
  record Logits(Tensor products, Tensor bias) {}

  private final Device device;
  private final Tensor bias;
  private final Tensor storedWords;
  private final Tensor dBias;
  private final Tensor dWords;
  private final GemmSpec wordGradient;
  private final Tensor labels;
  private final Tensor logits;
  private final RowLosses losses;

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param name what the buffers are called after
   * @param bias c, [vocabSize]
   * @param gradients flat; null where only losses are wanted
   * @param dBias the gradient of c, added to
   * @param wordGradient whether that of E is overwritten or added to
   * @param maxRows the most predictions
   */
  TiedDecoder(
      Device device,
      Workspace workspace,
      String name,
      BertModel model,
      Tensor bias,
      Tensor gradients,
      Tensor dBias,
      GemmSpec wordGradient,
      int maxRows) {
    this.device = device;
    this.bias = bias;
    storedWords = model.table().view(model.stored(), BertModel.WORDS);
    this.dBias = dBias;
    dWords = gradients == null ? null : model.table().view(gradients, BertModel.WORDS);
    this.wordGradient = wordGradient;
    labels = workspace.i32(name + ".labels", maxRows);
    logits =
        workspace.tensor(
            name + ".logits", model.storage(), Shape.of(maxRows, model.config().vocabSize()));
    losses = new RowLosses(device, workspace.f32(name + ".loss", maxRows));
  }

  /** Takes the tokens to predict, one a row. */
  void upload(int[] labelIds) {
    device.prefetch(labels.rows(labelIds.length), labelIds);
    logits.rows(labelIds.length);
    losses.rows(labelIds.length);
  }

  /**
   * Computes the cross entropy of each row.
   *
   * @param y [rows, hidden]
   * @param gradientScale [1], what the gradients are multiplied by
   */
  void forward(Tensor y, Tensor gradientScale) {
    product(y);
    device
        .kernels()
        .loss()
        .softmaxCrossEntropy(losses.tensor(), logits, bias, labels, gradientScale);
  }

  /**
   * Computes the logits of each row alone; nothing need have been uploaded.
   *
   * @param y [rows, hidden]
   */
  Logits logits(Tensor y) {
    product(y);
    return new Logits(logits, bias);
  }

  private void product(Tensor y) {
    logits.rows(y.rows());
    device.kernels().product().gemm(GemmSpec.NT, logits, y, storedWords);
  }

  /** The sum of the last losses, in f64; 0 of no rows. */
  double loss() {
    return losses.sum();
  }

  /**
   * The gradients of the sum of the losses times the scale.
   *
   * @param dY [rows, hidden], overwritten
   * @param y as in the forward pass
   */
  void backward(Tensor dY, Tensor y) {
    Kernels kernels = device.kernels();
    kernels.activation().biasGradient(dBias, logits);
    kernels.product().gemm(wordGradient, dWords, logits, y);
    kernels.product().gemm(GemmSpec.NN, dY, logits, storedWords);
  }
}
