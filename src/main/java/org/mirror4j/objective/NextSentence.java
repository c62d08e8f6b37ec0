package org.mirror4j.objective;

import java.util.List;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Next-sentence prediction (Devlin et al. 2019, section 3.1): from the last hidden state x of the
 * first token, whether the second segment follows the first one (0) or is of another text (1).
 *
 * <pre>
 *   p = tanh(x W^T + b),   logits = p V^T + c,   loss = cross entropy
 * </pre>
 */
final class NextSentence {
  private static final int CLASSES = 2;

  /** {@code C += A B^T}: on top of the bias. */
  private static final GemmSpec NT_ADD = new GemmSpec(false, true, true);

  private final Device device;
  private final Parameters parameters;
  private final Parameters stored;
  private final Parameters gradients;
  private final Tensor biasRow;
  private final Tensor biasRows;
  private final int[] zeros;
  private final Tensor dense;
  private final Tensor pooled;
  private final Tensor labels;
  private final Tensor logits;
  private final Tensor loss;
  private final float[] losses;

  /**
   * Parameters of the pooler and the classifier.
   *
   * @param poolerWeight W, [hidden, hidden]
   * @param poolerBias b, [hidden]
   * @param weight V, [2, hidden]
   * @param bias c, [2]
   * @param vectors all that do not decay, side by side
   */
  private record Parameters(
      Tensor poolerWeight, Tensor poolerBias, Tensor weight, Tensor bias, Tensor vectors) {
    /** Takes them, under the names of transformers' BertForPreTraining. */
    static Parameters of(ParameterScope scope, BertConfig config) {
      Linear pooler = Linear.pooler(scope, config);
      Linear classifier = Linear.classifier(scope, config);
      return new Parameters(
          pooler.weight, pooler.bias, classifier.weight, classifier.bias, scope.undecayed());
    }
  }

  private record Linear(Tensor weight, Tensor bias) {
    static Linear pooler(ParameterScope scope, BertConfig config) {
      return take(scope.in("pooler.dense"), config, config.hiddenSize());
    }

    static Linear classifier(ParameterScope scope, BertConfig config) {
      return take(scope.in("cls.seq_relationship"), config, CLASSES);
    }

    private static Linear take(ParameterScope scope, BertConfig config, int outputs) {
      return new Linear(
          scope.take(
              Parameter.weight("weight", outputs, config.hiddenSize(), config.initializerRange())),
          scope.take(Parameter.bias("bias", outputs)));
    }
  }

  /** Pooler and classifier, to be added to the encoder of a model, one after the other. */
  static List<ParameterTable.Block> head(BertConfig config) {
    return List.of(
        scope -> Linear.pooler(scope, config), scope -> Linear.classifier(scope, config));
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
    BertConfig config = model.config();
    ParameterTable table = model.table();
    parameters = Parameters.of(table.scope(model.parameters()), config);
    stored = Parameters.of(table.scope(model.stored()), config);
    gradients = flatGradients == null ? null : Parameters.of(table.scope(flatGradients), config);
    int hidden = config.hiddenSize();
    Shape shape = Shape.of(maxSequences, hidden);
    biasRow = stored.poolerBias.view("poolerBias", 0, Shape.of(1, hidden));
    biasRows = workspace.i32("next.biasRows", maxSequences);
    zeros = new int[maxSequences];
    dense = workspace.tensor("next.dense", model.storage(), shape);
    pooled = workspace.tensor("next.pooled", model.storage(), shape);
    labels = workspace.i32("next.labels", maxSequences);
    logits = workspace.tensor("next.logits", model.storage(), Shape.of(maxSequences, CLASSES));
    loss = workspace.f32("next.loss", maxSequences);
    losses = new float[maxSequences];
  }

  /**
   * Takes what is to be predicted.
   *
   * @param relations of each sequence: 0 where the second segment follows the first one, else 1
   */
  void upload(int[] relations) {
    int sequences = relations.length;
    device.prefetch(labels.rows(sequences), relations);
    device.prefetch(biasRows.rows(sequences), zeros);
    dense.rows(sequences);
    pooled.rows(sequences);
    logits.rows(sequences);
    loss.rows(sequences);
  }

  /**
   * Computes the loss of each sequence.
   *
   * @param x [sequences, hidden], the last hidden states of the first tokens
   * @param gradientScale [1], what the gradients are multiplied by
   */
  void forward(Tensor x, Tensor gradientScale) {
    Kernels kernels = device.kernels();
    kernels.row().gatherRows(dense, biasRow, biasRows);
    kernels.product().gemm(NT_ADD, dense, x, stored.poolerWeight);
    kernels.activation().tanh(pooled, dense);
    kernels.product().gemm(GemmSpec.NT, logits, pooled, stored.weight);
    kernels.loss().softmaxCrossEntropy(loss, logits, parameters.bias, labels, gradientScale);
  }

  /** The sum of the last losses; 0 of no sequences. */
  double loss() {
    device.download(losses, loss);
    return Losses.sum(losses, loss.rows());
  }

  /**
   * The gradients of the sum of the losses times the scale; those of pooler and classifier are
   * overwritten.
   *
   * @param dX [sequences, hidden], overwritten
   * @param x as in the forward pass
   */
  void backward(Tensor dX, Tensor x) {
    Kernels kernels = device.kernels();
    kernels.memory().fill(gradients.vectors, 0);
    kernels.activation().biasGradient(gradients.bias, logits);
    kernels.product().gemm(GemmSpec.TN, gradients.weight, logits, pooled);
    kernels.product().gemm(GemmSpec.NN, dense, logits, stored.weight);
    kernels.activation().tanhBackward(dense, dense, pooled);
    kernels.activation().biasGradient(gradients.poolerBias, dense);
    kernels.product().gemm(GemmSpec.TN, gradients.poolerWeight, dense, x);
    kernels.product().gemm(GemmSpec.NN, dX, dense, stored.poolerWeight);
  }
}
