package org.mirror4j.calibrate.flow;

import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Flow.Columns;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * One step of a flow: activation normalisation, permutation, and a coupling that changes the second
 * half of the channels by a network of the first. With x1 the first half,
 *
 * <pre>  net(x1) = W3 relu(actnorm2(W2 relu(actnorm1(W1 x1))))  </pre>
 */
final class FlowStep {
  private final Kernels kernels;
  private final FlowCoupling coupling;
  private final StepParameters parameters;
  private final Tensor order;
  private final FlowMixing mixing;
  private final StepTensors tensors;
  private final Columns input;

  /**
   * @param order i32[channels] of the permutation
   * @param mixing null where the permutation is not learned
   * @param input what the step before gives
   */
  FlowStep(
      Device device,
      FlowCoupling coupling,
      StepParameters parameters,
      Tensor order,
      FlowMixing mixing,
      StepTensors tensors,
      Columns input) {
    kernels = device == null ? null : device.kernels();
    this.coupling = coupling;
    this.parameters = parameters;
    this.order = order;
    this.mixing = mixing;
    this.tensors = tensors;
    this.input = input;
  }

  /** What activation normalisation gives, in the new order. */
  private Columns permuted() {
    return mixing == null ? tensors.normalized() : mixing.permuted();
  }

  /** Plans what {@link #backward} takes beside its arguments. */
  void planBackward(Workspace workspace) {
    if (mixing != null) {
      mixing.planBackward(workspace);
    }
  }

  /** What the step computes with. */
  StepParameters parameters() {
    return parameters;
  }

  /** What the step computes. */
  StepTensors tensors() {
    return tensors;
  }

  /** What the step takes, and its inverse gives. */
  Columns input() {
    return input;
  }

  /** From input to output. */
  void forward(Tensor logDeterminant) {
    normalize();
    first();
    second();
    third();
    couple(logDeterminant);
  }

  /** Activation normalisation and permutation. */
  void normalize() {
    kernels.flow().actNorm(permuted(), input, order, parameters.actNorm());
    if (mixing != null) {
      mixing.forward(tensors.normalized());
    }
  }

  /** The network's first product. */
  void first() {
    kernels
        .product()
        .gemm(GemmSpec.NT, tensors.hidden1(), tensors.normalized().left(), parameters.weight1());
  }

  /** Its activation, and the second product. */
  void second() {
    kernels.flow().actNormRelu(tensors.relu1(), tensors.hidden1(), parameters.actNorm1());
    kernels.product().gemm(GemmSpec.NT, tensors.hidden2(), tensors.relu1(), parameters.weight2());
  }

  /** Its activation, and the third product. */
  void third() {
    kernels.flow().actNormRelu(tensors.relu2(), tensors.hidden2(), parameters.actNorm2());
    kernels.product().gemm(GemmSpec.NT, tensors.net(), tensors.relu2(), parameters.weight3());
  }

  /**
   * The coupling.
   *
   * @param logDeterminant [rows], added to by an affine coupling
   */
  void couple(Tensor logDeterminant) {
    Tensor second = tensors.normalized().right();
    switch (coupling) {
      case ADDITIVE ->
          kernels
              .flow()
              .additiveCoupling(tensors.coupled(), second, tensors.net(), parameters.actNorm3());
      case AFFINE ->
          kernels
              .flow()
              .affineCoupling(
                  tensors.coupled(), logDeterminant, second, tensors.net(), parameters.actNorm3());
    }
  }

  /** From output to input. */
  void inverse() {
    first();
    second();
    third();
    Tensor second = tensors.normalized().right();
    switch (coupling) {
      case ADDITIVE ->
          kernels
              .flow()
              .additiveCouplingInverse(
                  second, tensors.coupled(), tensors.net(), parameters.actNorm3());
      case AFFINE ->
          kernels
              .flow()
              .affineCouplingInverse(
                  second, tensors.coupled(), tensors.net(), parameters.actNorm3());
    }
    if (mixing != null) {
      mixing.inverse(tensors.normalized());
    }
    kernels.flow().actNormInverse(input, permuted(), order, parameters.actNorm());
  }

  /**
   * Gradient of {@link #forward}, whose tensors are as it left them.
   *
   * @param gradients of the parameters, overwritten
   * @param dInput of what the step takes, overwritten
   * @param dOutput of what it gives, both halves changed
   * @param dNet [rows, half or twice], overwritten
   * @param dHidden1 [rows, width], overwritten
   * @param dHidden2 [rows, width], overwritten
   * @param dLogDeterminant gradient of each row's log-determinant
   */
  void backward(
      StepParameters gradients,
      Columns dInput,
      Columns dOutput,
      Tensor dNet,
      Tensor dHidden1,
      Tensor dHidden2,
      float dLogDeterminant) {
    coupleBackward(gradients, dOutput.right(), dNet, dLogDeterminant);
    Tensor relu1 = tensors.relu1();
    Tensor relu2 = tensors.relu2();
    kernels.product().gemm(GemmSpec.TN, gradients.weight3(), dNet, relu2);
    kernels.product().gemm(GemmSpec.NN, dHidden2, dNet, parameters.weight3());
    kernels
        .flow()
        .actNormReluBackward(
            dHidden2, gradients.actNorm2(), dHidden2, relu2, parameters.actNorm2());
    kernels.product().gemm(GemmSpec.TN, gradients.weight2(), dHidden2, relu1);
    kernels.product().gemm(GemmSpec.NN, dHidden1, dHidden2, parameters.weight2());
    kernels
        .flow()
        .actNormReluBackward(
            dHidden1, gradients.actNorm1(), dHidden1, relu1, parameters.actNorm1());
    kernels.product().gemm(GemmSpec.TN, gradients.weight1(), dHidden1, tensors.normalized().left());
    kernels.product().gemm(GemmSpec.NN_ADD, dOutput.left(), dHidden1, parameters.weight1());
    float dTotal = tensors.normalized().left().rows() * dLogDeterminant;
    Columns dPermuted = mixing == null ? dOutput : mixing.backward(gradients, dOutput, dTotal);
    kernels
        .flow()
        .actNormBackward(
            dInput,
            gradients.actNorm(),
            dPermuted,
            permuted(),
            order,
            parameters.actNorm(),
            dTotal);
  }

  /** Gradient of {@link #couple}; that of the second half replaces that of the coupled one. */
  private void coupleBackward(
      StepParameters gradients, Tensor dCoupled, Tensor dNet, float dLogDeterminant) {
    switch (coupling) {
      case ADDITIVE ->
          kernels
              .flow()
              .additiveCouplingBackward(
                  dNet, gradients.actNorm3(), dCoupled, tensors.net(), parameters.actNorm3());
      case AFFINE ->
          kernels
              .flow()
              .affineCouplingBackward(
                  dCoupled,
                  dNet,
                  gradients.actNorm3(),
                  dCoupled,
                  tensors.normalized().right(),
                  tensors.net(),
                  parameters.actNorm3(),
                  dLogDeterminant);
    }
  }
}
