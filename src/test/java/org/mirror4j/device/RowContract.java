package org.mirror4j.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mirror4j.support.DeviceBuffers.U;
import static org.mirror4j.support.DeviceBuffers.assertWithin;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.Row.WeightedSpans;
import org.mirror4j.device.operation.Row.WeightedSpansBackward;
import org.mirror4j.device.operation.RowPooling;
import org.mirror4j.device.operation.RowSegments;
import org.mirror4j.support.DeviceBuffers;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.text.PackedBatch.Groups;

/** {@link org.mirror4j.device.operation.Row}. */
public abstract class RowContract extends OperationContract {
  @Test
  void pool() {
    for (RowPooling pooling : RowPooling.values()) {
      for (int sequences : new int[] {0, 1, 3, 33}) {
        for (int width : WIDTHS) {
          check(
              41,
              (kernels, buffers, random) ->
                  pool(kernels, buffers, random, sequences, width, pooling));
        }
      }
    }
  }

  private static List<float[]> pool(
      Kernels kernels,
      DeviceBuffers buffers,
      Random random,
      int sequences,
      int width,
      RowPooling pooling) {
    int[] cuSeqlens = new int[sequences + 1];
    int[] keyLengths = new int[sequences];
    for (int s = 0; s < sequences; s++) {
      int rows = s % 5 == 0 ? 1 : 2 + random.nextInt(40);
      cuSeqlens[s + 1] = cuSeqlens[s] + rows;
      keyLengths[s] = 1 + random.nextInt(rows);
    }
    // Rows of no sequence at the end: they are not read, and their gradient is 0.
    int tokens = cuSeqlens[sequences] + sequences % 4;
    float[] x = buffers.rounded(normal(random, tokens, width));
    float[] dPooled = normal(random, sequences, width);
    double[] expected = new double[sequences * width];
    double[] bounds = new double[sequences * width];
    double[] gradient = new double[tokens * width];
    double[] gradientBounds = new double[tokens * width];
    for (int s = 0; s < sequences; s++) {
      int read =
          switch (pooling) {
            case FIRST -> 1;
            case MEAN -> keyLengths[s];
            case MEAN_PADDED -> cuSeqlens[s + 1] - cuSeqlens[s];
          };
      int end = cuSeqlens[s] + read;
      // Rows that must not be read.
      Arrays.fill(x, end * width, cuSeqlens[s + 1] * width, Float.NaN);
      for (int t = cuSeqlens[s]; t < end; t++) {
        for (int c = 0; c < width; c++) {
          expected[s * width + c] += x[t * width + c] / (double) read;
          // A sum and a division; a single row is only copied.
          bounds[s * width + c] += read == 1 ? 0 : U * Math.abs(x[t * width + c]);
          gradient[t * width + c] = dPooled[s * width + c] / (double) read;
          gradientBounds[t * width + c] = U * Math.abs(gradient[t * width + c]);
        }
      }
    }
    Arrays.fill(x, cuSeqlens[sequences] * width, tokens * width, Float.NaN);
    Tensor cu = buffers.i32("cuSeqlens", cuSeqlens);
    Tensor keys = buffers.i32("keyLengths", keyLengths);
    Tensor pooled = buffers.f32("pooled", sequences, width);
    kernels.row().pool(pooled, buffers.stored("x", x, tokens, width), cu, keys, pooling);
    Tensor dX = buffers.stored("dX", tokens, width);
    kernels
        .row()
        .poolBackward(dX, buffers.f32("dPooled", dPooled, sequences, width), cu, keys, pooling);
    float[] got = buffers.floats(pooled);
    float[] gotGradient = buffers.floats(dX);
    assertWithin("pooled", got, expected, bounds);
    buffers.assertStoredWithin("dX", gotGradient, gradient, gradientBounds);
    return List.of(got, gotGradient);
  }

  @Test
  void gatherAndScatterRows() {
    checkSizes(51, RowContract::select);
  }

