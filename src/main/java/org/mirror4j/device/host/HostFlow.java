package org.mirror4j.device.host;

import org.mirror4j.device.operation.Flow;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.Tensor;

/** Steps of normalising flows. */
final class HostFlow extends Flow {
  private final HostActNorm actNorm;
  private final HostActNormRelu relu;
  private final HostAdditiveCoupling additive;
  private final HostAffineCoupling affine;
  private final HostTriangularFactors triangularFactors;

  HostFlow(OperandCheck check, HostThreads threads, HostScratch[] scratch) {
    super(check);
    actNorm = new HostActNorm(threads, scratch);
    relu = new HostActNormRelu(threads);
    additive = new HostAdditiveCoupling(threads, scratch);
    affine = new HostAffineCoupling(threads, scratch);
    triangularFactors = new HostTriangularFactors(threads);
  }

  @Override
  protected void computeActNorm(Columns y, Columns x, Tensor order, ActNorm parameters) {
    HostIndices.requireBelow("actNorm", order, order.rows());
    actNorm.forward(y, x, order, parameters);
  }

  @Override
  protected void computeActNormInverse(Columns x, Columns y, Tensor order, ActNorm parameters) {
    HostIndices.requireBelow("actNormInverse", order, order.rows());
    actNorm.inverse(x, y, order, parameters);
  }

  @Override
  protected void computeActNormBackward(
      Columns dX,
      ActNorm gradient,
      Columns dY,
      Columns y,
      Tensor order,
      ActNorm parameters,
      float dLogDeterminant) {
    HostIndices.requireBelow("actNormBackward", order, order.rows());
    actNorm.backward(dX, gradient, dY, y, order, parameters, dLogDeterminant);
  }

  @Override
  protected void computeActNormRelu(Tensor y, Tensor x, ActNorm parameters) {
    relu.forward(y, x, parameters);
  }

  @Override
  protected void computeActNormReluBackward(
      Tensor dX, ActNorm gradient, Tensor dY, Tensor y, ActNorm parameters) {
    relu.backward(dX, gradient, dY, y, parameters);
  }

  @Override
  protected void computeAdditiveCoupling(
      Tensor y, Tensor x, Tensor shift, ActNorm parameters, int sign) {
    additive.forward(y, x, shift, parameters, sign);
  }

  @Override
  protected void computeAdditiveCouplingBackward(
      Tensor dShift, ActNorm gradient, Tensor dY, Tensor shift, ActNorm parameters) {
    additive.backward(dShift, gradient, dY, shift, parameters);
  }

  @Override
  protected void computeAffineCoupling(
      Tensor y, Tensor logDeterminant, Tensor x, Tensor net, ActNorm parameters) {
    affine.forward(y, logDeterminant, x, net, parameters);
  }

  @Override
  protected void computeAffineCouplingInverse(Tensor x, Tensor y, Tensor net, ActNorm parameters) {
    affine.inverse(x, y, net, parameters);
  }

  @Override
  protected void computeAffineCouplingBackward(
      Tensor dX,
      Tensor dNet,
      ActNorm gradient,
      Tensor dY,
      Tensor x,
      Tensor net,
      ActNorm parameters,
      float dLogDeterminant) {
    affine.backward(dX, dNet, gradient, dY, x, net, parameters, dLogDeterminant);
  }

  @Override
  protected void computeTriangularFactors(
      Tensor lower, Tensor upper, Tensor factors, Tensor logScale, Tensor sign) {
    triangularFactors.forward(lower, upper, factors, logScale, sign);
  }

  @Override
  protected void computeTriangularFactorsBackward(
      Tensor dFactors,
      Tensor dLogScale,
      Tensor dLower,
      Tensor dUpper,
      Tensor upper,
      float dLogDeterminant) {
    triangularFactors.backward(dFactors, dLogScale, dLower, dUpper, upper, dLogDeterminant);
  }
}
