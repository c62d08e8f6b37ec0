package org.mirror4j.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mirror4j.support.DeviceBuffers.U;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.DropoutSite;
import org.mirror4j.device.operation.Embedding;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Norm.LayerNorm;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.text.PackedBatch.Groups;

/** {@link org.mirror4j.device.operation.Embedding#embed} and its gradient. */
public abstract class EmbeddingContract extends OperationContract {
  private static final float EPSILON = 1e-12f;
  private static final int VOCABULARY = 40;
  private static final int POSITIONS = 20;
  private static final int TYPES = 4;
  private static final int SITE = DropoutSite.EMBEDDING.in(0);

  @Test
  void embed() {
    embed(Dropout.NONE);
  }

  @Test
  void embedWithDropout() {
    Dropout dropout = new Dropout(0.1, 0, -5);
    dropout.step(3);
    embed(dropout);
  }

  private void embed(Dropout dropout) {
    checkSizes(
        21,
        (kernels, buffers, random, rows, width) ->
            embed(kernels, buffers, random, rows, width, dropout, 1));
  }

  @Test
  void embedSeveralTokenTypes() {
    Dropout dropout = new Dropout(0.2, 0, 31);
    checkSizes(
        23,
        (kernels, buffers, random, rows, width) ->
            embed(kernels, buffers, random, rows, width, dropout, 2 + rows % 2));
  }

  private static List<float[]> embed(
      Kernels kernels,
      DeviceBuffers buffers,
      Random random,
      int rows,
      int width,
      Dropout dropout,
      int types) {
    // Odd words, the last positions and further types do not occur: their rows are NaN and must
    // not be read.
    int[] tokenIds = random.ints(rows, 0, VOCABULARY / 2).map(id -> 2 * id).toArray();
    int[] positionIds = random.ints(rows, 0, POSITIONS - 2).toArray();
    float[] word = normal(random, VOCABULARY, width);
    float[] position = normal(random, POSITIONS, width);
    int[] tokenTypeIds = random.ints(rows, 0, types).toArray();
    float[] type = normal(random, TYPES, width);
    for (int id = 1; id < VOCABULARY; id += 2) {
      Arrays.fill(word, id * width, (id + 1) * width, Float.NaN);
    }
    Arrays.fill(position, (POSITIONS - 2) * width, POSITIONS * width, Float.NaN);
    Arrays.fill(type, types * width, TYPES * width, Float.NaN);
    float[] gamma = normal(random, width);
    float[] beta = normal(random, width);
    Tensor gammas = buffers.f32("gamma", gamma, width);
    Tensor ys = buffers.stored("y", rows, width);
    Tensor zs = buffers.stored("z", rows, width);
    Tensor means = buffers.f32("mean", rows);
    Tensor rstds = buffers.f32("rstd", rows);
    Embedding.Forward forward =
        new Embedding.Forward(
            new LayerNorm(ys, zs, means, rstds, gammas, buffers.f32("beta", beta, width), EPSILON),
            buffers.i32("tokenIds", tokenIds),
            buffers.i32("positionIds", positionIds),
            buffers.i32("tokenTypeIds", tokenTypeIds),
            buffers.f32("word", word, VOCABULARY, width),
            buffers.f32("position", position, POSITIONS, width),
            buffers.f32("type", type, TYPES, width));
    kernels.embedding().embed(forward, dropout);
    float[] z = buffers.floats(zs);
    double[] keep = new double[rows * width];
    double[] expected = new double[rows * width];
    double[] bounds = new double[rows * width];
    for (int i = 0; i < z.length; i++) {
      int row = i / width;
      int column = i % width;
      double a = word[tokenIds[row] * width + column];
      double b = position[positionIds[row] * width + column];
      double c = type[tokenTypeIds[row] * width + column];
      keep[i] = multiplier(dropout, SITE, row, width, column);
      expected[i] = a + b + c;
      bounds[i] = 2 * U * (Math.abs(a) + Math.abs(b) + Math.abs(c)); // two additions
    }
    buffers.assertStoredWithin("z", z, expected, bounds);
    float[] mean = buffers.floats(means);
    float[] rstd = buffers.floats(rstds);
    float[] y = buffers.floats(ys);
    LayerNormReference.checkForward(buffers, z, mean, rstd, y, gamma, beta, EPSILON, keep);

    float[] dY = buffers.rounded(normal(random, rows, width));
    float[] dWord = normal(random, VOCABULARY, width);
    float[] dPosition = normal(random, POSITIONS, width);
    float[] dType = normal(random, TYPES, width);
    float[] before = normal(random, width);
    Tensor dWords = buffers.f32("dWord", dWord, VOCABULARY, width);
    Tensor dPositions = buffers.f32("dPosition", dPosition, POSITIONS, width);
    Tensor dTypes = buffers.f32("dTokenType", dType, TYPES, width);
    Tensor dGammas = buffers.f32("dGamma", before, width);
    Tensor dBetas = buffers.f32("dBeta", before, width);
    Tensor dYs = buffers.stored("dY", dY, rows, width);
    kernels
        .embedding()
        .embedBackward(
            new Embedding.Backward(
                forward,
                dYs,
                dWords,
                dPositions,
                dTypes,
                dGammas,
                dBetas,
                segments(buffers, Groups.of(tokenIds)),
                segments(buffers, Groups.of(positionIds)),
                segments(buffers, Groups.ofOthers(tokenTypeIds))),
            dropout);
    double[] dropped = new double[rows * width];
    for (int i = 0; i < dropped.length; i++) {
      dropped[i] = dY[i] * keep[i];
    }
    float[] dZ = buffers.floats(dYs);
    float[] dGamma = buffers.floats(dGammas);
    float[] dBeta = buffers.floats(dBetas);
    ColumnReference gammaSums = new ColumnReference(before, rows + 5); // with the multiplier's
    ColumnReference betaSums = new ColumnReference(before, rows + 2);
    LayerNormReference.checkBackward(
        buffers, dZ, gammaSums, betaSums, dropped, z, mean, rstd, gamma);
    gammaSums.check("dGamma", dGamma);
    betaSums.check("dBeta", dBeta);
    float[] gotWord = buffers.floats(dWords);
    float[] gotPosition = buffers.floats(dPositions);
    float[] gotType = buffers.floats(dTypes);
    double[] exact = new double[dZ.length];
    checkTable("dWord", gotWord, dWord, dZ, exact, tokenIds, width);
    checkTable("dPosition", gotPosition, dPosition, dZ, exact, positionIds, width);
    double[] errors = buffers.storageErrors(dZ); // those of type 0 are summed before it is stored
    checkTable("dTokenType", gotType, dType, dZ, errors, tokenTypeIds, width);
    return List.of(y, z, mean, rstd, dZ, dGamma, dBeta, gotWord, gotPosition, gotType);
  }