  private static List<float[]> select(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows, int width) {
    int all = 2 * rows + 1;
    List<Integer> shuffled = IntStream.range(0, all).boxed().collect(Collectors.toList());
    Collections.shuffle(shuffled, random);
    int[] chosen = shuffled.stream().limit(rows).mapToInt(i -> i).toArray();
    float[] x = new float[all * width];
    Arrays.fill(x, Float.NaN);
    float[] dY = buffers.rounded(normal(random, rows, width));
    float[] expected = buffers.rounded(normal(random, rows, width));
    float[] expectedGradient = new float[all * width];
    for (int i = 0; i < rows; i++) {
      if (i % 4 == 3) { // no row
        chosen[i] = -1;
        Arrays.fill(expected, i * width, (i + 1) * width, 0);
        Arrays.fill(dY, i * width, (i + 1) * width, Float.NaN);
        continue;
      }
      System.arraycopy(expected, i * width, x, chosen[i] * width, width);
      System.arraycopy(dY, i * width, expectedGradient, chosen[i] * width, width);
    }
    Tensor selection = buffers.i32("rows", chosen);
    Tensor y = buffers.stored("y", rows, width);
    kernels.row().gatherRows(y, buffers.stored("x", x, all, width), selection);
    Tensor dX = buffers.stored("dX", all, width);
    kernels.row().scatterRows(dX, buffers.stored("dY", dY, rows, width), selection);
    float[] got = buffers.floats(y);
    float[] gotGradient = buffers.floats(dX);
    assertThat(got).isEqualTo(expected);
    assertThat(gotGradient).isEqualTo(expectedGradient);
    return List.of(got, gotGradient);
  }

  @Test
  void normalizeRows() {
    checkSizes(52, RowContract::normalize);
  }

  private static List<float[]> normalize(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows, int width) {
    float[] h = normal(random, rows, width);
    float[] dU = normal(random, rows, width);
    // A row of zeros, one below the smallest norm, one whose squares are tiny: each third row.
    for (int i = 0; i < h.length; i++) {
      int row = i / width;
      h[i] *= row % 3 != 1 ? 1 : row % 9 == 1 ? 0 : row % 9 == 4 ? 1e-15f : 1e-10f;
    }
    Tensor us = buffers.f32("u", rows, width);
    Tensor norms = buffers.f32("norm", rows);
    kernels.row().normalizeRows(us, norms, buffers.f32("h", h, rows, width));
    Tensor dHs = buffers.f32("dH", rows, width);
    kernels.row().normalizeRowsBackward(dHs, buffers.f32("dU", dU, rows, width), us, norms);
    float[] norm = buffers.floats(norms);
    float[] u = buffers.floats(us);
    float[] dH = buffers.floats(dHs);
    double[] lengths = new double[rows];
    double[] lengthBounds = new double[rows];
    double[] expected = new double[h.length];
    double[] bounds = new double[h.length];
    double[] gradient = new double[h.length];
    double[] gradientBounds = new double[h.length];
    for (int r = 0; r < rows; r++) {
      double squares = 0;
      double along = 0;
      double size = 0;
      for (int c = 0; c < width; c++) {
        int i = r * width + c;
        squares += (double) h[i] * h[i];
        along += (double) u[i] * dU[i];
        size += Math.abs((double) u[i] * dU[i]);
      }
      boolean clamped = Math.sqrt(squares) < 1e-12f;
      lengths[r] = clamped ? 1e-12f : Math.sqrt(squares);
      // A sum in f32 or wider: half its error after the root, then one rounding.
      lengthBounds[r] = ((width + 1) / 2.0 + 1) * U * lengths[r];
      for (int c = 0; c < width; c++) {
        int i = r * width + c;
        expected[i] = h[i] / (double) norm[r];
        // Below the least normal number an f32 is off by up to half its least step.
        bounds[i] = U * Math.abs(expected[i]) + Float.MIN_VALUE;
        double inside = clamped ? 0 : along;
        gradient[i] = (dU[i] - u[i] * inside) / norm[r];
        double error = clamped ? 0 : width * U * size * Math.abs(u[i]);
        gradientBounds[i] = (error + 4 * U * (Math.abs(dU[i]) + Math.abs(u[i] * inside))) / norm[r];
      }
    }
    assertWithin("norm", norm, lengths, lengthBounds);
    assertWithin("u", u, expected, bounds);
    assertWithin("dH", dH, gradient, gradientBounds);
    return List.of(norm, u, dH);
  }

