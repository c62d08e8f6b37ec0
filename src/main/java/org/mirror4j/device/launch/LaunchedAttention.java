package org.mirror4j.device.launch;

import org.mirror4j.device.launch.KernelLauncher.Launch;
import org.mirror4j.device.launch.KernelLauncher.Variants;
import org.mirror4j.device.operation.Attention;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.ShapeException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * Attention inside packed sequences and its gradient. One launch serves all heads of all sequences
 * of up to {@link #SHORT} rows, where heads have the 64 elements of every BERT; a second one serves
 * longer sequences, by tensor cores where activations are of half precision. The general kernels
 * serve longer sequences in f32 and all of other heads. Which of them depends on the sequence
 * alone, and so do the bits of its results.
 *
 * <p>A block takes as many heads of one sequence as have room among its rows, or, of a longer
 * sequence, one head in tiles. The grid has the blocks that the longest sequence needs, for each
 * sequence.
 */
final class LaunchedAttention extends Attention {
  /** Elements of a head that the kernels for short sequences have; in the others, of four lanes. */
  private static final int HEAD = 64;

  private static final int LARGEST_HEAD = 128;

  /** Most rows of a sequence whose scores, keys and values have room in shared memory at once. */
  private static final int SHORT = 52;

  /** Queries of a block of the kernels on tensor cores. */
  private static final int TILE = 64;

  /** Groups of four rows in a block of the kernels for short sequences. */
  private static final int GROUPS = 16;

  private final LaunchScratch scratch;
  private final DropoutStep dropoutStep;
  private final LaunchedColumnSums columnSums;
  private final Variants headScale;
  private final Variants forward;
  private final Variants backward;
  private final Variants bias;
  private final Variants tensorForward;
  private final Variants tensorBackwardQueries;
  private final Variants tensorBackwardKeys;
  private final Variants generalForward;
  private final Variants generalBackward;

  LaunchedAttention(
      OperandCheck check, KernelLauncher launcher, LaunchScratch scratch, DropoutStep dropoutStep) {
    super(check);
    this.scratch = scratch;
    this.dropoutStep = dropoutStep;
    columnSums = new LaunchedColumnSums(launcher, scratch);
    headScale = launcher.kernel("attention_head_scale");
    forward = launcher.kernel("attention_forward");
    backward = launcher.kernel("attention_backward");
    bias = launcher.kernel("attention_bias");
    tensorForward = launcher.kernel("attention_tensor_forward");
    tensorBackwardQueries = launcher.kernel("attention_tensor_backward_queries");
    tensorBackwardKeys = launcher.kernel("attention_tensor_backward_keys");
    generalForward = launcher.kernel("attention_general_forward");
    generalBackward = launcher.kernel("attention_general_backward");
  }

  @Override
  protected void computeAttention(Forward operands, int maxSeqlen, Dropout dropout) {
    DType storage = operands.qkv().dtype();
    Tensor headScale = headScale(operands, dropout);
    int headSize = headSize(operands);
    if (headSize == HEAD) {
      Launch launch = forward.on(storage);
      forward(launch, operands, headScale, dropout).with(forwardParts(maxSeqlen, operands.heads()));
      scalars(launch, operands, dropout).launch();
    }
    if (needsTensor(storage, maxSeqlen, headSize)) {
      tensorForward(operands, headScale, maxSeqlen, dropout);
    } else if (needsGeneral(maxSeqlen, headSize)) {
      Launch launch = generalForward.on(storage);
      forward(launch, operands, headScale, dropout)
          .with(headSize)
          .with(leastGeneral(headSize))
          .with(generalForwardParts(maxSeqlen, operands.heads(), headSize));
      scalars(launch, operands, dropout).launch();
    }
  }

  /** Blocks share keys, so the bias is in all of them before the first starts. */
  private void tensorForward(Forward operands, Tensor headScale, int maxSeqlen, Dropout dropout) {
    DType storage = operands.qkv().dtype();
    bias.on(storage)
        .with(operands.qkv())
        .with(operands.bias())
        .with(operands.cuSeqlens())
        .with(operands.qkv().rows())
        .with(operands.keyLengths().rows())
        .with(operands.qkv().columns())
        .with(SHORT + 1)
        .with(tiles(maxSeqlen))
        .launch();
    Launch launch =
        tensorForward
            .on(storage)
            .with(operands.context())
            .with(operands.logSumExp())
            .with(operands.qkv());
    sequences(launch, operands, headScale, dropout).with(SHORT + 1).with(tiles(maxSeqlen));
    scalars(launch, operands, dropout).launch();
  }

  private Launch forward(Launch launch, Forward operands, Tensor headScale, Dropout dropout) {
    launch
        .with(operands.context())
        .with(operands.logSumExp())
        .with(operands.qkv())
        .with(operands.bias());
    return sequences(launch, operands, headScale, dropout);
  }

  @Override
  protected void computeAttentionBackward(Backward operands, int maxSeqlen, Dropout dropout) {
    Forward forward = operands.forward();
    DType storage = forward.qkv().dtype();
    Tensor headScale = headScale(forward, dropout);
    int headSize = headSize(forward);
    if (headSize == HEAD) {
      Launch launch = backward.on(storage).with(operands.dQkv());
      backward(launch, operands, headScale, dropout)
          .with(backwardParts(maxSeqlen, forward.heads()));
      scalars(launch, forward, dropout).launch();
    }
    if (needsTensor(storage, maxSeqlen, headSize)) {
      tensorBackward(operands, headScale, maxSeqlen, dropout);
    } else if (needsGeneral(maxSeqlen, headSize)) {
      Launch launch = generalBackward.on(storage).with(operands.dQkv()).with(delta(forward));
      backward(launch, operands, headScale, dropout)
          .with(headSize)
          .with(leastGeneral(headSize))
          .with(generalBackwardParts(maxSeqlen, forward.heads(), headSize));
      scalars(launch, forward, dropout).launch();
    }
    columnSums.add(operands.dBias(), operands.dQkv());
  }

  /** The gradient of queries first, which leaves delta for that of keys and values. */
  private void tensorBackward(Backward operands, Tensor headScale, int maxSeqlen, Dropout dropout) {
    Forward forward = operands.forward();
    DType storage = forward.qkv().dtype();
    Tensor delta = delta(forward);
    Launch queries = tensorBackwardQueries.on(storage).with(operands.dQkv()).with(delta);
    backward(queries, operands, headScale, dropout).with(SHORT + 1).with(tiles(maxSeqlen));
    scalars(queries, forward, dropout).launch();
    Launch keys =
        tensorBackwardKeys
            .on(storage)
            .with(operands.dQkv())
            .with(delta)
            .with(operands.dContext())
            .with(forward.logSumExp())
            .with(forward.qkv());
    sequences(keys, forward, headScale, dropout).with(SHORT + 1).with(tiles(maxSeqlen));
    scalars(keys, forward, dropout).launch();
  }

  /** What each row of a head has of the dot product of context and gradient. */
  private Tensor delta(Forward forward) {
    return scratch.matrix("attention delta", DType.F32, forward.context().rows(), forward.heads());
  }

  private Launch backward(Launch launch, Backward operands, Tensor headScale, Dropout dropout) {
    Forward forward = operands.forward();
    launch
        .with(operands.dContext())
        .with(forward.context())
        .with(forward.logSumExp())
        .with(forward.qkv());
    return sequences(launch, forward, headScale, dropout);
  }

  /** The last buffers and the first scalars of all kernels but the bias's. */
  private Launch sequences(Launch launch, Forward operands, Tensor headScale, Dropout dropout) {
    return launch
        .with(operands.cuSeqlens())
        .with(operands.keyLengths())
        .with(headScale)
        .with(dropoutStep.of(dropout))
        .with(operands.context().rows())
        .with(operands.keyLengths().rows())
        .with(operands.heads());
  }

  /** What each head of each sequence is multiplied by; not filled in where drophead is off. */
  private Tensor headScale(Forward operands, Dropout dropout) {
    int sequences = operands.keyLengths().rows();
    int heads = operands.heads();
    Tensor result = scratch.matrix("attention head scale", DType.F32, sequences, heads);
    if (dropout.headThreshold() != 0) {
      headScale
          .on(DType.F32)
          .with(result)
          .with(dropoutStep.of(dropout))
          .with(sequences)
          .with(heads)
          .with(dropout.seed() & 0xFFFFFFFFL)
          .with(dropout.seed() >>> 32)
          .with(DropoutSite.HEADS.in(operands.layer()))
          .with(dropout.headThreshold())
          .launch();
    }
    return result;
  }

  /** The last scalars of all kernels but the bias's. */
  private static Launch scalars(Launch launch, Forward operands, Dropout dropout) {
    return launch
        .with((float) (1 / Math.sqrt(headSize(operands))))
        .with(dropout.seed() & 0xFFFFFFFFL)
        .with(dropout.seed() >>> 32)
        .with(DropoutSite.ATTENTION_PROBABILITIES.in(operands.layer()))
        .with(dropout.threshold())
        .with(dropout.scale())
        .with(dropout.headThreshold() == 0 ? 0 : 1);
  }

  private static int headSize(Forward operands) {
    int headSize = operands.context().columns() / operands.heads();
    if (headSize > LARGEST_HEAD) {
      throw new ShapeException(
          "attention: heads have %d elements, expected at most %d on a GPU"
              .formatted(headSize, LARGEST_HEAD));
    }
    return headSize;
  }

  private static boolean needsTensor(DType storage, int maxSeqlen, int headSize) {
    return storage != DType.F32 && headSize == HEAD && maxSeqlen > SHORT;
  }

  private static int tiles(int maxSeqlen) {
    return (maxSeqlen + TILE - 1) / TILE;
  }

  private static boolean needsGeneral(int maxSeqlen, int headSize) {
    return headSize != HEAD || maxSeqlen > SHORT;
  }

  /** Rows from which on a sequence is the general kernels'. */
  private static int leastGeneral(int headSize) {
    return headSize == HEAD ? SHORT + 1 : 1;
  }

  /** Blocks for a sequence of {@code attention_forward}: groups of four rows are one head's. */
  static int forwardParts(int maxSeqlen, int heads) {
    return parts(heads, GROUPS, groups(maxSeqlen));
  }

  /**
   * Blocks for a sequence of {@code attention_backward}: two heads of eight groups are too large.
   */
  static int backwardParts(int maxSeqlen, int heads) {
    int groups = groups(maxSeqlen);
    return groups < GROUPS / 2 ? parts(heads, GROUPS, groups) : heads;
  }

  private static int groups(int maxSeqlen) {
    return (Math.clamp(maxSeqlen, 1, SHORT) + 3) / 4;
  }

  /** Blocks for a sequence of {@code attention_general_forward}: keys are read in fours. */
  static int generalForwardParts(int maxSeqlen, int heads, int headSize) {
    int slots = headSize > HEAD ? 32 : 64;
    int rows = Math.clamp(maxSeqlen, 1, slots);
    return parts(heads, slots - ((rows + 3) / 4 * 4 - rows), rows);
  }

  /** Blocks for a sequence of {@code attention_general_backward}: keys are read in twos. */
  static int generalBackwardParts(int maxSeqlen, int heads, int headSize) {
    int slots = headSize > HEAD ? 24 : 48;
    int rows = Math.clamp(maxSeqlen, 1, slots);
    return parts(heads, slots - rows % 2, rows);
  }

  private static int parts(int heads, int slots, int rows) {
    int headsOfBlock = Math.max(1, slots / rows);
    return (heads + headsOfBlock - 1) / headsOfBlock;
  }
}
