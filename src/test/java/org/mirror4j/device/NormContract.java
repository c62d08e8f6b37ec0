package org.mirror4j.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mirror4j.support.DeviceBuffers.U;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Norm.LayerNorm;
import org.mirror4j.device.operation.Norm.LayerNormBackward;
import org.mirror4j.device.operation.Norm.ResidualLayerNorm;
import org.mirror4j.device.operation.Norm.ResidualLayerNormBackward;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Tensor;

/** {@link org.mirror4j.device.operation.Norm}. */
public abstract class NormContract extends OperationContract {
  private static final float EPSILON = 1e-12f;
  private static final int SITE = DropoutSite.FEED_FORWARD_OUTPUT.in(3);

  @Test
  void layerNorm() {
    checkSizes(11, NormContract::layerNorm);
  }

  private static List<float[]> layerNorm(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows, int width) {
    float[] x = buffers.rounded(normal(random, rows, width));
    float[] gamma = normal(random, width);
    float[] beta = normal(random, width);
    float[] dY = buffers.rounded(normal(random, rows, width));
    float[] before = normal(random, width);
    Tensor xs = buffers.stored("x", x, rows, width);
    Tensor gammas = buffers.f32("gamma", gamma, width);
    Tensor means = buffers.f32("mean", rows);
    Tensor rstds = buffers.f32("rstd", rows);
    Tensor ys = buffers.stored("y", rows, width);
    LayerNorm norm =
        new LayerNorm(ys, xs, means, rstds, gammas, buffers.f32("beta", beta, width), EPSILON);
    kernels.norm().layerNorm(norm);
    float[] mean = buffers.floats(means);
    float[] rstd = buffers.floats(rstds);
    float[] y = buffers.floats(ys);
    LayerNormReference.checkForward(buffers, x, mean, rstd, y, gamma, beta, EPSILON, null);

    Tensor dXs = buffers.stored("dX", rows, width);
    Tensor dGammas = buffers.f32("dGamma", before, width);
    Tensor dBetas = buffers.f32("dBeta", before, width);
    Tensor dYs = buffers.stored("dY", dY, rows, width);
    kernels.norm().layerNormBackward(new LayerNormBackward(norm, dXs, dYs, dGammas, dBetas));
    float[] dX = buffers.floats(dXs);
    float[] dGamma = buffers.floats(dGammas);
    float[] dBeta = buffers.floats(dBetas);
    ColumnReference gammaSums = new ColumnReference(before, rows + 4);
    ColumnReference betaSums = new ColumnReference(before, rows + 1);
    LayerNormReference.checkBackward(
        buffers, dX, gammaSums, betaSums, doubles(dY), x, mean, rstd, gamma);
    gammaSums.check("dGamma", dGamma);
    betaSums.check("dBeta", dBeta);
    return List.of(y, mean, rstd, dX, dGamma, dBeta);
  }

  @Test
  void residualLayerNorm() {
    residualLayerNorm(Dropout.NONE);
  }

  @Test
  void residualLayerNormWithDropout() {
    Dropout dropout = new Dropout(0.3, 0, 0x1234_5678_9ABC_DEF0L);
    dropout.step(17);
    residualLayerNorm(dropout);
  }

  private void residualLayerNorm(Dropout dropout) {
    checkSizes(
        12,
        (kernels, buffers, random, rows, width) ->
            residualLayerNorm(kernels, buffers, random, rows, width, dropout));
  }

  /** Rows longer than what one warp holds: of two, four and five warps on a card. */
  @Test
  void longRows() {
    Dropout dropout = new Dropout(0.1, 0, 5);
    for (int[] size : new int[][] {{17, 1024}, {6, 2307}, {5, 3072}}) {
      check(
          14,
          (kernels, buffers, random) -> {
            List<float[]> outputs =
                new ArrayList<>(layerNorm(kernels, buffers, random, size[0], size[1]));
            outputs.addAll(residualLayerNorm(kernels, buffers, random, size[0], size[1], dropout));
            return outputs;
          });
    }
  }

