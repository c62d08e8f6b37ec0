package org.mirror4j.device.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.intercept.InterceptedKernels;
import org.mirror4j.device.operation.Norm.LayerNorm;
import org.mirror4j.device.operation.Norm.ResidualLayerNorm;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Ownership;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/** Tensors here have addresses that nobody reads: no kernel runs. */
class OperandCheckTest {
  private final List<String> calls = new ArrayList<>();
  private final Ownership ownership = Ownership.ofDevice("test");
  private final Kernels kernels =
      InterceptedKernels.of(
          new OperandCheck(ownership, Set.of(DType.F32, DType.F16)),
          (operation, arguments) -> calls.add(operation));
  private long nextAddress = 1 << 20;

  private Tensor f32(int... dimensions) {
    return tensor(DType.F32, dimensions);
  }

  private Tensor i32(int size) {
    return tensor(DType.I32, size);
  }

  private Tensor tensor(DType dtype, int... dimensions) {
    Tensor tensor = Tensor.at(ownership, nextAddress, "tensor", dtype, Shape.of(dimensions));
    nextAddress += tensor.bytes();
    return tensor;
  }

  private void refuses(String message, ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(ShapeException.class).hasMessage(message);
    assertThat(calls).isEmpty();
  }

  private void residualLayerNorm(Tensor y, Tensor z, Tensor mean, Tensor gamma, float epsilon) {
    LayerNorm norm = new LayerNorm(y, z, mean, f32(5), gamma, f32(768), epsilon);
    kernels
        .norm()
        .residualLayerNorm(new ResidualLayerNorm(norm, f32(5, 768), f32(768), 1), Dropout.NONE);
  }

  @Test
  void goodArgumentsAreHandedOn() {
    residualLayerNorm(f32(5, 768), f32(5, 768), f32(5), f32(768), 1e-12f);
    kernels.product().gemm(GemmSpec.NT, f32(3, 4), f32(3, 5), f32(4, 5));
    kernels.product().gemm(GemmSpec.TN_ADD, f32(3, 4), f32(5, 3), f32(5, 4));
    kernels.product().gemmStridedBatched(GemmSpec.NN, 2, f32(6, 4), f32(6, 5), f32(10, 4));
    Tensor gradient = f32(3, 4);
    kernels
        .activation()
        .biasGeluBackward(gradient, f32(4), gradient, f32(3, 4), f32(4), GeluForm.ERF);
    assertThat(calls)
        .containsExactly(
            "residualLayerNorm", "gemm", "gemm", "gemmStridedBatched", "biasGeluBackward");
  }

  @Test
  void shapesAndTypesAreNamed() {
    refuses(
        "residualLayerNorm: gamma is f32[384], expected f32[768] = [hidden]",
        () -> residualLayerNorm(f32(5, 768), f32(5, 768), f32(5), f32(384), 0));
    refuses(
        "residualLayerNorm: mean is i32[5], expected f32[5] = [rows]",
        () -> residualLayerNorm(f32(5, 768), f32(5, 768), i32(5), f32(768), 0));
    refuses(
        "residualLayerNorm: y is f32[4,768], expected f32[5,768] = [rows, hidden]",
        () -> residualLayerNorm(f32(4, 768), f32(5, 768), f32(5), f32(768), 0));
    refuses(
        "gemm: b is f32[5,4], expected f32[4,5] = [n, k]",
        () -> kernels.product().gemm(GemmSpec.NT, f32(3, 4), f32(3, 5), f32(5, 4)));
    refuses(
        "gatherRows: rows is f32[2], expected i32[2] = [selected]",
        () -> kernels.row().gatherRows(f32(2, 3), f32(9, 3), f32(2)));
    refuses(
        "copyColumns: y is f32[2,5], expected a f16 matrix [rows, columns]",
        () -> kernels.row().copyColumns(f32(2, 5), 0, tensor(DType.F16, 2, 5), 0, 1));
    refuses(
        "addRows: starts is i32[1], expected i32[2] = [groups + 1]",
        () -> kernels.row().addRows(f32(2, 5), f32(3, 5), new RowSegments(i32(3), i32(1), i32(1))));
    refuses(
        "addRows: rows of order is 4, expected at most those that are grouped",
        () -> kernels.row().addRows(f32(2, 5), f32(3, 5), new RowSegments(i32(4), i32(1), i32(2))));
    refuses(
        "segmentCrossEntropy: labels is i32[4], expected i32[2,2] = [sequences, columns]",
        () -> kernels.loss().segmentCrossEntropy(f32(2, 2), f32(5, 2), i32(3), i32(4), f32(1)));
    refuses(
        "squaredError: x is f32[5,2], expected f32[5,1] = [rows, 1]",
        () -> kernels.loss().squaredError(f32(5), f32(5, 2), f32(1), f32(5), f32(5), f32(1)));
    refuses(
        "weightedSpanSum: scores is f32[4,1], expected f32[3,1] = [tokens, 1]",
        () -> {
          Tensor x = f32(3, 5);
          kernels
              .row()
              .weightedSpanSum(
                  new Row.WeightedSpans(f32(2, 5), f32(2), x, f32(4, 1), i32(2), i32(2), 3));
        });
    refuses(
        "multiplyRows: second is i32[4], expected i32[3] = [pairs]",
        () -> kernels.row().multiplyRows(f32(3, 5), f32(7, 5), i32(3), i32(4)));
    refuses(
        "addRowProducts: factors is f32[2,4], expected f32[2,5] = [m, columns]",
        () ->
            kernels
                .row()
                .addRowProducts(
                    f32(2, 5),
                    f32(3, 5),
                    f32(2, 4),
                    i32(3),
                    new RowSegments(i32(3), i32(1), i32(2))));
    refuses(
        "marginalCrossEntropy: logits is f32[5,2], expected f32[5,1] = [rows, 1]",
        () -> kernels.loss().marginalCrossEntropy(f32(2), f32(5, 2), i32(3), i32(5), f32(1)));
    refuses(
        "gate: b is f32[2,4], expected f32[2,5] = [rows, columns]",
        () ->
            kernels
                .activation()
                .gate(new Activation.Gate(f32(2, 5), f32(2, 5), f32(5), f32(2, 5), f32(2, 4))));
    refuses("scale: x is i32[7], expected f32", () -> kernels.optimizer().scale(i32(7), 2));
  }

