package org.mirror4j.objective;

import java.util.List;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Next-sentence prediction (Devlin et al. 2019, section 3.1): from the last hidden state of the
 * first token, whether the second segment follows the first one (0) or is of another text (1), by
 * the cross entropy of a {@link PooledClassifier}.
 */
final class NextSentence {
  /** As transformers' BertForPreTraining calls them. */
  private static final PooledClassifier.Form FORM =
      new PooledClassifier.Form("pooler.dense", false, "cls.seq_relationship", 2);

  private final Device device;
  private final PooledClassifier classifier;
  private final Tensor labels;
  private final RowLosses losses;

  /** Pooler and classifier, to be added to the encoder of a model, one after the other. */
  static List<ParameterTable.Block> head(BertConfig config) {
    return FORM.blocks(config);
  }

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param model with the {@link #head}
   * @param flatGradients null where only losses are wanted
   * @param maxSequences the most sequences of a batch
   */
  NextSentence(
      Device device, Workspace workspace, BertModel model, Tensor flatGradients, int maxSequences) {
    this.device = device;
    classifier =
        new PooledClassifier(device, workspace, "next", model, FORM, flatGradients, maxSequences);
    labels = workspace.i32("next.labels", maxSequences);
    losses = new RowLosses(device, workspace.f32("next.loss", maxSequences));
  }

  /**
   * Takes what is to be predicted.
   *
   * @param relations of each sequence: 0 where the second segment follows the first one, else 1
   */
  void upload(int[] relations) {
    device.prefetch(labels.rows(relations.length), relations);
    losses.rows(relations.length);
    classifier.rows(relations.length);
  }

  /**
   * Computes the loss of each sequence.
   *
   * @param x [sequences, hidden], the last hidden states of the first tokens
   * @param gradientScale [1], what the gradients are multiplied by
   */
  void forward(Tensor x, Tensor gradientScale) {
    Tensor logits = classifier.forward(x, Dropout.NONE);
    device
        .kernels()
        .loss()
        .softmaxCrossEntropy(losses.tensor(), logits, classifier.bias(), labels, gradientScale);
  }

  /** The sum of the last losses; 0 of no sequences. */
  double loss() {
    return losses.sum();
  }

  /**
   * The gradients of the sum of the losses times the scale; those of pooler and classifier are
   * overwritten.
   *
   * @param dX [sequences, hidden], overwritten
   * @param x as in the forward pass
   */
  void backward(Tensor dX, Tensor x) {
    classifier.backward(dX, x);
  }
}
