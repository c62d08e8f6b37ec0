package org.mirror4j.bench.product;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A product in Java: blocks of A and B are packed, and a block of C of {@link #ROWS} rows and two
 * vectors stays in registers while the inner dimension runs. What the Vector API gives without a
 * native library.
 */
final class VectorMultiplication implements Multiplication {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /** Rows and columns of a block in registers: 8 x 2 sums, as many as there is room for. */
  private static final int ROWS = 8, COLUMNS = 2 * SPECIES.length();

  /** Inner size of a packed block; rows of A that are packed together. */
  private static final int DEPTH = 256, PANEL = 96;

  private final ProductShape product;
  private final float[] a;
  private final float[] b;
  private final float[] c;
  private final float[] packedB;
  private final ExecutorService pool;
  private final int threads;

  VectorMultiplication(ProductShape product, float[] a, float[] b, int threads) {
    this.product = product;
    this.a = a;
    this.b = b;
    this.threads = threads;
    if (product.n() % COLUMNS != 0 || product.m() % ROWS != 0) {
      throw new IllegalArgumentException("sizes are not of whole blocks: " + product);
    }
    c = new float[product.m() * product.n()];
    packedB = new float[DEPTH * product.n()];
    pool = Executors.newFixedThreadPool(threads);
  }

  @Override
  public void run() {
    Arrays.fill(c, 0);
    for (int from = 0; from < product.k(); from += DEPTH) {
      int start = from;
      int depth = Math.min(DEPTH, product.k() - from);
      inParallel(product.n() / COLUMNS, block -> packB(start, depth, block));
      inParallel((product.m() + PANEL - 1) / PANEL, panel -> multiply(start, depth, panel));
    }
  }

  private interface Piece {
    void run(int index);
  }

  private void inParallel(int pieces, Piece piece) {
    List<Future<?>> parts = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      int first = pieces * thread / threads;
      int last = pieces * (thread + 1) / threads;
      parts.add(
          pool.submit(
              () -> {
                for (int i = first; i < last; i++) {
                  piece.run(i);
                }
              }));
    }
    for (Future<?> part : parts) {
      try {
        part.get();
      } catch (InterruptedException | ExecutionException problem) {
        throw new IllegalStateException(problem);
      }
    }
  }

  private void packB(int from, int depth, int block) {
    int to = block * COLUMNS * DEPTH;
    for (int i = 0; i < depth; i++) {
      for (int j = 0; j < COLUMNS; j++) {
        int column = block * COLUMNS + j;
        packedB[to + i * COLUMNS + j] =
            product.spec().transposeB()
                ? b[column * product.k() + from + i]
                : b[(from + i) * product.n() + column];
      }
    }
  }

  private void multiply(int from, int depth, int panel) {
    int first = panel * PANEL;
    int rows = Math.min(PANEL, product.m() - first);
    float[] packedA = new float[PANEL * DEPTH];
    for (int row = 0; row < rows; row++) {
      int to = row / ROWS * ROWS * DEPTH + row % ROWS;
      for (int i = 0; i < depth; i++) {
        packedA[to + i * ROWS] =
            product.spec().transposeA()
                ? a[(from + i) * product.m() + first + row]
                : a[(first + row) * product.k() + from + i];
      }
    }
    for (int block = 0; block < product.n() / COLUMNS; block++) {
      for (int row = 0; row < rows; row += ROWS) {
        block(
            packedA,
            row * DEPTH,
            block * COLUMNS * DEPTH,
            depth,
            (first + row) * product.n() + block * COLUMNS);
      }
    }
  }

  private void block(float[] packedA, int atA, int atB, int depth, int atC) {
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector s00 = zero, s01 = zero, s10 = zero, s11 = zero, s20 = zero, s21 = zero;
    FloatVector s30 = zero, s31 = zero, s40 = zero, s41 = zero, s50 = zero, s51 = zero;
    FloatVector s60 = zero, s61 = zero, s70 = zero, s71 = zero;
    for (int i = 0; i < depth; i++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, packedB, atB + i * COLUMNS);
      FloatVector b1 =
          FloatVector.fromArray(SPECIES, packedB, atB + i * COLUMNS + SPECIES.length());
      int at = atA + i * ROWS;
      FloatVector x = FloatVector.broadcast(SPECIES, packedA[at]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      x = FloatVector.broadcast(SPECIES, packedA[at + 1]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      x = FloatVector.broadcast(SPECIES, packedA[at + 2]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      x = FloatVector.broadcast(SPECIES, packedA[at + 3]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
      x = FloatVector.broadcast(SPECIES, packedA[at + 4]);
      s40 = x.fma(b0, s40);
      s41 = x.fma(b1, s41);
      x = FloatVector.broadcast(SPECIES, packedA[at + 5]);
      s50 = x.fma(b0, s50);
      s51 = x.fma(b1, s51);
      x = FloatVector.broadcast(SPECIES, packedA[at + 6]);
      s60 = x.fma(b0, s60);
      s61 = x.fma(b1, s61);
      x = FloatVector.broadcast(SPECIES, packedA[at + 7]);
      s70 = x.fma(b0, s70);
      s71 = x.fma(b1, s71);
    }
    int n = product.n();
    add(s00, s01, atC);
    add(s10, s11, atC + n);
    add(s20, s21, atC + 2 * n);
    add(s30, s31, atC + 3 * n);
    add(s40, s41, atC + 4 * n);
    add(s50, s51, atC + 5 * n);
    add(s60, s61, atC + 6 * n);
    add(s70, s71, atC + 7 * n);
  }

  private void add(FloatVector left, FloatVector right, int at) {
    left.add(FloatVector.fromArray(SPECIES, c, at)).intoArray(c, at);
    int next = at + SPECIES.length();
    right.add(FloatVector.fromArray(SPECIES, c, next)).intoArray(c, next);
  }

  @Override
  public float[] result() {
    return c;
  }

  @Override
  public void close() {
    pool.shutdown();
  }
}
