package org.mirror4j.device.launch;

import org.mirror4j.device.operation.Flow;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/** Steps of normalising flows, one launch each. */
final class LaunchedFlow extends Flow {
  private final KernelLauncher.Variants actNorm;
  private final KernelLauncher.Variants actNormInverse;
  private final KernelLauncher.Variants actNormBackward;
  private final KernelLauncher.Variants actNormRelu;
  private final KernelLauncher.Variants actNormReluBackward;
  private final KernelLauncher.Variants additiveCoupling;
  private final KernelLauncher.Variants additiveCouplingBackward;
  private final KernelLauncher.Variants affineCoupling;
  private final KernelLauncher.Variants affineCouplingInverse;
  private final KernelLauncher.Variants affineCouplingBackward;
  private final KernelLauncher.Variants triangularFactors;
  private final KernelLauncher.Variants triangularFactorsBackward;

  LaunchedFlow(OperandCheck check, KernelLauncher launcher) {
    super(check);
    actNorm = launcher.kernel("act_norm_forward");
    actNormInverse = launcher.kernel("act_norm_inverse");
    actNormBackward = launcher.kernel("act_norm_backward");
    actNormRelu = launcher.kernel("act_norm_relu_forward");
    actNormReluBackward = launcher.kernel("act_norm_relu_backward");
    additiveCoupling = launcher.kernel("additive_coupling");
    additiveCouplingBackward = launcher.kernel("additive_coupling_backward");
    affineCoupling = launcher.kernel("affine_coupling_forward");
    affineCouplingInverse = launcher.kernel("affine_coupling_inverse");
    affineCouplingBackward = launcher.kernel("affine_coupling_backward");
    triangularFactors = launcher.kernel("triangular_factors");
    triangularFactorsBackward = launcher.kernel("triangular_factors_backward");
  }

  @Override
  protected void computeActNorm(Columns y, Columns x, Tensor order, ActNorm parameters) {
    actNorm
        .on(DType.F32)
        .with(y.left())
        .with(y.right())
        .with(x.left())
        .with(x.right())
        .with(order)
        .with(parameters.bias())
        .with(parameters.logScale())
        .with(y.left().rows())
        .with(order.rows())
        .with(y.left().columns())
        .with(x.left().columns())
        .launch();
  }

  @Override
  protected void computeActNormInverse(Columns x, Columns y, Tensor order, ActNorm parameters) {
    actNormInverse
        .on(DType.F32)
        .with(x.left())
        .with(x.right())
        .with(y.left())
        .with(y.right())
        .with(order)
        .with(parameters.bias())
        .with(parameters.logScale())
        .with(y.left().rows())
        .with(order.rows())
        .with(y.left().columns())
        .with(x.left().columns())
        .launch();
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
    actNormBackward
        .on(DType.F32)
        .with(dX.left())
        .with(dX.right())
        .with(gradient.bias())
        .with(gradient.logScale())
        .with(dY.left())
        .with(dY.right())
        .with(y.left())
        .with(y.right())
        .with(order)
        .with(parameters.logScale())
        .with(y.left().rows())
        .with(order.rows())
        .with(y.left().columns())
        .with(dX.left().columns())
        .with(dLogDeterminant)
        .launch();
  }

  @Override
  protected void computeActNormRelu(Tensor y, Tensor x, ActNorm parameters) {
    actNormRelu
        .on(DType.F32)
        .with(y)
        .with(x)
        .with(parameters.bias())
        .with(parameters.logScale())
        .with(x.rows())
        .with(x.columns())
        .launch();
  }

  @Override
  protected void computeActNormReluBackward(
      Tensor dX, ActNorm gradient, Tensor dY, Tensor y, ActNorm parameters) {
    actNormReluBackward
        .on(DType.F32)
        .with(dX)
        .with(gradient.bias())
        .with(gradient.logScale())
        .with(dY)
        .with(y)
        .with(parameters.logScale())
        .with(y.rows())
        .with(y.columns())
        .launch();
  }

  @Override
  protected void computeAdditiveCoupling(
      Tensor y, Tensor x, Tensor shift, ActNorm parameters, int sign) {
    additiveCoupling
        .on(DType.F32)
        .with(y)
        .with(x)
        .with(shift)
        .with(parameters.bias())
        .with(parameters.logScale())
        .with(x.rows())
        .with(x.columns())
        .with((float) sign)
        .launch();
  }

  @Override
  protected void computeAdditiveCouplingBackward(
      Tensor dShift, ActNorm gradient, Tensor dY, Tensor shift, ActNorm parameters) {
    additiveCouplingBackward
        .on(DType.F32)
        .with(dShift)
        .with(gradient.bias())
        .with(gradient.logScale())
        .with(dY)
        .with(shift)
        .with(parameters.bias())
        .with(parameters.logScale())
        .with(shift.rows())
        .with(shift.columns())
        .launch();
  }

  @Override
  protected void computeAffineCoupling(
      Tensor y, Tensor logDeterminant, Tensor x, Tensor net, ActNorm parameters) {
    affineCoupling
        .on(DType.F32)
        .with(y)
        .with(logDeterminant)
        .with(x)
        .with(net)
        .with(parameters.bias())
        .with(parameters.logScale())
        .with(x.rows())
        .with(x.columns())
        .launch();
  }

  @Override
  protected void computeAffineCouplingInverse(Tensor x, Tensor y, Tensor net, ActNorm parameters) {
    affineCouplingInverse
        .on(DType.F32)
        .with(x)
        .with(y)
        .with(net)
        .with(parameters.bias())
        .with(parameters.logScale())
        .with(y.rows())
        .with(y.columns())
        .launch();
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
    affineCouplingBackward
        .on(DType.F32)
        .with(dX)
        .with(dNet)
        .with(gradient.bias())
        .with(gradient.logScale())
        .with(dY)
        .with(x)
        .with(net)
        .with(parameters.bias())
        .with(parameters.logScale())
        .with(x.rows())
        .with(x.columns())
        .with(dLogDeterminant)
        .launch();
  }

  @Override
  protected void computeTriangularFactors(
      Tensor lower, Tensor upper, Tensor factors, Tensor logScale, Tensor sign) {
    triangularFactors
        .on(DType.F32)
        .with(lower)
        .with(upper)
        .with(factors)
        .with(logScale)
        .with(sign)
        .with(logScale.rows())
        .launch();
  }

  @Override
  protected void computeTriangularFactorsBackward(
      Tensor dFactors,
      Tensor dLogScale,
      Tensor dLower,
      Tensor dUpper,
      Tensor upper,
      float dLogDeterminant) {
    triangularFactorsBackward
        .on(DType.F32)
        .with(dFactors)
        .with(dLogScale)
        .with(dLower)
        .with(dUpper)
        .with(upper)
        .with(dLogScale.rows())
        .with(dLogDeterminant)
        .launch();
  }
}