  @Test
  void addRows() {
    checkSizes(46, RowContract::add);
  }

  private static List<float[]> add(
      Kernels kernels, DeviceBuffers buffers, Random random, int rows, int width) {
    int keys = 7;
    float[] table = normal(random, keys, width);
    float[] x = buffers.rounded(normal(random, rows, width));
    int[] keyOfRow = random.ints(rows, -1, keys - 1).toArray();
    Groups groups = Groups.of(keyOfRow);
    int count = groups.keys().length;
    int grouped = groups.starts()[count];
    ColumnReference sums = new ColumnReference(table, rows + 1);
    boolean[] used = new boolean[keys];
    for (int row = 0; row < rows; row++) {
      if (keyOfRow[row] < 0) { // not to be read, whether in the order or not
        Arrays.fill(x, row * width, (row + 1) * width, Float.NaN);
        continue;
      }
      used[keyOfRow[row]] = true;
      for (int c = 0; c < width; c++) {
        sums.add(keyOfRow[row] * width + c, x[row * width + c]);
      }
    }
    // Half of the rows of no group are in the order, and a group without rows follows the others.
    int[] order = Arrays.copyOf(groups.order(), grouped + (rows - grouped) / 2);
    int[] starts = Arrays.copyOf(groups.starts(), count + 2);
    starts[count + 1] = grouped;
    Tensor tables = buffers.f32("table", table, keys, width);
    kernels
        .row()
        .addRows(
            tables,
            buffers.stored("x", x, rows, width),
            new RowSegments(
                buffers.i32("order", order),
                buffers.i32("keys", Arrays.copyOf(groups.keys(), count + 1)),
                buffers.i32("starts", starts)));
    float[] got = buffers.floats(tables);
    sums.check("table", got);
    for (int key = 0; key < keys; key++) {
      if (!used[key]) {
        assertThat(Arrays.copyOfRange(got, key * width, (key + 1) * width))
            .as("row %d of the table", key)
            .isEqualTo(Arrays.copyOfRange(table, key * width, (key + 1) * width));
      }
    }
    return List.of(got);
  }

  @Test
  void copyColumns() {
    checkSizes(
        45,
        (kernels, buffers, random, rows, width) -> {
          float[] x = buffers.rounded(normal(random, rows, width));
          float[] y = buffers.rounded(normal(random, rows, width + 5));
          int columns = (2 * width + 2) / 3;
          int from = width - columns;
          Tensor ys = buffers.stored("y", y, rows, width + 5);
          kernels.row().copyColumns(ys, 4, buffers.stored("x", x, rows, width), from, columns);
          for (int i = 0; i < rows * columns; i++) {
            int row = i / columns;
            int column = i % columns;
            y[row * (width + 5) + 4 + column] = x[row * width + from + column];
          }
          assertThat(buffers.floats(ys)).isEqualTo(y);
          return List.of(buffers.floats(ys));
        });
  }

  /** Pairs of rows, some of a row with itself, and their gradient by groups of either. */
  @Test
  void multiplyRows() {
    checkSizes(48, RowContract::multiply);
  }

  private static List<float[]> multiply(
      Kernels kernels, DeviceBuffers buffers, Random random, int pairs, int width) {
    int all = 2 + pairs / 3;
    float[] x = buffers.rounded(normal(random, all, width));
    float[] dY = buffers.rounded(normal(random, pairs, width));
    float[] before = normal(random, all, width);
    int[] first = random.ints(pairs, 0, all - 1).toArray();
    int[] second = random.ints(pairs, 0, all - 1).toArray();
    for (int c = 0; c < width; c++) { // a row of no pair, which is not to be read
      x[(all - 1) * width + c] = Float.NaN;
    }
    double[] products = new double[pairs * width];
    double[] bounds = new double[products.length];
    ColumnReference sums = new ColumnReference(before, 2 * pairs + 2);
    for (int i = 0; i < products.length; i++) {
      int a = first[i / width] * width + i % width;
      int b = second[i / width] * width + i % width;
      products[i] = (double) x[a] * x[b];
      bounds[i] = U * Math.abs(products[i]);
      sums.add(a, (double) dY[i] * x[b]);
      sums.add(b, (double) dY[i] * x[a]);
    }
    Tensor y = buffers.stored("y", pairs, width);
    Tensor xs = buffers.stored("x", x, all, width);
    Tensor firsts = buffers.i32("first", first);
    Tensor seconds = buffers.i32("second", second);
    kernels.row().multiplyRows(y, xs, firsts, seconds);
    Tensor dX = buffers.f32("dX", before, all, width);
    Tensor dYs = buffers.stored("dY", dY, pairs, width);
    kernels.row().addRowProducts(dX, dYs, xs, seconds, segments(buffers, first));
    kernels.row().addRowProducts(dX, dYs, xs, firsts, segments(buffers, second));
    float[] got = buffers.floats(y);
    float[] gradient = buffers.floats(dX);
    buffers.assertStoredWithin("y", got, products, bounds);
    sums.check("dX", gradient);
    return List.of(got, gradient);
  }

