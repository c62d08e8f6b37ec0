package org.mirror4j.device.host;

import org.mirror4j.device.operation.Activation;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.Tensor;

/** Activations. */
final class HostActivation extends Activation {
  private final HostBiasGelu biasGelu;
  private final HostBiasRelu biasRelu;
  private final HostTanh tanh;
  private final HostGate gate;
  private final HostDropoutRows dropoutRows;
  private final HostBiasGradient biasGradient;

  HostActivation(
      OperandCheck check,
      HostThreads threads,
      HostScratch[] scratch,
      HostAllocator memory,
      ScalarStart start) {
    super(check);
    biasGelu = new HostBiasGelu(threads, scratch, memory, start);
    biasRelu = new HostBiasRelu(threads, scratch, memory);
    tanh = new HostTanh(threads, scratch);
    gate = new HostGate(threads, scratch);
    dropoutRows = new HostDropoutRows(threads, scratch);
    biasGradient = new HostBiasGradient(threads, scratch, memory);
  }

  @Override
  protected void computeBiasGelu(Tensor y, Tensor x, Tensor bias, GeluForm form) {
    biasGelu.forward(y, x, bias, form);
  }

  @Override
  protected void computeBiasGeluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias, GeluForm form) {
    biasGelu.backward(dX, dBias, dY, x, bias, form);
  }

  @Override
  protected void computeBiasRelu(Tensor y, Tensor x, Tensor bias) {
    biasRelu.forward(y, x, bias);
  }

  @Override
  protected void computeBiasReluBackward(
      Tensor dX, Tensor dBias, Tensor dY, Tensor x, Tensor bias) {
    biasRelu.backward(dX, dBias, dY, x, bias);
  }

  @Override
  protected void computeTanh(Tensor y, Tensor x) {
    tanh.forward(y, x);
  }

  @Override
  protected void computeTanhBackward(Tensor dX, Tensor dY, Tensor y) {
    tanh.backward(dX, dY, y);
  }

  @Override
  protected void computeDropout(Tensor y, Tensor x, Dropout dropout, int site) {
    dropoutRows.run(y, x, dropout, site);
  }

  @Override
  protected void computeGate(Gate operands) {
    gate.forward(operands);
  }

  @Override
  protected void computeGateBackward(GateBackward operands) {
    gate.backward(operands);
  }

  @Override
  protected void computeBiasGradient(Tensor dBias, Tensor dY) {
    biasGradient.run(dBias, dY);
  }
}