  private static List<float[]> residualLayerNorm(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows, int width, Dropout dropout) {
    float[] x = buffers.rounded(normal(random, rows, width));
    float[] residual = buffers.rounded(normal(random, rows, width));
    float[] bias = normal(random, width);
    float[] gamma = normal(random, width);
    float[] beta = normal(random, width);
    float[] dY = buffers.rounded(normal(random, rows, width));
    float[] before = normal(random, width);
    Tensor zs = buffers.stored("z", x, rows, width);
    Tensor gammas = buffers.f32("gamma", gamma, width);
    Tensor means = buffers.f32("mean", rows);
    Tensor rstds = buffers.f32("rstd", rows);
    Tensor ys = buffers.stored("y", rows, width);
    ResidualLayerNorm block =
        new ResidualLayerNorm(
            new LayerNorm(ys, zs, means, rstds, gammas, buffers.f32("beta", beta, width), EPSILON),
            buffers.stored("residual", residual, rows, width),
            buffers.f32("bias", bias, width),
            SITE);
    kernels.norm().residualLayerNorm(block, dropout);
    float[] z = buffers.floats(zs);
    double[] keep = new double[rows * width];
    double[] expected = new double[rows * width];
    double[] bounds = new double[rows * width];
    for (int i = 0; i < keep.length; i++) {
      int column = i % width;
      keep[i] = multiplier(dropout, SITE, i / width, width, column);
      double dropped = ((double) x[i] + bias[column]) * keep[i];
      expected[i] = dropped + residual[i];
      // Bias, multiplier, residual: three operations on the first term, one on the second.
      bounds[i] = (3 * Math.abs(dropped) + Math.abs(residual[i])) * U;
    }
    buffers.assertStoredWithin("z", z, expected, bounds);
    float[] mean = buffers.floats(means);
    float[] rstd = buffers.floats(rstds);
    float[] y = buffers.floats(ys);
    LayerNormReference.checkForward(buffers, z, mean, rstd, y, gamma, beta, EPSILON, null);

    Tensor dResiduals = buffers.stored("dResidual", rows, width);
    Tensor dXs = buffers.stored("dX", rows, width);
    Tensor dGammas = buffers.f32("dGamma", before, width);
    Tensor dBetas = buffers.f32("dBeta", before, width);
    Tensor dBiases = buffers.f32("dBias", before, width);
    Tensor dYs = buffers.stored("dY", dY, rows, width);
    kernels
        .norm()
        .residualLayerNormBackward(
            new ResidualLayerNormBackward(block, dResiduals, dXs, dYs, dGammas, dBetas, dBiases),
            dropout);
    float[] dResidual = buffers.floats(dResiduals);
    float[] dX = buffers.floats(dXs);
    float[] dGamma = buffers.floats(dGammas);
    float[] dBeta = buffers.floats(dBetas);
    float[] dBias = buffers.floats(dBiases);
    ColumnReference gammaSums = new ColumnReference(before, rows + 4);
    ColumnReference betaSums = new ColumnReference(before, rows + 1);
    ColumnReference biasSums = new ColumnReference(before, rows + 1);
    LayerNormReference.checkBackward(
        buffers, dResidual, gammaSums, betaSums, doubles(dY), z, mean, rstd, gamma);
    double[] residualErrors = buffers.storageErrors(dResidual);
    double[] errors = buffers.storageErrors(dX);
    for (int i = 0; i < dX.length; i++) {
      expected[i] = dResidual[i] * keep[i];
      bounds[i] = Math.abs(expected[i]) * U + residualErrors[i] * keep[i] * (1 + U);
      biasSums.add(i % width, dX[i], errors[i]);
    }
    buffers.assertStoredWithin("dX", dX, expected, bounds);
    gammaSums.check("dGamma", dGamma);
    betaSums.check("dBeta", dBeta);
    biasSums.check("dBias", dBias);
    return List.of(z, y, mean, rstd, dResidual, dX, dGamma, dBeta, dBias);
  }

  /** A mean far above the spread: E[x^2] - E[x]^2 would leave no correct digit. */
  @Test
  void largeMean() {
    check(
        13,
        (kernels, buffers, random) -> {
          int width = 768;
          float[] x = normal(random, width);
          float[] gamma = new float[width];
          float[] beta = new float[width];
          for (int i = 0; i < width; i++) {
            x[i] = 1000 + Math.round(x[i] * 64) / 64f;
            gamma[i] = 1;
          }
          Tensor means = buffers.f32("mean", 1);
          Tensor rstds = buffers.f32("rstd", 1);
          Tensor ys = buffers.stored("y", 1, width);
          kernels
              .norm()
              .layerNorm(
                  new LayerNorm(
                      ys,
                      buffers.stored("x", buffers.rounded(x), 1, width),
                      means,
                      rstds,
                      buffers.f32("gamma", gamma, width),
                      buffers.f32("beta", beta, width),
                      EPSILON));
          float[] mean = buffers.floats(means);
          float[] rstd = buffers.floats(rstds);
          float[] y = buffers.floats(ys);
          LayerNormReference.checkForward(buffers, x, mean, rstd, y, gamma, beta, EPSILON, null);
          // The deviation is 1; bf16 keeps multiples of 4 (of 8 above 1024) and makes another of
          // it.
          assertThat(rstd[0]).isBetween(0.5f, 2f);
          return List.of(y, mean, rstd);
        });
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
