package org.mirror4j.objective;

import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Norm.LayerNorm;
import org.mirror4j.device.operation.Norm.LayerNormBackward;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Parameter;
import org.mirror4j.tensor.ParameterScope;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * The layer that heads of pretraining are made of (Devlin et al. 2019, section 3.1): {@code y =
 * LayerNorm(gelu(x W^T + b))}, with the GELU and epsilon of the encoder.
 */
final class HeadTransform {
  /**
   * Parameters of the layer.
   *
   * @param weight [hidden, inputs]
   * @param bias [hidden]
   * @param gamma [hidden]
   * @param beta [hidden]
   */
  record Parameters(Tensor weight, Tensor bias, Tensor gamma, Tensor beta) {
    /**
     * Takes them.
     *
     * @param inputs elements of a row of x
     * @param dense name of the module with weight and bias
     * @param norm name of the module with gamma and beta, which are called weight and bias
     */
    static Parameters take(
        ParameterScope scope, BertConfig config, int inputs, String dense, String norm) {
      int hidden = config.hiddenSize();
      return new Parameters(
          scope.take(
              Parameter.weight(dense + ".weight", hidden, inputs, config.initializerRange())),
          scope.take(Parameter.bias(dense + ".bias", hidden)),
          scope.take(Parameter.gain(norm + ".weight", hidden)),
          scope.take(Parameter.bias(norm + ".bias", hidden)));
    }
  }

  /** What the backward pass takes. */
  private record Backward(Parameters gradients, LayerNormBackward norm) {
    static Backward plan(Parameters gradients, LayerNorm norm, Tensor dDense, Tensor dY) {
      return new Backward(
          gradients, new LayerNormBackward(norm, dDense, dY, gradients.gamma, gradients.beta));
    }
  }

  private final Device device;
  private final BertConfig config;
  private final Parameters parameters;
  private final Tensor storedWeight;
  private final Tensor dense;
  private final Tensor activated;
  private final LayerNorm norm;
  private final Backward backward;

  /**
   * Plans the buffers.
   *
   * @param workspace may only count
   * @param name what the buffers are called after
   * @param storedWeight the weight in the storage type
   * @param gradients null where only y is wanted
   * @param maxRows the most rows of x
   */
  HeadTransform(
      Device device,
      Workspace workspace,
      String name,
      BertModel model,
      Parameters parameters,
      Tensor storedWeight,
      Parameters gradients,
      int maxRows) {
    this.device = device;
    config = model.config();
    this.parameters = parameters;
    this.storedWeight = storedWeight;
    DType storage = model.storage();
    Shape shape = Shape.of(maxRows, config.hiddenSize());
    dense = workspace.tensor(name + ".dense", storage, shape);
    activated = workspace.tensor(name + ".activated", storage, shape);
    norm =
        new LayerNorm(
            workspace.tensor(name + ".y", storage, shape),
            activated,
            workspace.f32(name + ".mean", maxRows),
            workspace.f32(name + ".rstd", maxRows),
            parameters.gamma(),
            parameters.beta(),
            config.layerNormEps());
    backward =
        gradients == null
            ? null
            : Backward.plan(
                gradients,
                norm,
                workspace.tensor(name + ".dDense", storage, shape),
                workspace.tensor(name + ".dY", storage, shape));
  }

  /**
   * Computes y.
   *
   * @param x [rows, inputs]
   * @return [rows, hidden]
   */
  Tensor forward(Tensor x) {
    int rows = x.rows();
    dense.rows(rows);
    activated.rows(rows);
    norm.y().rows(rows);
    norm.mean().rows(rows);
    norm.rstd().rows(rows);
    if (backward != null) {
      backward.norm.dX().rows(rows);
      backward.norm.dY().rows(rows);
    }
    Kernels kernels = device.kernels();
    kernels.product().gemm(GemmSpec.NT, dense, x, storedWeight);
    kernels.activation().biasGelu(activated, dense, parameters.bias(), config.geluForm());
    kernels.norm().layerNorm(norm);
    return norm.y();
  }

  /** The last y. */
  Tensor y() {
    return norm.y();
  }

  /** Where the gradient of y belongs before {@link #backward}; not changed by it. */
  Tensor dY() {
    return backward.norm.dY();
  }

  /**
   * The gradients of the layer: that of the weight is overwritten, those of the vectors are added
   * to.
   *
   * @param dX [rows, inputs], overwritten
   * @param x as in the forward pass
   */
  void backward(Tensor dX, Tensor x) {
    Tensor dDense = backward.norm.dX();
    Parameters gradients = backward.gradients;
    Kernels kernels = device.kernels();
    kernels.norm().layerNormBackward(backward.norm);
    kernels
        .activation()
        .biasGeluBackward(
            dDense, gradients.bias, dDense, dense, parameters.bias, config.geluForm());
    kernels.product().gemm(GemmSpec.TN, gradients.weight, dDense, x);
    kernels.product().gemm(GemmSpec.NN, dX, dDense, storedWeight);
  }
}