  private static RowSegments segments(DeviceBuffers buffers, int[] keyOfRow) {
    Groups groups = Groups.of(keyOfRow);
    return new RowSegments(
        buffers.i32("order", groups.order()),
        buffers.i32("keys", groups.keys()),
        buffers.i32("starts", groups.starts()));
  }

  /** Rows of no group are not read, and those of the table without one stay. */
  @Test
  void addRowProductsOfSome() {
    check(
        49,
        (kernels, buffers, random) -> {
          float[] x = buffers.rounded(normal(random, 5, 3));
          float[] factors = buffers.rounded(normal(random, 2, 3));
          float[] table = normal(random, 4, 3);
          Arrays.fill(x, 6, 9, Float.NaN);
          int[] partners = {0, 1, 0, 1, 1};
          Tensor tables = buffers.f32("table", table, 4, 3);
          kernels
              .row()
              .addRowProducts(
                  tables,
                  buffers.stored("x", x, 5, 3),
                  buffers.stored("factors", factors, 2, 3),
                  buffers.i32("partners", partners),
                  segments(buffers, new int[] {2, 0, -1, 2, 0}));
          float[] expected = table.clone();
          for (int row : new int[] {0, 1, 3, 4}) {
            for (int c = 0; c < 3; c++) {
              int at = (row % 3 == 0 ? 2 : 0) * 3 + c;
              // A product and a sum, each rounded to f32, as every device does.
              expected[at] += x[row * 3 + c] * factors[partners[row] * 3 + c];
            }
          }
          assertThat(buffers.floats(tables)).isEqualTo(expected);
          return List.of(buffers.floats(tables));
        });
  }

  @Test
  void weightedSpanSum() {
    int[][] sizes = {{1, 0, 1}, {1, 1, 1}, {3, 5, 2}, {33, 70, 5}, {127, 40, 40}, {70, 200, 70}};
    for (int[] size : sizes) {
      for (int width : new int[] {1, 3, 33, 128, 769}) {
        check(
            47,
            (kernels, buffers, random) ->
                weightedSpanSum(kernels, buffers, random, size[0], size[1], size[2], width));
      }
    }
  }