  /** Rows of the order after the last group are of no table row, and a group may have no rows. */
  @Test
  void rowsOfNoGroup() {
    check(
        22,
        (kernels, buffers, random) -> {
          int rows = 43;
          int width = 33;
          float[] table = normal(random, POSITIONS, width);
          float[] before = normal(random, width);
          Tensor tables = buffers.f32("dWord", table, POSITIONS, width);
          Tensor others = buffers.f32("dPosition", table, POSITIONS, width);
          Tensor dYs =
              buffers.stored("dY", buffers.rounded(normal(random, rows, width)), rows, width);
          float[] z = buffers.rounded(normal(random, rows, width));
          int[] order = new int[rows];
          Arrays.setAll(order, row -> rows - 1 - row);
          Tensor orders = buffers.i32("order", order);
          Embedding.Forward forward =
              new Embedding.Forward(
                  new LayerNorm(
                      buffers.stored("y", rows, width),
                      buffers.stored("z", z, rows, width),
                      buffers.f32("mean", new float[rows], rows),
                      buffers.f32("rstd", normal(random, rows), rows),
                      buffers.f32("gamma", before, width),
                      buffers.f32("beta", width),
                      EPSILON),
                  orders,
                  orders,
                  buffers.i32("tokenTypeIds", new int[rows]),
                  tables,
                  others,
                  buffers.f32("tokenType", 1, width));
          kernels
              .embedding()
              .embedBackward(
                  new Embedding.Backward(
                      forward,
                      dYs,
                      tables,
                      others,
                      buffers.f32("dTokenType", before, 1, width),
                      buffers.f32("dGamma", before, width),
                      buffers.f32("dBeta", before, width),
                      new RowSegments(
                          orders,
                          buffers.i32("keys", 1, 3, 6),
                          buffers.i32("starts", 0, 17, 17, 18)),
                      new RowSegments(orders, buffers.i32("no keys"), buffers.i32("start", 0)),
                      segments(buffers, Groups.NONE)),
                  Dropout.NONE);
          float[] dZ = buffers.floats(dYs);
          ColumnReference sums = new ColumnReference(table, 18);
          for (int i = 0; i < 18; i++) {
            for (int c = 0; c < width; c++) {
              sums.add((i < 17 ? 1 : 6) * width + c, dZ[order[i] * width + c]);
            }
          }
          float[] got = buffers.floats(tables);
          sums.check("dWord", got);
          for (int key = 0; key < POSITIONS; key++) {
            if (key != 1 && key != 6) {
              assertThat(Arrays.copyOfRange(got, key * width, (key + 1) * width))
                  .as("dWord row %d", key)
                  .isEqualTo(Arrays.copyOfRange(table, key * width, (key + 1) * width));
            }
          }
          assertThat(buffers.floats(others)).as("dPosition").isEqualTo(table);
          return List.of(got, dZ);
        });
  }

  /** Rows that no token uses must keep every bit; the others are sums. */
  private static void checkTable(
      String what, float[] got, float[] before, float[] dZ, double[] errors, int[] ids, int width) {
    ColumnReference sums = new ColumnReference(before, ids.length + 1);
    boolean[] used = new boolean[before.length / width];
    for (int i = 0; i < dZ.length; i++) {
      sums.add(ids[i / width] * width + i % width, dZ[i], errors[i]);
      used[ids[i / width]] = true;
    }
    sums.check(what, got);
    for (int id = 0; id < used.length; id++) {
      if (!used[id]) {
        assertThat(Arrays.copyOfRange(got, id * width, (id + 1) * width))
            .as("%s row %d, unused", what, id)
            .isEqualTo(Arrays.copyOfRange(before, id * width, (id + 1) * width));
      }
    }
  }

  private static RowSegments segments(DeviceBuffers buffers, Groups groups) {
    return new RowSegments(
        buffers.i32("order", groups.order()),
        buffers.i32("keys", groups.keys()),
        buffers.i32("starts", groups.starts()));
  }
}
