package org.mirror4j.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.device.operation.Dropout;
import org.mirror4j.device.operation.GeluForm;

/** Every operation by itself: the derivative of {@code sum(weights * result)} by each operand. */
class OperationGradientTest {
  private final Random random = new Random(7);

  @Test
  void products() {
    check((t, x) -> t.multiply(x.get(0), x.get(1)), normal(3, 4), normal(4, 2));
    check((t, x) -> t.multiplyTransposed(x.get(0), x.get(1)), normal(3, 4), normal(2, 4));
    check((t, x) -> t.multiplyTransposed(x.get(0), x.get(0)), normal(3, 4));
  }

  @Test
  void sums() {
    check((t, x) -> t.add(x.get(0), x.get(1)), normal(3, 2), normal(3, 2));
    check((t, x) -> t.add(x.get(0), x.get(0)), normal(3, 2));
    check((t, x) -> t.addRow(x.get(0), x.get(1)), normal(3, 2), normal(1, 2));
    check((t, x) -> t.meanOfRows(x.get(0)), normal(3, 2));
  }

  @Test
  void factors() {
    DMatrixRMaj factors = normal(3, 2);
    check((t, x) -> t.scale(x.get(0), -1.5), normal(3, 2));
    check((t, x) -> t.scaleElements(x.get(0), factors), normal(3, 2));
  }

  @Test
  void partsAndSelections() {
    check((t, x) -> t.rows(x.get(0), 1, 3), normal(4, 2));
    check((t, x) -> t.columns(x.get(0), 1, 3), normal(2, 4));
    check((t, x) -> t.transpose(x.get(0)), normal(2, 3));
    check(Tape::stackRows, normal(2, 3), normal(1, 3));
    check(Tape::stackColumns, normal(3, 2), normal(3, 1));
    check((t, x) -> t.gather(x.get(0), new int[] {2, 0, 2}), normal(3, 2));
  }

  @Test
  void layerNorm() {
    check(
        (t, x) -> ReferenceLayerNorm.layerNorm(t, x.get(0), x.get(1), x.get(2), 1e-5),
        normal(3, 5),
        normal(1, 5),
        normal(1, 5));
  }

  @ParameterizedTest
  @EnumSource
  void gelu(GeluForm form) {
    check((t, x) -> ReferenceGelu.gelu(t, x.get(0), form), normal(4, 4));
  }

  @Test
  void softmaxAndCrossEntropy() {
    int[] labels = {1, 3, 0};
    check((t, x) -> ReferenceSoftmax.softmax(t, x.get(0)), normal(3, 4));
    check(
        (t, x) ->
            ReferenceSoftmax.crossEntropy(t, x.get(0), (r, c) -> c != r + 1 || r == 0, labels),
        normal(3, 4));
  }

  @Test
  void operationsOfSpanRanking() {
    check(
        (t, x) -> ReferenceSpanRanking.multiply(t, x.get(0), x.get(1)), normal(3, 4), normal(3, 4));
    check((t, x) -> ReferenceSpanRanking.multiply(t, x.get(0), x.get(0)), normal(3, 4));
    check((t, x) -> ReferenceSpanRanking.relu(t, x.get(0)), normal(3, 4));
    check((t, x) -> ReferenceSpanRanking.sigmoid(t, x.get(0)), normal(3, 4));
    boolean[] right = {false, true, true, false};
    check((t, x) -> ReferenceSpanRanking.marginal(t, x.get(0), right), normal(1, 4));
  }

  @Test
  void normalizedRows() {
    check((t, x) -> ReferenceContrastive.normalizeRows(t, x.get(0)), normal(3, 4));
  }

  /** Below the clamp the operation is a multiplication by 1e12. */
  @Test
  void normalizedRowsOfNoLength() {
    Tape tape = new Tape();
    Variable h = Variable.of(new DMatrixRMaj(new double[][] {{3e-14, 4e-14}, {0, 0}}));
    Variable u = ReferenceContrastive.normalizeRows(tape, h);
    assertThat(u.value().data).containsExactly(3e-14 / 1e-12, 4e-14 / 1e-12, 0, 0);
    tape.backward(u, new DMatrixRMaj(new double[][] {{1, -2}, {3, 0}}));
    assertThat(h.gradient().data).containsExactly(1 / 1e-12, -2 / 1e-12, 3 / 1e-12, 0);
  }

  @Test
  void attention() {
    ReferenceBatch batch =
        new ReferenceBatch(
            new int[][] {{0, 0}, {0, 0, 0, 0, 0}},
            new int[][] {{0, 1}, {0, 1, 2, 3, 4}},
            new int[] {2, 3},
            6);
    Dropout dropout = new Dropout(0.2, 0, 3);
    check(
        (t, x) ->
            ReferenceAttention.context(t, x.get(0), x.get(1), x.get(2), 2, batch, 1, dropout, 1),
        normal(5, 6),
        normal(5, 6),
        normal(5, 6));
  }

  private void check(BiFunction<Tape, List<Variable>, Variable> operation, DMatrixRMaj... values) {
    List<Variable> operands = Stream.of(values).map(Variable::of).toList();
    Tape tape = new Tape();
    Variable result = operation.apply(tape, operands);
    DMatrixRMaj weights = normal(result.rows(), result.columns());
    tape.backward(result, weights);
    // Sums of up to 40 terms of order 1.
    FiniteDifferences differences =
        FiniteDifferences.of(
            () -> {
              List<Variable> fresh = Arrays.stream(values).map(Variable::of).toList();
              return weightedSum(weights, operation.apply(new Tape(), fresh).value());
            },
            40,
            1);
    for (int i = 0; i < values.length; i++) {
      differences.check("operand " + i, values[i], operands.get(i).gradient());
    }
  }

  private static double weightedSum(DMatrixRMaj weights, DMatrixRMaj x) {
    DMatrixRMaj products = new DMatrixRMaj(x.numRows, x.numCols);
    CommonOps_DDRM.elementMult(weights, x, products);
    return CommonOps_DDRM.elementSum(products);
  }

  private DMatrixRMaj normal(int rows, int columns) {
    DMatrixRMaj matrix = new DMatrixRMaj(rows, columns);
    Arrays.setAll(matrix.data, i -> random.nextGaussian());
    return matrix;
  }
}
