package org.mirror4j.objective.coreference;

import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * A number for each row, from what a hidden layer gives without its bias (Lee et al. 2017, section
 * 3.1, the feed-forward scorers):
 *
 * <pre>  score = dropout(max(0, z + b)) w^T + c  </pre>
 *
 * What is within is computed again in the backward pass, so that one buffer does for rows that are
 * scored several times.
 */
final class ScoreLayer {
  /** {@code C += A B^T}: on top of the bias. */
  private static final GemmSpec NT_ADD = new GemmSpec(false, true, true);

  private final Device device;
  private final Parameters parameters;
  private final Tensor storedWeight;
  private final Parameters gradients;
  private final Tensor biasRow;
  private final Tensor biasRows;
  private final int[] zeros;
  private final Tensor activated;

  /** Gradient of the scores in the storage type; null where there are no gradients. */
  private final Tensor dScores;

  /**
   * Parameters of the layer.
   *
   * @param bias b, [hidden]
   * @param weight w, [1, hidden]
   * @param scoreBias c, [1]
   */
  record Parameters(Tensor bias, Tensor weight, Tensor scoreBias) {
    static Parameters take(ParameterScope scope, int hidden, float deviation) {
      return new Parameters(
          scope.take(Parameter.bias("dense.bias", hidden)),
          scope.take(Parameter.weight("score.weight", 1, hidden, deviation)),
          scope.take(Parameter.bias("score.bias", 1)));
    }
  }

  /**
   * Plans the buffers.
   *
   * @param gradients null where only scores are wanted
   * @param maxRows the most rows at once
   */
  ScoreLayer(
      SpanBuffers buffers,
      String name,
      Parameters parameters,
      Parameters stored,
      Parameters gradients,
      int maxRows) {
    device = buffers.device();
    this.parameters = parameters;
    storedWeight = stored.weight;
    this.gradients = gradients;
    biasRow = parameters.scoreBias.view(name + ".bias", 0, Shape.of(1, 1));
    biasRows = buffers.indices(name + ".biasRows", maxRows);
    zeros = new int[maxRows];
    activated = buffers.stored(name + ".activated", maxRows, parameters.bias.rows());
    dScores = gradients == null ? null : buffers.stored(name + ".dScores", maxRows, 1);
  }

  /** Before the first use in a step. */
  void upload() {
    device.prefetch(biasRows.rows(biasRows.capacity()), zeros);
  }

  /**
   * Computes the scores.
   *
   * @param scores f32[rows, 1], overwritten
   * @param z [rows, hidden]
   * @param site where dropout is drawn
   */
  void forward(Tensor scores, Tensor z, Dropout dropout, int site) {
    activate(z, dropout, site);
    Kernels kernels = device.kernels();
    kernels.row().gatherRows(scores, biasRow, biasRows.rows(z.rows()));
    kernels.product().gemm(NT_ADD, scores, activated, storedWeight);
  }

  private void activate(Tensor z, Dropout dropout, int site) {
    activated.rows(z.rows());
    device.kernels().activation().biasRelu(activated, z, parameters.bias);
    device.kernels().activation().dropout(activated, activated, dropout, site);
  }

  /**
   * The gradients, those of the parameters added to.
   *
   * @param dZ [rows, hidden], overwritten
   * @param dRows f32[rows, 1], of the scores
   * @param z dropout and site as in the forward pass
   */
  void backward(Tensor dZ, Tensor dRows, Tensor z, Dropout dropout, int site) {
    activate(z, dropout, site);
    Kernels kernels = device.kernels();
    kernels.memory().convert(dScores.rows(z.rows()), dRows);
    kernels.activation().biasGradient(gradients.scoreBias, dScores);
    kernels.product().gemm(GemmSpec.TN_ADD, gradients.weight, dScores, activated);
    kernels.product().gemm(GemmSpec.NN, dZ, dScores, storedWeight);
    kernels.activation().dropout(dZ, dZ, dropout, site);
    kernels.activation().biasReluBackward(dZ, gradients.bias, dZ, z, parameters.bias);
  }
}
