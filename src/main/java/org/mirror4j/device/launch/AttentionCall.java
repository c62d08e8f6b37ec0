package org.mirror4j.device.launch;

import org.mirror4j.device.launch.KernelLauncher.Launch;
import org.mirror4j.device.operation.Attention.Forward;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.tensor.Tensor;

/**
 * What all launches of one call of attention, forwards or backwards, are given.
 *
 * @param operands those of the forward pass
 * @param headScale what each head of each sequence is multiplied by
 * @param maxSeqlen the most rows of a sequence, an upper bound
 * @param step of dropout, in memory
 */
record AttentionCall(
    Forward operands, Tensor headScale, int maxSeqlen, Dropout dropout, Tensor step) {
  int heads() {
    return operands.heads();
  }

  int headSize() {
    return operands.context().columns() / operands.heads();
  }

  /** The last buffers of the kernels and their first scalars. */
  Launch sequences(Launch launch) {
    return launch
        .with(operands.cuSeqlens())
        .with(operands.keyLengths())
        .with(headScale)
        .with(step)
        .with(operands.context().rows())
        .with(operands.keyLengths().rows())
        .with(operands.heads());
  }

  /** The last scalars of the kernels. */
  Launch scalars(Launch launch) {
    return launch
        .with((float) (1 / Math.sqrt(headSize())))
        .with(dropout.seed() & 0xFFFFFFFFL)
        .with(dropout.seed() >>> 32)
        .with(DropoutSite.ATTENTION_PROBABILITIES.in(operands.layer()))
        .with(dropout.threshold())
        .with(dropout.scale())
        .with(dropout.headThreshold() == 0 ? 0 : 1);
  }
}
