package org.mirror4j.device.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The blocks that the grid of attention has for each sequence. */
class CudaAttentionTest {
  /** The kernels work out again what a sequence needs; the longest sequence must need most. */
  @Test
  void noSequenceNeedsMoreBlocksThanTheLongest() {
    for (int heads = 1; heads <= 16; heads++) {
      for (int rows = 1; rows < 130; rows++) {
        assertThat(CudaAttention.forwardParts(rows, heads))
            .as("forward, %d heads, %d rows", heads, rows)
            .isBetween(1, CudaAttention.forwardParts(rows + 1, heads));
        assertThat(CudaAttention.backwardParts(rows, heads))
            .as("backward, %d heads, %d rows", heads, rows)
            .isBetween(1, CudaAttention.backwardParts(rows + 1, heads));
        for (int headSize : new int[] {64, 128}) {
          assertThat(CudaAttention.generalForwardParts(rows, heads, headSize))
              .as("general forward, %d heads of %d, %d rows", heads, headSize, rows)
              .isBetween(1, CudaAttention.generalForwardParts(rows + 1, heads, headSize));
          assertThat(CudaAttention.generalBackwardParts(rows, heads, headSize))
              .as("general backward, %d heads of %d, %d rows", heads, headSize, rows)
              .isBetween(1, CudaAttention.generalBackwardParts(rows + 1, heads, headSize));
        }
      }
    }
  }

  @Test
  void shortSequencesShareABlock() {
    assertThat(CudaAttention.forwardParts(4, 12)).isEqualTo(1);
    assertThat(CudaAttention.forwardParts(5, 12)).isEqualTo(2);
    assertThat(CudaAttention.forwardParts(16, 12)).isEqualTo(3);
    assertThat(CudaAttention.forwardParts(32, 12)).isEqualTo(6);
    assertThat(CudaAttention.forwardParts(33, 12)).isEqualTo(12);
    assertThat(CudaAttention.backwardParts(28, 12)).isEqualTo(6);
    assertThat(CudaAttention.backwardParts(29, 12)).isEqualTo(12);
    assertThat(CudaAttention.generalForwardParts(5, 12, 64)).isEqualTo(1);
    assertThat(CudaAttention.generalForwardParts(512, 12, 64)).isEqualTo(12);
    assertThat(CudaAttention.generalBackwardParts(4, 12, 64)).isEqualTo(1);
    assertThat(CudaAttention.generalBackwardParts(25, 12, 64)).isEqualTo(12);
  }
}
