package org.mirror4j.device.intercept;

import org.mirror4j.device.intercept.InterceptedKernels.Listener;
import org.mirror4j.device.operation.Attention;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.OperandCheck;

/** Checks the operands of attention and leaves the rest to the listener. */
final class InterceptedAttention extends Attention {
  /** Null for nobody. */
  private final Listener listener;

  InterceptedAttention(OperandCheck check, Listener listener) {
    super(check);
    this.listener = listener;
  }

  @Override
  protected void computeAttention(Forward operands, int maxSeqlen, Dropout dropout) {
    if (listener != null) {
      listener.call("attention", operands, maxSeqlen, dropout);
    }
  }

  @Override
  protected void computeAttentionBackward(Backward operands, int maxSeqlen, Dropout dropout) {
    if (listener != null) {
      listener.call("attentionBackward", operands, maxSeqlen, dropout);
    }
  }
}