  @Test
  void scalarsAreNamed() {
    refuses(
        "residualLayerNorm: epsilon is NaN, expected 0 or more, finite",
        () -> residualLayerNorm(f32(5, 768), f32(5, 768), f32(5), f32(768), Float.NaN));
    refuses(
        "contrastiveLoss: temperature is 0, expected positive and finite",
        () -> kernels.loss().contrastiveLoss(f32(4), f32(4, 4), i32(4), 0));
    refuses(
        "contrastiveLoss: temperature is Infinity, expected positive and finite",
        () -> kernels.loss().contrastiveLoss(f32(4), f32(4, 4), i32(4), Float.POSITIVE_INFINITY));
    refuses(
        "attention: heads is 5, expected a divisor of hidden, the columns of context",
        () ->
            kernels
                .attention()
                .attention(
                    new Attention.Forward(
                        f32(3, 12), f32(3, 5), f32(3, 36), f32(36), i32(2), i32(1), 5, 0),
                    3,
                    Dropout.NONE));
    refuses(
        "gemmStridedBatched: rows of c is 7, expected a multiple of batch",
        () ->
            kernels.product().gemmStridedBatched(GemmSpec.NN, 2, f32(7, 4), f32(6, 5), f32(10, 4)));
  }

  @Test
  void overlapIsRefused() {
    Tensor large = f32(6, 4);
    Tensor first = large.view("first", 0, Shape.of(3, 4));
    Tensor second = large.view("second", 12, Shape.of(3, 4));
    Tensor shifted = large.view("shifted", 8, Shape.of(3, 4));
    kernels.activation().biasGelu(first, second, f32(4), GeluForm.ERF);
    calls.clear();
    refuses(
        "biasGelu: x overlaps y in memory, expected apart",
        () -> kernels.activation().biasGelu(first, shifted, f32(4), GeluForm.ERF));
    refuses(
        "biasGeluBackward: dX overlaps dY in memory, expected apart",
        () ->
            kernels
                .activation()
                .biasGeluBackward(shifted, f32(4), first, f32(3, 4), f32(4), GeluForm.ERF));
    refuses(
        "dropout: x overlaps y in memory, expected apart",
        () -> kernels.activation().dropout(first, shifted, Dropout.NONE, 0));
    Tensor square = f32(4, 4);
    refuses(
        "gemm: a overlaps c in memory, expected apart",
        () -> kernels.product().gemm(GemmSpec.NN, square, square, f32(4, 4)));
    kernels.product().gemm(GemmSpec.NT, f32(4, 4), square, square); // inputs may be one
  }

  @Test
  void whatAFlowsGradientsReadHasTheShapeOfTheirResults() {
    Flow.ActNorm four = new Flow.ActNorm(f32(4), f32(4));
    Flow.ActNorm gradient = new Flow.ActNorm(f32(4), f32(4));
    refuses(
        "affineCouplingBackward: x is f32[5,2], expected f32[3,2] = [rows, channels]",
        () ->
            kernels
                .flow()
                .affineCouplingBackward(
                    f32(3, 2), f32(5, 4), gradient, f32(3, 2), f32(5, 2), f32(3, 4), four, 0));
    Tensor dX = f32(3, 4);
    refuses(
        "actNormReluBackward: dY is f32[2,4], expected f32[3,4] = [rows, width]",
        () ->
            kernels
                .flow()
                .actNormReluBackward(
                    dX, gradient, dX.view("dY", 0, Shape.of(2, 4)), f32(3, 4), four));
    kernels.flow().actNormReluBackward(dX, gradient, dX, f32(3, 4), four); // dX may be dY
  }
}
