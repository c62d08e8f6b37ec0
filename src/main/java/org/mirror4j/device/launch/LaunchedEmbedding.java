package org.mirror4j.device.launch;

import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.Embedding;
import org.mirror4j.device.operation.Norm;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/** The embedding and its gradient. Rows have at most 3072 columns. */
final class LaunchedEmbedding extends Embedding {
  private static final int SITE = DropoutSite.EMBEDDING.in(0);

  private final LaunchScratch scratch;
  private final DropoutStep dropoutStep;
  private final LaunchedRow row;
  private final LaunchedColumnSums sums;
  private final KernelLauncher.Variants forward;
  private final KernelLauncher.Variants backward;
  private Tensor dTokenTypes;
  private Tensor dFirstTokenType;

  LaunchedEmbedding(
      OperandCheck check,
      KernelLauncher launcher,
      LaunchScratch scratch,
      DropoutStep dropoutStep,
      LaunchedRow row) {
    super(check);
    this.scratch = scratch;
    this.dropoutStep = dropoutStep;
    this.row = row;
    sums = new LaunchedColumnSums(launcher, scratch);
    forward = launcher.kernel("embed_forward");
    backward = launcher.kernel("embed_backward");
  }

  @Override
  protected void computeEmbed(Forward operands, Dropout dropout) {
    Norm.LayerNorm norm = operands.norm();
    KernelLauncher.Launch launch =
        forward
            .on(norm.x().dtype())
            .with(norm.y())
            .with(norm.x())
            .with(norm.mean())
            .with(norm.rstd())
            .with(operands.tokenIds())
            .with(operands.positionIds())
            .with(operands.tokenTypeIds())
            .with(operands.word())
            .with(operands.position())
            .with(operands.tokenType())
            .with(norm.gamma())
            .with(norm.beta())
            .with(dropoutStep.of(dropout))
            .with(norm.x().rows())
            .with(norm.x().columns())
            .with(operands.word().rows())
            .with(operands.position().rows())
            .with(operands.tokenType().rows())
            .with(norm.epsilon());
    LaunchedNorm.withDropout(launch, dropout, SITE).launch();
  }

  @Override
  protected void computeEmbedBackward(Backward operands, Dropout dropout) {
    Norm.LayerNorm norm = operands.forward().norm();
    Tensor dY = operands.dY();
    int columns = norm.x().columns();
    int parts = Math.ceilDiv(norm.x().rows(), LaunchedNorm.ROWS);
    if (parts == 0) {
      return;
    }
    Tensor partialGamma = scratch.vector("partial dGamma", DType.F32, parts * columns);
    Tensor partialBeta = scratch.vector("partial dBeta", DType.F32, parts * columns);
    Tensor partialType = scratch.vector("partial dTokenType", DType.F32, parts * columns);
    KernelLauncher.Launch launch =
        backward
            .on(norm.x().dtype())
            .with(dY)
            .with(partialGamma)
            .with(partialBeta)
            .with(partialType)
            .with(norm.x())
            .with(norm.mean())
            .with(norm.rstd())
            .with(norm.gamma())
            .with(operands.forward().tokenTypeIds())
            .with(dropoutStep.of(dropout))
            .with(norm.x().rows())
            .with(columns);
    LaunchedNorm.withDropout(launch, dropout, SITE).launch();
    sums.addThree(
        operands.dGamma(),
        operands.dBeta(),
        firstRow(operands.dTokenType()),
        partialGamma,
        partialBeta,
        partialType,
        parts,
        columns);
    row.computeAddRows(operands.dWord(), dY, operands.words());
    row.computeAddRows(operands.dPosition(), dY, operands.positions());
    row.computeAddRows(operands.dTokenType(), dY, operands.tokenTypes());
  }

  /**
   * The row of token type 0, whose rows are in the partial sums; the same view for the same tensor.
   */
  private Tensor firstRow(Tensor dTokenType) {
    if (dTokenType != dTokenTypes) {
      dTokenTypes = dTokenType;
      dFirstTokenType = dTokenType.view("dTokenType[0]", 0, Shape.of(dTokenType.columns()));
    }
    return dFirstTokenType;
  }
}
