package org.mirror4j.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.Philox;

class ReferenceAttentionTest {
  /** Scores log 3 and 0 in either row: weights 3/4 and 1/4. */
  @Test
  void oneHeadByHand() {
    double c = Math.sqrt(2) * Math.log(3);
    DMatrixRMaj context =
        context(
            new DMatrixRMaj(new double[][] {{c, 0}, {0, c}}),
            new DMatrixRMaj(new double[][] {{1, 0}, {0, 1}}),
            new DMatrixRMaj(new double[][] {{2, 0}, {0, 4}}),
            1,
            ReferenceBatch.of(new int[][] {{0, 0}}),
            0,
            Dropout.NONE);
    double[] expected = {1.5, 1, 0.5, 3};
    for (int i = 0; i < expected.length; i++) {
      assertThat(context.data[i]).isCloseTo(expected[i], within(4e-15));
    }
  }

  /** A padding row attends to the real keys, and nothing attends to it. */
  @Test
  void paddingIsNoKey() {
    ReferenceBatch batch = ReferenceBatch.padded(new int[][] {{0, 0}}, 3, 0);
    DMatrixRMaj context =
        context(
            new DMatrixRMaj(3, 1),
            new DMatrixRMaj(3, 1),
            new DMatrixRMaj(new double[][] {{2}, {4}, {1000}}),
            1,
            batch,
            0,
            Dropout.NONE);
    assertThat(context.data).containsExactly(3, 3, 3);
  }

  /**
   * Equal scores and one-hot values make the context a table of the attention weights, 1/3 each, so
   * that the dropped ones show. Expected elements are drawn from the generator directly.
   */
  @Test
  void dropsTheElementsOfItsSite() {
    int heads = 2;
    int rows = 3;
    ReferenceBatch batch =
        new ReferenceBatch(
            new int[][] {{0, 0}, {0, 0, 0}}, new int[][] {{0, 1}, {0, 1, 2}}, new int[] {2, 3}, 9);
    DMatrixRMaj oneHot = new DMatrixRMaj(rows, heads * rows);
    for (int i = 0; i < rows; i++) {
      oneHot.set(i, i, 1);
      oneHot.set(i, rows + i, 1);
    }
    long seed = 0x1234_5678_9ABCL;
    Dropout dropout = new Dropout(0.25, 0.5, seed);
    DMatrixRMaj zeros = new DMatrixRMaj(rows, heads * rows);
    int droppedHeads = 0;
    for (int step = 0; step < 32; step++) {
      dropout.step(step);
      DMatrixRMaj context = context(zeros, zeros, oneHot, heads, batch, 1, dropout);
      boolean[] kept = new boolean[heads];
      for (int h = 0; h < heads; h++) {
        // Heads of layer 2 are site 2 * 5 + 4; rows are sequences of 2 heads, 8 elements apart.
        kept[h] = half(seed, 8 + h, 14, step) >= 32768;
        droppedHeads += kept[h] ? 0 : 1;
      }
      double headScale = kept[0] == kept[1] ? 1 : 2;
      for (int h = 0; h < heads; h++) {
        boolean on = kept[h] || kept[0] == kept[1];
        for (int i = 0; i < rows; i++) {
          for (int j = 0; j < rows; j++) {
            // Probabilities of layer 2 are site 2 * 5 + 1; two heads a token, rows 65536 elements.
            long index = ((2L + i) * 2 + h) * 65536 + j;
            double factor = half(seed, index, 11, step) >= 16384 ? 4 / 3.0 : 0;
            assertThat(context.get(i, h * rows + j))
                .as("step %d, head %d, query %d, key %d", step, h, i, j)
                .isCloseTo(on ? headScale * factor / 3 : 0, within(1e-15));
          }
        }
      }
    }
    assertThat(droppedHeads).isBetween(16, 48);
  }

  private static int half(long seed, long index, int site, int step) {
    int[] words = new int[4];
    Philox.generate(words, seed, (int) (index / 8), 0, site, step);
    int word = words[(int) (index % 8) / 2];
    return index % 2 == 0 ? word & 0xFFFF : word >>> 16;
  }

  private static DMatrixRMaj context(
      DMatrixRMaj query,
      DMatrixRMaj key,
      DMatrixRMaj value,
      int heads,
      ReferenceBatch batch,
      int sequence,
      Dropout dropout) {
    return ReferenceAttention.context(
            new Tape(),
            Variable.of(query),
            Variable.of(key),
            Variable.of(value),
            heads,
            batch,
            sequence,
            dropout,
            2)
        .value();
  }
}
