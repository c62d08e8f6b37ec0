package org.mirror4j.device.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.operation.Attention;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.ShapeException;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/** The blocks that the grid of attention has for each sequence, and the most elements. */
class LaunchedAttentionTest {
  private long nextAddress;

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

  /** Tensors have addresses that nobody reads: the operation is refused before a launch. */
  @Test
  void elementsThatKernelsCannotCountAreRefused() {
    int tokens = (1 << 26) / 3 + 1;
    try (DriverDevice device = PtxDriver.device(CheckLevel.BOUNDS, 1, KernelLibrary.bundled())) {
      Attention.Forward forward =
          new Attention.Forward(
              tensor(device, DType.F32, tokens, 64),
              tensor(device, DType.F32, tokens, 1),
              tensor(device, DType.F32, tokens, 192),
              tensor(device, DType.F32, 192),
              tensor(device, DType.I32, 2),
              tensor(device, DType.I32, 1),
              1,
              0);
      Attention.Backward backward =
          new Attention.Backward(
              forward,
              tensor(device, DType.F32, tokens, 192),
              tensor(device, DType.F32, 192),
              tensor(device, DType.F32, tokens, 64));
      Attention attention = device.kernels().attention();
      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> attention.attention(forward, 7, Dropout.NONE),
              () -> attention.attentionBackward(backward, 7, Dropout.NONE))) {
        assertThatThrownBy(call)
            .isInstanceOf(ShapeException.class)
            .hasMessage(
                "attention: qkv has 4294967424 elements, expected at most 4294967296 on a GPU:"
                    + " a smaller batch");
      }
    }
  }

  private Tensor tensor(DriverDevice device, DType dtype, int... dimensions) {
    nextAddress += 1L << 36;
    return Tensor.at(device.ownership(), nextAddress, "tensor", dtype, Shape.of(dimensions));
  }
}
