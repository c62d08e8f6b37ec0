package org.mirror4j.device.launch;

import org.mirror4j.device.launch.KernelLauncher.Launch;
import org.mirror4j.device.launch.KernelLauncher.Variants;
import org.mirror4j.device.operation.Attention.Backward;
import org.mirror4j.device.operation.Attention.Forward;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * Attention by tensor cores: activations of half precision, heads of {@link #HEAD} elements. A
 * sequence of up to {@link #SHORT} rows is of one block, whose four warps have sixteen rows of a
 * head each; of a longer one blocks have {@link #TILE} rows of a head each.
 */
final class TensorAttention {
  static final int HEAD = 64;

  /** Rows of a block. */
  private static final int TILE = 64;

  /** Rows of a warp, and warps of a block. */
  private static final int WARP_ROWS = 16;

  private static final int WARPS = 4;

  /** Most rows of a sequence that is of one block. */
  private static final int SHORT = TILE;

  /**
   * Rows from which on {@code attention_forward} takes nearly twice the instructions; from 9 to 12
   * it is an eighth more, for which a batch of words is not worth a second launch.
   */
  static final int LEAST_FORWARD = 13;

  /**
   * Rows from which on {@code attention_backward} takes half as many instructions again, which is
   * what it spares of memory: the two kernels read all rows twice.
   */
  static final int LEAST_BACKWARD = 21;

  private final Variants shortForward;
  private final Variants bias;
  private final Variants forward;
  private final Variants backwardQueries;
  private final Variants backwardKeys;

  TensorAttention(KernelLauncher launcher) {
    shortForward = launcher.kernel("attention_tensor_short_forward");
    bias = launcher.kernel("attention_bias");
    forward = launcher.kernel("attention_tensor_forward");
    backwardQueries = launcher.kernel("attention_tensor_backward_queries");
    backwardKeys = launcher.kernel("attention_tensor_backward_keys");
  }

  /** Whether these kernels have heads of that size in that type. */
  static boolean has(DType storage, int headSize) {
    return storage != DType.F32 && headSize == HEAD;
  }

  /** The forward pass of sequences of {@link #LEAST_FORWARD} rows and more. */
  void forward(AttentionCall call) {
    DType storage = call.operands().qkv().dtype();
    if (call.maxSeqlen() >= LEAST_FORWARD) {
      shortForward(call, storage);
    }
    if (call.maxSeqlen() > SHORT) {
      longForward(call, storage);
    }
  }

  private void shortForward(AttentionCall call, DType storage) {
    Forward operands = call.operands();
    Launch launch =
        shortForward
            .on(storage)
            .with(operands.context())
            .with(operands.logSumExp())
            .with(operands.qkv())
            .with(operands.bias());
    call.sequences(launch).with(LEAST_FORWARD).with(parts(call.maxSeqlen(), call.heads()));
    call.scalars(launch).launch();
  }

  /** Blocks share keys, so the bias is in all of them before the first starts. */
  private void longForward(AttentionCall call, DType storage) {
    Forward operands = call.operands();
    bias.on(storage)
        .with(operands.qkv())
        .with(operands.bias())
        .with(operands.cuSeqlens())
        .with(operands.qkv().rows())
        .with(operands.keyLengths().rows())
        .with(operands.qkv().columns())
        .with(SHORT + 1)
        .with(tiles(call))
        .launch();
    Launch launch =
        forward
            .on(storage)
            .with(operands.context())
            .with(operands.logSumExp())
            .with(operands.qkv());
    call.sequences(launch).with(SHORT + 1).with(tiles(call));
    call.scalars(launch).launch();
  }

  /**
   * The gradients of sequences of {@link #LEAST_BACKWARD} rows and more: those of queries, which
   * leave delta for those of keys and values.
   *
   * @param delta overwritten: what each row of a head has of the dot product of context and
   *     gradient
   */
  void backward(AttentionCall call, Backward operands, Tensor delta) {
    Forward saved = operands.forward();
    DType storage = saved.qkv().dtype();
    Launch queries =
        backwardQueries
            .on(storage)
            .with(operands.dQkv())
            .with(delta)
            .with(operands.dContext())
            .with(saved.context())
            .with(saved.logSumExp())
            .with(saved.qkv());
    call.sequences(queries).with(LEAST_BACKWARD).with(tiles(call));
    call.scalars(queries).launch();
    Launch keys =
        backwardKeys
            .on(storage)
            .with(operands.dQkv())
            .with(delta)
            .with(operands.dContext())
            .with(saved.logSumExp())
            .with(saved.qkv());
    call.sequences(keys).with(LEAST_BACKWARD).with(tiles(call));
    call.scalars(keys).launch();
  }

  private static int tiles(AttentionCall call) {
    return Math.ceilDiv(call.maxSeqlen(), TILE);
  }

  /** Blocks for a short sequence: a warp is one head's. */
  static int parts(int maxSeqlen, int heads) {
    int warps = Math.ceilDiv(Math.clamp(maxSeqlen, 1, SHORT), WARP_ROWS);
    return Math.ceilDiv(heads, WARPS / warps);
  }
}
