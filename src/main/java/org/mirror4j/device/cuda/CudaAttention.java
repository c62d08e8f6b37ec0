package org.mirror4j.device.cuda;

import org.mirror4j.device.Dropout;
import org.mirror4j.device.DropoutSite;
import org.mirror4j.device.ShapeException;
import org.mirror4j.device.cuda.KernelLauncher.Launch;
import org.mirror4j.device.cuda.KernelLauncher.Variants;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Tensor;

/**
 * Attention inside packed sequences and its gradient. One launch serves all sequences and heads: a
 * block takes as many heads of one sequence as have room among its rows, or, of a longer sequence,
 * one head in tiles. The grid has the blocks that the longest sequence needs, for each sequence.
 */
final class CudaAttention {
  /** Elements of a head that four lanes hold; a larger one takes eight. */
  private static final int NARROW_HEAD = 64;

  private static final int LARGEST_HEAD = 128;

  private final CudaScratch scratch;
  private final DropoutStep dropoutStep;
  private final CudaColumnSums columnSums;
  private final Variants headScale;
  private final Variants forward;
  private final Variants backward;

  CudaAttention(KernelLauncher launcher, CudaScratch scratch, DropoutStep dropoutStep) {
    this.scratch = scratch;
    this.dropoutStep = dropoutStep;
    columnSums = new CudaColumnSums(launcher, scratch);
    headScale = launcher.kernel("attention_head_scale");
    forward = launcher.kernel("attention_forward");
    backward = launcher.kernel("attention_backward");
  }

  /** {@link org.mirror4j.device.Kernels#attention}. */
  void attention(
      Tensor context,
      Tensor logSumExp,
      Tensor qkv,
      Tensor bias,
      Tensor cuSeqlens,
      Tensor keyLengths,
      int maxSeqlen,
      int heads,
      Dropout dropout,
      int layer) {
    Tensor headScale = headScale(keyLengths.rows(), heads, dropout, layer);
    Launch launch =
        forward
            .on(qkv.dtype())
            .with(context)
            .with(logSumExp)
            .with(qkv)
            .with(bias)
            .with(cuSeqlens)
            .with(keyLengths)
            .with(headScale)
            .with(dropoutStep.of(dropout));
    int parts = forwardParts(maxSeqlen, heads, headSize(context, heads));
    scalars(launch, context, keyLengths, heads, parts, dropout, layer).launch();
  }

  /** {@link org.mirror4j.device.Kernels#attentionBackward}. */
  void attentionBackward(
      Tensor dQkv,
      Tensor dBias,
      Tensor dContext,
      Tensor context,
      Tensor logSumExp,
      Tensor qkv,
      Tensor cuSeqlens,
      Tensor keyLengths,
      int maxSeqlen,
      int heads,
      Dropout dropout,
      int layer) {
    Tensor headScale = headScale(keyLengths.rows(), heads, dropout, layer);
    Launch launch =
        backward
            .on(qkv.dtype())
            .with(dQkv)
            .with(scratch.matrix("attention delta", DType.F32, context.rows(), heads))
            .with(dContext)
            .with(context)
            .with(logSumExp)
            .with(qkv)
            .with(cuSeqlens)
            .with(keyLengths)
            .with(headScale)
            .with(dropoutStep.of(dropout));
    int parts = backwardParts(maxSeqlen, heads, headSize(context, heads));
    scalars(launch, context, keyLengths, heads, parts, dropout, layer).launch();
    columnSums.biasGradient(dBias, dQkv);
  }

  /** What each head of each sequence is multiplied by; not filled in where drophead is off. */
  private Tensor headScale(int sequences, int heads, Dropout dropout, int layer) {
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
          .with(DropoutSite.HEADS.in(layer))
          .with(dropout.headThreshold())
          .launch();
    }
    return result;
  }

  /** The scalars that both directions have. */
  private static Launch scalars(
      Launch launch,
      Tensor context,
      Tensor keyLengths,
      int heads,
      int parts,
      Dropout dropout,
      int layer) {
    int headSize = context.columns() / heads;
    return launch
        .with(context.rows())
        .with(keyLengths.rows())
        .with(heads)
        .with(headSize)
        .with(parts)
        .with((float) (1 / Math.sqrt(headSize)))
        .with(dropout.seed() & 0xFFFFFFFFL)
        .with(dropout.seed() >>> 32)
        .with(DropoutSite.ATTENTION_PROBABILITIES.in(layer))
        .with(dropout.threshold())
        .with(dropout.scale())
        .with(dropout.headThreshold() == 0 ? 0 : 1);
  }

  private static int headSize(Tensor context, int heads) {
    int headSize = context.columns() / heads;
    if (headSize > LARGEST_HEAD) {
      throw new ShapeException(
          "attention: heads have %d elements, expected at most %d on a GPU"
              .formatted(headSize, LARGEST_HEAD));
    }
    return headSize;
  }

  /** Blocks for a sequence of {@code attention_forward}: keys are read in fours. */
  static int forwardParts(int maxSeqlen, int heads, int headSize) {
    int slots = headSize > NARROW_HEAD ? 32 : 64;
    int rows = Math.clamp(maxSeqlen, 1, slots);
    return parts(heads, slots - ((rows + 3) / 4 * 4 - rows), rows);
  }

  /** Blocks for a sequence of {@code attention_backward}: keys are read in twos. */
  static int backwardParts(int maxSeqlen, int heads, int headSize) {
    int slots = headSize > NARROW_HEAD ? 24 : 48;
    int rows = Math.clamp(maxSeqlen, 1, slots);
    return parts(heads, slots - rows % 2, rows);
  }

  private static int parts(int heads, int slots, int rows) {
    int headsOfBlock = Math.max(1, slots / rows);
    return (heads + headsOfBlock - 1) / headsOfBlock;
  }
}