  private static List<float[]> weightedSpanSum(
      Kernels kernels,
      DeviceBuffers buffers,
      Random random,
      int tokens,
      int spans,
      int longest,
      int width) {
    int[] from = random.ints(spans, 0, tokens).sorted().toArray();
    int[] to = new int[spans];
    boolean[] covered = new boolean[tokens];
    for (int s = 0; s < spans; s++) {
      // The longest is there, and one in eight is empty; the last one as padding is.
      int length = s % 8 == 2 ? 0 : s % 8 == 3 ? longest : 1 + random.nextInt(longest);
      from[s] = s > 0 && s == spans - 1 ? tokens : from[s];
      to[s] = Math.min(tokens, from[s] + length);
      Arrays.fill(covered, from[s], to[s], true);
    }
    float[] x = buffers.rounded(normal(random, tokens, width));
    float[] scores = buffers.rounded(DeviceBuffers.normal(random, tokens, 2));
    for (int i = 0; i < tokens; i++) {
      if (!covered[i]) { // not to be read
        Arrays.fill(x, i * width, (i + 1) * width, Float.NaN);
        scores[i] = Float.NaN;
      }
    }
    WeightedSpans forward =
        new WeightedSpans(
            buffers.stored("y", spans, width),
            buffers.f32("logSumExp", spans),
            buffers.stored("x", x, tokens, width),
            buffers.stored("scores", scores, tokens, 1),
            buffers.i32("from", from),
            buffers.i32("to", to),
            longest);
    kernels.row().weightedSpanSum(forward);
    float[] y = buffers.floats(forward.y());
    float[] logSumExp = buffers.floats(forward.logSumExp());
    double[] expected = new double[y.length];
    double[] bounds = new double[y.length];
    double[] logs = new double[spans];
    double[] logBounds = new double[spans];
    for (int s = 0; s < spans; s++) {
      double sum = 0;
      double largest = 0;
      for (int i = from[s]; i < to[s]; i++) {
        sum += Math.exp(scores[i]);
        largest = Math.max(largest, Math.abs(scores[i]));
      }
      if (sum == 0) {
        continue;
      }
      int n = to[s] - from[s];
      // maximum subtracted, exponential, sum of the rows, quotient
      double share = 2 * (4 * U * largest + 4 * U) + (n + 4) * U;
      logs[s] = Math.log(sum);
      // a card's logarithm to the base of two is within 2^-22, or that much of it
      logBounds[s] = share + 4 * U * Math.max(1, Math.log(n)) + U * (largest + Math.abs(logs[s]));
      for (int i = from[s]; i < to[s]; i++) {
        for (int c = 0; c < width; c++) {
          double term = Math.exp(scores[i]) / sum * x[i * width + c];
          expected[s * width + c] += term;
          bounds[s * width + c] += (share + n * U) * Math.abs(term);
        }
      }
    }
    assertWithin("logSumExp", logSumExp, logs, logBounds);
    buffers.assertStoredWithin("y", y, expected, bounds);

    float[] dY = buffers.rounded(normal(random, spans, width));
    float[] before = normal(random, tokens, width);
    Tensor dXs = buffers.f32("dX", before, tokens, width);
    Tensor dScoresOut = buffers.stored("dScores", tokens, 1);
    kernels
        .row()
        .weightedSpanSumBackward(
            new WeightedSpansBackward(
                forward, dXs, dScoresOut, buffers.stored("dY", dY, spans, width)));
    float[] dX = buffers.floats(dXs);
    float[] dScores = buffers.floats(dScoresOut);
    double[] gradient = DeviceBuffers.doubles(before);
    double[] gradientBounds = new double[before.length];
    double[] scoreGradient = new double[tokens];
    double[] scoreBounds = new double[tokens];
    for (int s = 0; s < spans; s++) {
      double product = 0;
      double size = 0;
      for (int c = 0; c < width; c++) {
        product += (double) dY[s * width + c] * y[s * width + c];
        size += Math.abs((double) dY[s * width + c] * y[s * width + c]);
      }
      for (int i = from[s]; i < to[s]; i++) {
        double difference = (double) scores[i] - logSumExp[s];
        double weight = Math.exp(difference);
        // the difference, its exponential, and sums over spans
        double share = (2 * Math.abs(difference) + 8) * U + (spans + 2) * U;
        for (int c = 0; c < width; c++) {
          double term = weight * dY[s * width + c];
          gradient[i * width + c] += term;
          gradientBounds[i * width + c] += share * Math.abs(term);
          double along = term * x[i * width + c];
          scoreGradient[i] += along;
          scoreBounds[i] += (share + (width + 2) * U) * Math.abs(along);
        }
        scoreGradient[i] -= weight * product;
        scoreBounds[i] += (share + (width + 2) * U) * weight * size;
      }
    }
    for (int i = 0; i < gradient.length; i++) {
      gradientBounds[i] += covered[i / width] ? 2 * U * Math.abs(gradient[i]) : 0;
    }
    assertWithin("dX", dX, gradient, gradientBounds);
    buffers.assertStoredWithin("dScores", dScores, scoreGradient, scoreBounds);
    return List.of(y, logSumExp, dX, dScores);
  }
}
