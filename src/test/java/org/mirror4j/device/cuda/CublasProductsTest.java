package org.mirror4j.device.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.launch.Driver;
import org.mirror4j.device.launch.MatrixProducts;
import org.mirror4j.device.operation.Factors;
import org.mirror4j.device.operation.GemmSpec;
import org.mirror4j.device.operation.ShapeException;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/** Products through JCublas, with a column-major cuBLAS of the tests behind it. */
@Tag("stand-in")
class CublasProductsTest {
  private static final int M = 5;
  private static final int N = 3;
  private static final int K = 7;

  private final Arena arena = Arena.ofConfined();
  private final Random random = new Random(11);
  private StandInCard card;
  private JCudaDriver driver;

  /**
   * A product to be checked.
   *
   * @param result type of c
   */
  record Case(GemmSpec spec, int batch, DType storage, DType result) {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (GemmSpec spec :
        List.of(GemmSpec.NN, GemmSpec.NT, GemmSpec.TN, GemmSpec.NN_ADD, GemmSpec.TN_ADD)) {
      for (int batch : new int[] {1, 4}) {
        cases.add(new Case(spec, batch, DType.F32, DType.F32));
        cases.add(new Case(spec, batch, DType.F16, DType.F32));
        cases.add(new Case(spec, batch, DType.BF16, DType.BF16));
      }
    }
    cases.add(new Case(new GemmSpec(true, true, false), 2, DType.F16, DType.F16));
    return cases;
  }

  @BeforeEach
  void open() {
    card = new StandInCard(new ScaleMachine());
    driver = card.open();
  }

  @AfterEach
  void close() {
    if (driver != null) {
      driver.close();
      card.driver().assertUnbroken();
      card.cublas().assertUnbroken();
      card.driver().assertNothingLeft();
    }
    arena.close();
  }

  /** Small whole numbers: exact in every type, and so are the sums of their products. */
  private int[] values(int count) {
    return random.ints(count, -4, 5).toArray();
  }

  private Tensor tensor(String name, DType dtype, int rows, int columns, int[] values) {
    MemorySegment segment = arena.allocate((long) values.length * dtype.bytes(), 8);
    for (int i = 0; i < values.length; i++) {
      switch (dtype) {
        case F32 -> segment.setAtIndex(JAVA_FLOAT, i, values[i]);
        case F16 -> segment.setAtIndex(JAVA_SHORT, i, Float.floatToFloat16(values[i]));
        default ->
            segment.setAtIndex(
                JAVA_SHORT, i, (short) (Float.floatToRawIntBits(values[i]) >> Short.SIZE));
      }
    }
    long address = driver.allocate(segment.byteSize());
    driver.upload(address, segment, segment.byteSize());
    return Tensor.at(address, name, dtype, Shape.of(rows, columns));
  }

