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
 * of up to {@link #SHORT} rows, where heads have the 64 elements of every BERT; further ones serve
 * longer sequences, if there are any: in half precision {@link TensorAttention}, which takes over
 * well below that length, in f32 the general kernels, which serve all sequences of other heads.
 * Which of them depends on the sequence alone, and so do the bits of its results.
 *
 * <p>A block takes as many heads of one sequence as have room among its rows, or, of a longer
 * sequence, one head in tiles. The grid has the blocks that the longest sequence needs, for each
 * sequence.
 */
final class LaunchedAttention extends Attention {
  /** Elements of a head that the kernels for short sequences have; in the others, of four lanes. */
  private static final int HEAD = 64;

  private static final int LARGEST_HEAD = 128;

  /** Elements of qkv that the kernels for short sequences count, in 32 bits. */
  private static final long MOST_ELEMENTS = 1L << 32;

  /** Most rows of a sequence whose scores, keys and values have room in shared memory at once. */
  private static final int SHORT = 52;

  /** Groups of four rows in a block of the kernels for short sequences. */
  private static final int GROUPS = 16;

  private final LaunchScratch scratch;
  private final DropoutStep dropoutStep;
  private final LaunchedColumnSums columnSums;
  private final TensorAttention tensors;
  private final Variants headScale;
  private final Variants forward;
  private final Variants backward;
  private final Variants generalForward;
  private final Variants generalBackward;

  LaunchedAttention(
      OperandCheck check, KernelLauncher launcher, LaunchScratch scratch, DropoutStep dropoutStep) {
    super(check);
    this.scratch = scratch;
    this.dropoutStep = dropoutStep;
    columnSums = new LaunchedColumnSums(launcher, scratch);
    tensors = new TensorAttention(launcher);
    headScale = launcher.kernel("attention_head_scale");
    forward = launcher.kernel("attention_forward");
    backward = launcher.kernel("attention_backward");
    generalForward = launcher.kernel("attention_general_forward");
    generalBackward = launcher.kernel("attention_general_backward");
  }

  @Override
  protected void computeAttention(Forward operands, int maxSeqlen, Dropout dropout) {
    int headSize = headSize(operands);
    AttentionCall call = call(operands, maxSeqlen, dropout);
    DType storage = operands.qkv().dtype();
    boolean isTensor = TensorAttention.has(storage, headSize);
    if (headSize == HEAD) {
      int most = isTensor ? TensorAttention.LEAST_FORWARD - 1 : SHORT;
      Launch launch = forward.on(storage);
      forward(launch, call)
          .with(most)
          .with(forwardParts(Math.min(maxSeqlen, most), operands.heads()));
      call.scalars(launch).launch();
    }
    if (isTensor) {
      tensors.forward(call);
    } else if (needsGeneral(maxSeqlen, headSize)) {
      Launch launch = generalForward.on(storage);
      forward(launch, call)
          .with(headSize)
          .with(leastGeneral(headSize))
          .with(generalForwardParts(maxSeqlen, operands.heads(), headSize));
      call.scalars(launch).launch();
    }
  }

  private static Launch forward(Launch launch, AttentionCall call) {
    Forward operands = call.operands();
    launch
        .with(operands.context())
        .with(operands.logSumExp())
        .with(operands.qkv())
        .with(operands.bias());
    return call.sequences(launch);
  }

  @Override
  protected void computeAttentionBackward(Backward operands, int maxSeqlen, Dropout dropout) {
    Forward forward = operands.forward();
    int headSize = headSize(forward);
    AttentionCall call = call(forward, maxSeqlen, dropout);
    DType storage = forward.qkv().dtype();
    boolean isTensor = TensorAttention.has(storage, headSize);
    if (headSize == HEAD) {
      int most = isTensor ? TensorAttention.LEAST_BACKWARD - 1 : SHORT;
      Launch launch = backward.on(storage).with(operands.dQkv());
      backward(launch, operands, call)
          .with(most)
          .with(backwardParts(Math.min(maxSeqlen, most), forward.heads()));
      call.scalars(launch).launch();
    }
    if (isTensor) {
      if (maxSeqlen >= TensorAttention.LEAST_BACKWARD) {
        tensors.backward(call, operands, delta(forward));
      }
    } else if (needsGeneral(maxSeqlen, headSize)) {
      Launch launch = generalBackward.on(storage).with(operands.dQkv()).with(delta(forward));
      backward(launch, operands, call)
          .with(headSize)
          .with(leastGeneral(headSize))
          .with(generalBackwardParts(maxSeqlen, forward.heads(), headSize));
      call.scalars(launch).launch();
    }
    columnSums.add(operands.dBias(), operands.dQkv());
  }

  private static Launch backward(Launch launch, Backward operands, AttentionCall call) {
    Forward forward = operands.forward();
    launch
        .with(operands.dContext())
        .with(forward.context())
        .with(forward.logSumExp())
        .with(forward.qkv());
    return call.sequences(launch);
  }

  /** What each row of a head has of the dot product of context and gradient. */
  private Tensor delta(Forward forward) {
    return scratch.matrix("attention delta", DType.F32, forward.context().rows(), forward.heads());
  }

  private AttentionCall call(Forward operands, int maxSeqlen, Dropout dropout) {
    return new AttentionCall(
        operands, headScale(operands, dropout), maxSeqlen, dropout, dropoutStep.of(dropout));
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

  /** The elements of a head, of operands that the kernels take. */
  private static int headSize(Forward operands) {
    int headSize = operands.context().columns() / operands.heads();
    if (headSize > LARGEST_HEAD) {
      throw new ShapeException(
          "attention: heads have %d elements, expected at most %d on a GPU"
              .formatted(headSize, LARGEST_HEAD));
    }
    if (headSize == HEAD && operands.qkv().size() > MOST_ELEMENTS) {
      throw new ShapeException(
          "attention: qkv has %d elements, expected at most %d on a GPU: a smaller batch"
              .formatted(operands.qkv().size(), MOST_ELEMENTS));
    }
    return headSize;
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
