package org.mirror4j.device.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The blocks that the grid of attention has for each sequence. */
class LaunchedAttentionTest {
  /** The kernels work out again what a sequence needs; the longest sequence must need most. */
  @Test
  void noSequenceNeedsMoreBlocksThanTheLongest() {
    for (int heads = 1; heads <= 16; heads++) {
      for (int rows = 1; rows < 130; rows++) {
        assertThat(LaunchedAttention.forwardParts(rows, heads))
            .as("forward, %d heads, %d rows", heads, rows)
            .isBetween(1, LaunchedAttention.forwardParts(rows + 1, heads));
        assertThat(LaunchedAttention.backwardParts(rows, heads))
            .as("backward, %d heads, %d rows", heads, rows)
            .isBetween(1, LaunchedAttention.backwardParts(rows + 1, heads));
        assertThat(TensorAttention.parts(rows, heads))
            .as("tensor cores, %d heads, %d rows", heads, rows)
            .isBetween(1, TensorAttention.parts(rows + 1, heads));
        for (int headSize : new int[] {64, 128}) {
          assertThat(LaunchedAttention.generalForwardParts(rows, heads, headSize))
              .as("general forward, %d heads of %d, %d rows", heads, headSize, rows)
              .isBetween(1, LaunchedAttention.generalForwardParts(rows + 1, heads, headSize));
          assertThat(LaunchedAttention.generalBackwardParts(rows, heads, headSize))
              .as("general backward, %d heads of %d, %d rows", heads, headSize, rows)
              .isBetween(1, LaunchedAttention.generalBackwardParts(rows + 1, heads, headSize));
        }
      }
    }
  }

  @Test
  void shortSequencesShareABlock() {
    assertThat(LaunchedAttention.forwardParts(4, 12)).isEqualTo(1);
    assertThat(LaunchedAttention.forwardParts(5, 12)).isEqualTo(2);
    assertThat(LaunchedAttention.forwardParts(16, 12)).isEqualTo(3);
    assertThat(LaunchedAttention.forwardParts(32, 12)).isEqualTo(6);
    assertThat(LaunchedAttention.forwardParts(33, 12)).isEqualTo(12);
    assertThat(LaunchedAttention.backwardParts(28, 12)).isEqualTo(6);
    assertThat(LaunchedAttention.backwardParts(29, 12)).isEqualTo(12);
    assertThat(TensorAttention.parts(16, 12)).isEqualTo(3);
    assertThat(TensorAttention.parts(17, 12)).isEqualTo(6);
    assertThat(TensorAttention.parts(33, 12)).isEqualTo(12);
    assertThat(LaunchedAttention.generalForwardParts(5, 12, 64)).isEqualTo(1);
    assertThat(LaunchedAttention.generalForwardParts(512, 12, 64)).isEqualTo(12);
    assertThat(LaunchedAttention.generalBackwardParts(4, 12, 64)).isEqualTo(1);
    assertThat(LaunchedAttention.generalBackwardParts(25, 12, 64)).isEqualTo(12);
  }
}