  private float[] read(Tensor tensor) {
    MemorySegment segment = arena.allocate(tensor.bytes(), 8);
    driver.download(segment, tensor.address(), tensor.bytes());
    float[] values = new float[(int) tensor.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (tensor.dtype()) {
            case F32 -> segment.getAtIndex(JAVA_FLOAT, i);
            case F16 -> Float.float16ToFloat(segment.getAtIndex(JAVA_SHORT, i));
            default -> Float.intBitsToFloat(segment.getAtIndex(JAVA_SHORT, i) << Short.SIZE);
          };
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void rowMajorProductsOfEveryOrientation(Case product) {
    GemmSpec spec = product.spec();
    int batch = product.batch();
    int[] a = values(batch * M * K);
    int[] b = values(batch * K * N);
    int[] c = values(batch * M * N);
    int aRows = spec.transposeA() ? K : M;
    int bRows = spec.transposeB() ? N : K;
    Tensor left = tensor("a", product.storage(), batch * aRows, M * K / aRows, a);
    Tensor right = tensor("b", product.storage(), batch * bRows, K * N / bRows, b);
    Tensor result = tensor("c", product.result(), batch * M, N, c);
    driver.matrixProducts().multiply(spec, Factors.AS_STORED, batch, result, left, right);
    float[] expected = new float[c.length];
    for (int i = 0; i < batch; i++) {
      for (int row = 0; row < M; row++) {
        for (int column = 0; column < N; column++) {
          int at = (i * M + row) * N + column;
          int sum = spec.accumulate() ? c[at] : 0;
          for (int t = 0; t < K; t++) {
            int x = i * M * K + (spec.transposeA() ? t * M + row : row * K + t);
            int y = i * K * N + (spec.transposeB() ? column * K + t : t * N + column);
            sum += a[x] * b[y];
          }
          expected[at] = sum;
        }
      }
    }
    assertThat(read(result)).isEqualTo(expected);
  }

  @Test
  void productsAreRecordedWithTheLaunches() {
    Tensor a = tensor("a", DType.F32, 1, 1, new int[] {3});
    Tensor c = tensor("c", DType.F32, 1, 1, new int[] {1});
    Runnable product =
        () -> driver.matrixProducts().multiply(GemmSpec.NN_ADD, Factors.AS_STORED, 1, c, a, a);
    try (Driver.Recording recording = driver.record(product)) {
      assertThat(read(c)).containsExactly(1);
      recording.replay();
      recording.replay();
      assertThat(read(c)).containsExactly(19);
    }
  }

  @Test
  void fewerRowsThanPlannedAreMultiplied() {
    Tensor a = tensor("a", DType.F32, 2, 2, new int[] {1, 2, 3, 4});
    Tensor b = tensor("b", DType.F32, 2, 2, new int[] {5, 6, 7, 8});
    Tensor c = tensor("c", DType.F32, 2, 2, new int[] {9, 9, 9, 9});
    driver.matrixProducts().multiply(GemmSpec.NN, Factors.AS_STORED, 1, c.rows(1), a.rows(1), b);
    assertThat(read(c.rows(2))).containsExactly(19, 22, 9, 9);
  }

  /** {@code 1 + 2^-12} has one bit more than TF32; bf16 has no more than that anyway. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void tf32IsAskedForOfF32(int batch) {
    MemorySegment values = arena.allocateFrom(JAVA_FLOAT, 1 + 0x1p-12f, 1 + 0x1p-12f);
    Tensor x = tensor("x", DType.F32, batch, 1, new int[batch]);
    driver.upload(x.address(), values, x.bytes());
    Tensor one = tensor("one", DType.F32, batch, 1, batch == 1 ? new int[] {1} : new int[] {1, 1});
    Tensor c = tensor("c", DType.F32, batch, 1, new int[batch]);
    MatrixProducts products = driver.matrixProducts();
    products.multiply(GemmSpec.NN, Factors.AS_STORED, batch, c, x, one);
    assertThat(read(c)).containsOnly(1 + 0x1p-12f);
    products.multiply(GemmSpec.NN, Factors.TF32, batch, c, x, one);
    assertThat(read(c)).containsOnly(1);
    Tensor three = tensor("three", DType.BF16, 1, 1, new int[] {3});
    Tensor square = tensor("square", DType.F32, 1, 1, new int[] {0});
    products.multiply(GemmSpec.NN, Factors.TF32, 1, square, three, three);
    assertThat(read(square)).containsExactly(9);
  }

  @Test
  void sumsStayInF32AndTheWorkspaceIsTheDriversOwn() {
    assertThat(card.cublas().sumsInF32()).isTrue();
    assertThat(card.cublas().stream()).isNotZero();
    assertThat(card.cublas().workspaceBytes()).isEqualTo(8 << 20);
  }

  @Test
  void aProductIsOneCall() {
    Tensor a = tensor("a", DType.F32, 4, 2, values(8));
    Tensor b = tensor("b", DType.F32, 2, 2, values(4));
    Tensor c = tensor("c", DType.F32, 4, 2, values(8));
    card.cublas().takeCalls();
    driver.matrixProducts().multiply(GemmSpec.NN, Factors.AS_STORED, 1, c, a, b);
    driver
        .matrixProducts()
        .multiply(GemmSpec.NN, Factors.AS_STORED, 2, c, a.rows(4), tensorOf(b, 2));
    driver.matrixProducts().multiply(GemmSpec.NN, Factors.AS_STORED, 1, c.rows(0), a.rows(0), b);
    assertThat(card.cublas().takeCalls())
        .containsExactly("cublasGemmEx", "cublasGemmStridedBatchedEx");
  }

  private Tensor tensorOf(Tensor pattern, int batch) {
    return tensor(
        "b",
        DType.F32,
        batch * pattern.rows(),
        pattern.columns(),
        values(batch * (int) pattern.size()));
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    Tensor a = tensor("a", DType.F32, 4, 3, values(12));
    Tensor b = tensor("b", DType.F32, 2, 2, values(4));
    Tensor c = tensor("c", DType.F32, 4, 2, values(8));
    assertThatThrownBy(
            () -> driver.matrixProducts().multiply(GemmSpec.NN, Factors.AS_STORED, 1, c, a, b))
        .isInstanceOf(ShapeException.class)
        .hasMessage("multiply: b f32[2,2], expected [1 * 3,2]");
    Tensor half = tensor("h", DType.F16, 3, 2, values(6));
    assertThatThrownBy(
            () -> driver.matrixProducts().multiply(GemmSpec.NN, Factors.AS_STORED, 1, c, a, half))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "multiply: c f32[4,2] of a f32[4,3] and h f16[3,2];"
                + " a and b must have one type, c that type or f32");
  }

  @Test
  void aFailureNamesTheProduct() {
    Tensor a = tensor("a", DType.F32, 2, 2, values(4));
    card.cublas().fail("cublasGemmEx", StandInCublas.EXECUTION_FAILED);
    assertThatThrownBy(
            () -> driver.matrixProducts().multiply(GemmSpec.NN, Factors.AS_STORED, 1, a, a, a))
        .isInstanceOf(CudaException.class)
        .hasMessage(
            "cublasGemmEx for a f32[2,2] of a f32[2,2] and a f32[2,2], %s, batch 1:"
                + " CUBLAS_STATUS_EXECUTION_FAILED (13)",
            GemmSpec.NN);
    card.cublas().fail("cublasGemmEx", 0);
  }
}
