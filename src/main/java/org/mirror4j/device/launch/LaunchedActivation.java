package org.mirror4j.device.launch;

import org.mirror4j.device.operation.Activation;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/** Activations and their gradients. */
final class LaunchedActivation extends Activation {
  /** Rows that a block of the backward pass sums. */
  private static final int ROWS = 64;

  private final KernelLauncher.Variants forward;
  private final KernelLauncher.Variants backward;
  private final KernelLauncher.Variants reluForward;
  private final KernelLauncher.Variants reluBackward;
  private final KernelLauncher.Variants tanhForward;
  private final KernelLauncher.Variants tanhBackward;
  private final KernelLauncher.Variants gate;
  private final KernelLauncher.Variants gateBackward;
  private final KernelLauncher.Variants dropoutKernel;
  private final KernelLauncher.Variants partialSums;
  private final LaunchScratch scratch;
  private final DropoutStep dropoutStep;
  private final LaunchedColumnSums columnSums;

  LaunchedActivation(
      OperandCheck check, KernelLauncher launcher, LaunchScratch scratch, DropoutStep dropoutStep) {
    super(check);
    forward = launcher.kernel("bias_gelu_forward");
    backward = launcher.kernel("bias_gelu_backward");
    reluForward = launcher.kernel("bias_relu_forward");
    reluBackward = launcher.kernel("bias_relu_backward");
    tanhForward = launcher.kernel("tanh_forward");
    tanhBackward = launcher.kernel("tanh_backward");
    gate = launcher.kernel("gate_forward");
    gateBackward = launcher.kernel("gate_backward");
    dropoutKernel = launcher.kernel("dropout");
    partialSums = launcher.kernel("partial_sums");
    this.scratch = scratch;
    this.dropoutStep = dropoutStep;
    columnSums = new LaunchedColumnSums(launcher, scratch);
  }

  @Override
  protected void computeBiasGelu(Tensor y, Tensor x, Tensor bias, GeluForm form) {
    forward
        .on(x.dtype())
        .with(y)
        .with(x)
        .with(bias)
        .with(x.rows())
        .with(x.columns())
        .with(number(form))
        .launch();
  }

  @Override
  protected void computeBiasGeluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form) {
    Tensor partials = partials(x);
    backward
        .on(x.dtype())
        .with(dX)
        .with(partials)
        .with(dY)
        .with(x)
        .with(bias)
        .with(x.rows())
        .with(x.columns())
        .with(number(form))
        .launch();
    add(dBias, partials);
  }

  /** Room for what the blocks of a backward pass sum. */
  private Tensor partials(Tensor x) {
    return scratch.matrix("dBias partials", DType.F32, Math.ceilDiv(x.rows(), ROWS), x.columns());
  }

  private void add(Tensor dBias, Tensor partials) {
    if (partials.rows() > 0) {
      partialSums
          .on(DType.F32)
          .with(dBias)
          .with(partials)
          .with(partials.rows())
          .with(partials.columns())
          .launch();
    }
  }

  @Override
  protected void computeBiasRelu(Tensor y, Tensor x, Tensor bias) {
    reluForward.on(x.dtype()).with(y).with(x).with(bias).with(x.rows()).with(x.columns()).launch();
  }

  @Override
  protected void computeBiasReluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias) {
    Tensor partials = partials(x);
    reluBackward
        .on(x.dtype())
        .with(dX)
        .with(partials)
        .with(dY)
        .with(x)
        .with(bias)
        .with(x.rows())
        .with(x.columns())
        .launch();
    add(dBias, partials);
  }

  @Override
  protected void computeTanh(Tensor y, Tensor x) {
    tanhForward.on(x.dtype()).with(y).with(x).with(LaunchedMemory.size("tanh", x)).launch();
  }

  @Override
  protected void computeTanhBackward(Tensor dX, Tensor dY, Tensor y) {
    tanhBackward
        .on(y.dtype())
        .with(dX)
        .with(dY)
        .with(y)
        .with(LaunchedMemory.size("tanhBackward", y))
        .launch();
  }

  @Override
  protected void computeDropout(Tensor y, Tensor x, Dropout dropout, int site) {
    KernelLauncher.Launch launch =
        dropoutKernel
            .on(x.dtype())
            .with(y)
            .with(x)
            .with(dropoutStep.of(dropout))
            .with(x.rows())
            .with(x.columns());
    LaunchedNorm.withDropout(launch, dropout, site).launch();
  }

  @Override
  protected void computeGate(Gate operands) {
    gate.on(operands.z().dtype())
        .with(operands.y())
        .with(operands.z())
        .with(operands.bias())
        .with(operands.a())
        .with(operands.b())
        .with(operands.z().rows())
        .with(operands.z().columns())
        .launch();
  }

  @Override
  protected void computeGateBackward(GateBackward operands) {
    Gate forward = operands.forward();
    gateBackward
        .on(forward.z().dtype())
        .with(operands.dZ())
        .with(operands.dA())
        .with(operands.dB())
        .with(operands.dY())
        .with(forward.z())
        .with(forward.bias())
        .with(forward.a())
        .with(forward.b())
        .with(forward.z().rows())
        .with(forward.z().columns())
        .launch();
  }

  @Override
  protected void computeBiasGradient(Tensor dBias, Tensor dY) {
    columnSums.add(dBias, dY);
  }

  /** As the kernels know it. */
  private static int number(GeluForm form) {
    return switch (form) {
      case ERF -> 0;
      case TANH -> 1;
    };
  }
}
