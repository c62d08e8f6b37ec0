package org.mirror4j.device.intercept;

import org.mirror4j.device.intercept.InterceptedKernels.Listener;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Embedding;
import org.mirror4j.device.operation.OperandCheck;

/** Checks the operands of embeddings and leaves the rest to the listener. */
final class InterceptedEmbedding extends Embedding {
  /** Null for nobody. */
  private final Listener listener;

  InterceptedEmbedding(OperandCheck check, Listener listener) {
    super(check);
    this.listener = listener;
  }

  @Override
  protected void computeEmbed(Forward operands, Dropout dropout) {
    if (listener != null) {
      listener.call("embed", operands, dropout);
    }
  }

  @Override
  protected void computeEmbedBackward(Backward operands, Dropout dropout) {
    if (listener != null) {
      listener.call("embedBackward", operands, dropout);
    }
  }
}
