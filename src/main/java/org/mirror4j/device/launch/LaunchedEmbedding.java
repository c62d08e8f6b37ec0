package org.mirror4j.device.launch;

import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.Embedding;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/** The embedding and its gradient. Rows have at most 3072 columns. */
final class LaunchedEmbedding extends Embedding {
  private static final int SITE = DropoutSite.EMBEDDING.in(0);

  private final LaunchScratch scratch;
  private final DropoutStep dropoutStep;
  private final LaunchedColumnSums sums;
  private final KernelLauncher.Variants forward;
  private final KernelLauncher.Variants backward;
  private final KernelLauncher.Variants segmentSum;
  private Tensor dTokenTypes;
  private Tensor dFirstTokenType;

  LaunchedEmbedding(
      OperandCheck check, KernelLauncher launcher, LaunchScratch scratch, DropoutStep dropoutStep) {
    super(check);
    this.scratch = scratch;
    this.dropoutStep = dropoutStep;
    sums = new LaunchedColumnSums(launcher, scratch);
    forward = launcher.kernel("embed_forward");
    backward = launcher.kernel("embed_backward");
    segmentSum = launcher.kernel("segment_sum");
  }

  @Override
  protected void computeEmbed(
      Tensor y,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor tokenIds,
      Tensor positionIds,
      Tensor word,
      Tensor position,
      Tensor tokenType,
      Tensor gamma,
      Tensor beta,
      float epsilon,
      Dropout dropout) {
    KernelLauncher.Launch launch =
        forward
            .on(z.dtype())
            .with(y)
            .with(z)
            .with(mean)
            .with(rstd)
            .with(tokenIds)
            .with(positionIds)
            .with(word)
            .with(position)
            .with(tokenType)
            .with(gamma)
            .with(beta)
            .with(dropoutStep.of(dropout))
            .with(z.rows())
            .with(z.columns())
            .with(word.rows())
            .with(position.rows())
            .with(tokenType.rows())
            .with(epsilon);
    LaunchedNorm.withDropout(launch, dropout, SITE).launch();
  }

  @Override
  protected void computeEmbedBackward(
      Tensor dWord,
      Tensor dPosition,
      Tensor dTokenType,
      Tensor dGamma,
      Tensor dBeta,
      Tensor dY,
      Tensor z,
      Tensor mean,
      Tensor rstd,
      Tensor gamma,
      RowSegments words,
      RowSegments positions,
      Dropout dropout) {
    int columns = z.columns();
    int parts = Math.ceilDiv(z.rows(), LaunchedNorm.ROWS);
    if (parts == 0) {
      return;
    }
    Tensor partialGamma = scratch.vector("partial dGamma", DType.F32, parts * columns);
    Tensor partialBeta = scratch.vector("partial dBeta", DType.F32, parts * columns);
    Tensor partialType = scratch.vector("partial dTokenType", DType.F32, parts * columns);
    KernelLauncher.Launch launch =
        backward
            .on(z.dtype())
            .with(dY)
            .with(partialGamma)
            .with(partialBeta)
            .with(partialType)
            .with(z)
            .with(mean)
            .with(rstd)
            .with(gamma)
            .with(dropoutStep.of(dropout))
            .with(z.rows())
            .with(columns);
    LaunchedNorm.withDropout(launch, dropout, SITE).launch();
    sums.addThree(
        dGamma,
        dBeta,
        firstRow(dTokenType),
        partialGamma,
        partialBeta,
        partialType,
        parts,
        columns);
    addRows(dWord, dY, words);
    addRows(dPosition, dY, positions);
  }

  /** The one row of the token types that is used; the same view for the same tensor. */
  private Tensor firstRow(Tensor dTokenType) {
    if (dTokenType != dTokenTypes) {
      dTokenTypes = dTokenType;
      dFirstTokenType = dTokenType.view("dTokenType[0]", 0, Shape.of(dTokenType.columns()));
    }
    return dFirstTokenType;
  }

  /** {@code table[keys[g]] +=} the rows of group g. */
  private void addRows(Tensor table, Tensor dZ, RowSegments segments) {
    segmentSum
        .on(dZ.dtype())
        .with(table)
        .with(dZ)
        .with(segments.order())
        .with(segments.keys())
        .with(segments.starts())
        .with(dZ.rows())
        .with(dZ.columns())
        .with(table.rows())
        .with(segments.keys().rows())
        .launch();
  }
}
