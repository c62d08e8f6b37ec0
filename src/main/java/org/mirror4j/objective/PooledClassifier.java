package org.mirror4j.objective;

import java.util.List;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Pooler and classifier of BERT (Devlin et al. 2019) over the last hidden state x of the first
 * token:
 *
 * <pre>
 *   p = dropout(tanh(x W^T + b)),   logits = p V^T + c
 * </pre>
 *
 * and for heads that ask for it, as RoBERTa's does, dropout(x) in the place of x. The bias c is
 * left to whoever takes a loss of the logits.
 */
final class PooledClassifier {
  /** {@code C += A B^T}: on top of the bias. */
  private static final GemmSpec NT_ADD = new GemmSpec(false, true, true);

  private static final int CLASSIFIER_SITE = DropoutSite.CLASSIFIER_INPUT.in(0);
  private static final int POOLER_SITE = DropoutSite.CLASSIFIER_INPUT.in(1);

  private final Device device;
  private final Parameters parameters;
  private final Parameters stored;
  private final Parameters gradients;
  private final Tensor biasRow;
  private final Tensor biasRows;
  private final int[] zeros;

  /** dropout(x); null where x itself is read. */
  private final Tensor dropped;

  private final Tensor dense;

  /** tanh(x W^T + b), which the backward pass needs as it was before dropout. */
  private final Tensor activated;

  private final Tensor pooled;
  private final HeadLogits logits;
  private Dropout dropout = Dropout.NONE;

  /**
   * What is computed, and where the parameters are found.
   *
   * @param pooler module of W and b
   * @param dropsInput whether the pooler reads dropout(x)
   * @param classifier module of V and c
   * @param classes rows of V
   */
  record Form(String pooler, boolean dropsInput, String classifier, int classes) {
    /** Pooler and classifier, to be added to the encoder of a model, one after the other. */
    List<ParameterTable.Block> blocks(BertConfig config) {
      return List.of(scope -> pooler(scope, config), scope -> classifier(scope, config));
    }

    private LinearParameters pooler(ParameterScope scope, BertConfig config) {
      return LinearParameters.take(scope.in(pooler), config, config.hiddenSize());
    }

    private LinearParameters classifier(ParameterScope scope, BertConfig config) {
      return LinearParameters.take(scope.in(classifier), config, classes);
    }
  }

  /**
   * Parameters of both.
   *
   * @param poolerWeight W, [hidden, hidden]
   * @param poolerBias b, [hidden]
   * @param weight V, [classes, hidden]
   * @param bias c, [classes]
   * @param vectors all that do not decay, side by side
   */
  private record Parameters(
      Tensor poolerWeight, Tensor poolerBias, Tensor weight, Tensor bias, Tensor vectors) {
    static Parameters of(ParameterScope scope, BertConfig config, Form form) {
      LinearParameters pooler = form.pooler(scope, config);
      LinearParameters classifier = form.classifier(scope, config);
      return new Parameters(
          pooler.weight(),
          pooler.bias(),
          classifier.weight(),
          classifier.bias(),
          scope.undecayed());
    }
  }

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param buffers what their names start with
   * @param model with the {@link Form#blocks}
   * @param flatGradients null where only logits are wanted
   * @param maxRows the most sequences of a batch
   */
  PooledClassifier(
      Device device,
      Workspace workspace,
      String buffers,
      BertModel model,
      Form form,
      Tensor flatGradients,
      int maxRows) {
    this.device = device;
    BertConfig config = model.config();
    ParameterTable table = model.table();
    parameters = Parameters.of(table.scope(model.parameters()), config, form);
    stored = Parameters.of(table.scope(model.stored()), config, form);
    gradients =
        flatGradients == null ? null : Parameters.of(table.scope(flatGradients), config, form);
    int hidden = config.hiddenSize();
    Shape shape = Shape.of(maxRows, hidden);
    biasRow = stored.poolerBias.view("poolerBias", 0, Shape.of(1, hidden));
    biasRows = workspace.i32(buffers + ".biasRows", maxRows);
    zeros = new int[maxRows];
    dropped =
        form.dropsInput ? workspace.tensor(buffers + ".dropped", model.storage(), shape) : null;
    dense = workspace.tensor(buffers + ".dense", model.storage(), shape);
    activated = workspace.tensor(buffers + ".activated", model.storage(), shape);
    pooled = workspace.tensor(buffers + ".pooled", model.storage(), shape);
    logits = new HeadLogits(device, workspace, buffers, model.storage(), maxRows, form.classes);
  }

  /** Takes the number of sequences. */
  void rows(int rows) {
    device.prefetch(biasRows.rows(rows), zeros);
    if (dropped != null) {
      dropped.rows(rows);
    }
    dense.rows(rows);
    activated.rows(rows);
    pooled.rows(rows);
    logits.rows(rows);
  }

  /** c, [classes]. */
  Tensor bias() {
    return parameters.bias;
  }

  /**
   * Computes the logits.
   *
   * @param x [sequences, hidden], the last hidden states of the first tokens
   * @param dropout of the pooled vectors, and perhaps of x
   * @return [sequences, classes], f32, without bias
   */
  Tensor forward(Tensor x, Dropout dropout) {
    this.dropout = dropout;
    Kernels kernels = device.kernels();
    if (dropped != null) {
      kernels.activation().dropout(dropped, x, dropout, POOLER_SITE);
    }
    kernels.row().gatherRows(dense, biasRow, biasRows);
    kernels.product().gemm(NT_ADD, dense, read(x), stored.poolerWeight);
    kernels.activation().tanh(activated, dense);
    kernels.activation().dropout(pooled, activated, dropout, CLASSIFIER_SITE);
    kernels.product().gemm(GemmSpec.NT, logits.values(), pooled, stored.weight);
    return logits.values();
  }

  /**
   * The logits of the last forward pass with their bias.
   *
   * @return [sequences, classes] from the start, valid until the next call
   */
  float[] logits() {
    return logits.download(parameters.bias);
  }

  /** What the pooler reads of x. */
  private Tensor read(Tensor x) {
    return dropped == null ? x : dropped;
  }

  /**
   * The gradients, given that of the logits in their place; those of the parameters are
   * overwritten.
   *
   * @param dX [sequences, hidden], overwritten
   * @param x as in the forward pass
   */
  void backward(Tensor dX, Tensor x) {
    Kernels kernels = device.kernels();
    kernels.memory().fill(gradients.vectors, 0);
    kernels.activation().biasGradient(gradients.bias, logits.values());
    Tensor dLogits = logits.gradient();
    kernels.product().gemm(GemmSpec.TN, gradients.weight, dLogits, pooled);
    kernels.product().gemm(GemmSpec.NN, dense, dLogits, stored.weight);
    kernels.activation().dropout(dense, dense, dropout, CLASSIFIER_SITE);
    kernels.activation().tanhBackward(dense, dense, activated);
    kernels.activation().biasGradient(gradients.poolerBias, dense);
    kernels.product().gemm(GemmSpec.TN, gradients.poolerWeight, dense, read(x));
    kernels.product().gemm(GemmSpec.NN, dX, dense, stored.poolerWeight);
    if (dropped != null) {
      kernels.activation().dropout(dX, dX, dropout, POOLER_SITE);
    }
  }
}
