package org.mirror4j.bench.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bench.card.CudnnOperations.SoftmaxMode;
import org.mirror4j.device.cuda.CudaException;
import org.mirror4j.device.cuda.CudaLibraries;
import org.mirror4j.device.cuda.Forwarder;
import org.mirror4j.device.cuda.InterpretedMachine;
import org.mirror4j.device.cuda.JCudaDriver;
import org.mirror4j.device.cuda.LibrarySearch;
import org.mirror4j.device.cuda.NativeFunctions;
import org.mirror4j.device.cuda.ScaleMachine;
import org.mirror4j.device.cuda.StandInCard;
import org.mirror4j.device.cuda.StandInDriver;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.operation.ShapeException;
import org.mirror4j.research.card.CardBench;
import org.mirror4j.research.card.CardRun;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;

/**
 * cuDNN's operations through JCudnn, with a cuDNN of the tests behind it, and their measurement.
 */
@Tag("stand-in")
class CudnnOperationsTest {
  private static final int ROWS = 3;
  private static final int COLUMNS = 5;
  private static final double RATE = 0.25;

  /** Half a unit in the last place of f32 at one, of the few roundings on the way. */
  private static final float ROUNDING = 0x1p-22f;

  @TempDir static Path machine;

  private static Forwarder library;

  private StandInCard card;
  private StandInCudnn cudnn;
  private JCudaDriver driver;

  @BeforeAll
  static void install() throws IOException {
    assumeTrue(
        NativeFunctions.open("libcudnn.so.9").isEmpty(), "libcudnn.so.9 is on the loader path");
    library = Forwarder.load(StandInCudnn.install(machine));
  }

  private void start(StandInDriver.Machine kernels) {
    card = new StandInCard(kernels);
    cudnn = new StandInCudnn(card.driver(), 9, 14, 0);
    cudnn.serve(library);
    CudnnLibrary.load(new LibrarySearch(machine, Map.of()));
  }

  private CudnnOperations open() {
    start(new ScaleMachine());
    driver = card.open();
    return CudnnOperations.open(driver, RATE, 7);
  }

  @AfterEach
  void nothingIsLeft() {
    if (card != null) {
      if (driver != null) {
        driver.close();
      }
      card.driver().assertUnbroken();
      cudnn.assertUnbroken();
      card.driver().assertNothingLeft();
      assertThat(cudnn.allDestroyed()).isTrue();
    }
  }

  private Tensor tensor(String name, float... values) {
    Tensor tensor =
        Tensor.at(driver.allocate(4L * ROWS * COLUMNS), name, DType.F32, Shape.of(ROWS, COLUMNS));
    driver.upload(tensor.address(), MemorySegment.ofArray(values), tensor.bytes());
    return tensor;
  }

  private Tensor empty(String name) {
    return tensor(name, new float[ROWS * COLUMNS]);
  }

  private float[] read(Tensor tensor) {
    float[] values = new float[ROWS * COLUMNS];
    driver.download(MemorySegment.ofArray(values), tensor.address(), tensor.bytes());
    return values;
  }

  private void free(Tensor... tensors) {
    for (Tensor tensor : tensors) {
      driver.free(tensor.address());
    }
  }

  private static float[] some(float first) {
    float[] values = new float[ROWS * COLUMNS];
    for (int i = 0; i < values.length; i++) {
      values[i] = first + 0.125f * i;
    }
    return values;
  }

  @Test
  void softmaxOfEachRowAndItsGradient() {
    try (CudnnOperations operations = open()) {
      float[] in = some(-1);
      float[] gradient = some(2);
      gradient[4] = -3;
      Tensor x = tensor("x", in);
      Tensor y = empty("y");
      Tensor dY = tensor("dY", gradient);
      Tensor dX = empty("dX");
      for (SoftmaxMode mode : SoftmaxMode.values()) {
        operations.softmax(y, x, mode);
        operations.softmaxBackward(dX, y, dY, mode);
        float[] out = read(y);
        float[] back = read(dX);
        for (int row = 0; row < ROWS; row++) {
          double sum = 0;
          double dot = 0;
          for (int i = row * COLUMNS; i < (row + 1) * COLUMNS; i++) {
            sum += Math.exp(in[i]);
            dot += out[i] * gradient[i];
          }
          for (int i = row * COLUMNS; i < (row + 1) * COLUMNS; i++) {
            assertThat(out[i]).isCloseTo((float) (Math.exp(in[i]) / sum), within(ROUNDING));
            assertThat(back[i]).isCloseTo((float) (out[i] * (gradient[i] - dot)), within(ROUNDING));
          }
        }
      }
      free(x, y, dY, dX);
    }
  }

  @Test
  void tanhAndItsGradient() {
    try (CudnnOperations operations = open()) {
      Tensor x = tensor("x", some(-1));
      Tensor y = empty("y");
      Tensor dY = tensor("dY", some(2));
      Tensor dX = empty("dX");
      operations.tanh(y, x);
      operations.tanhBackward(dX, y, dY, x);
      float[] out = read(y);
      float[] back = read(dX);
      for (int i = 0; i < out.length; i++) {
        assertThat(out[i]).isCloseTo((float) Math.tanh(some(-1)[i]), within(ROUNDING));
        assertThat(back[i]).isCloseTo(some(2)[i] * (1 - out[i] * out[i]), within(4 * ROUNDING));
      }
      free(x, y, dY, dX);
    }
  }

  @Test
  void dropoutAndItsGradientByOneMask() {
    try (CudnnOperations operations = open()) {
      Tensor x = tensor("x", some(1));
      Tensor y = empty("y");
      assertThat(operations.maskBytes(x)).isEqualTo(ROWS * COLUMNS);
      Tensor mask = empty("mask");
      Tensor dX = empty("dX");
      operations.dropout(y, x, mask);
      operations.dropoutBackward(dX, x, mask);
      float[] out = read(y);
      for (int i = 0; i < out.length; i++) {
        float kept = i % 3 == 0 ? 0 : (float) (some(1)[i] / (1 - RATE));
        assertThat(out[i]).isCloseTo(kept, within(4 * ROUNDING));
      }
      assertThat(read(dX)).isEqualTo(out);
      free(x, y, mask, dX);
    }
  }

  @Test
  void workGoesIntoTheDriversStream() {
    try (CudnnOperations operations = open()) {
      assertThat(cudnn.stream()).isNotZero();
      assertThat(operations.description()).startsWith("cuDNN 9.14.0 (");
    }
  }

  @Test
  void aFailureNamesTheCallAndTheTensor() {
    try (CudnnOperations operations = open()) {
      Tensor x = empty("x");
      cudnn.fail("cudnnSoftmaxForward", StandInCudnn.NOT_SUPPORTED);
      assertThatThrownBy(() -> operations.softmax(x, x, SoftmaxMode.INSTANCE))
          .isInstanceOf(CudaException.class)
          .hasMessage("cudnnSoftmaxForward for x f32[3,5]: CUDNN_STATUS_NOT_SUPPORTED (3000)");
      Tensor whole = Tensor.at(x.address(), "whole", DType.I32, Shape.of(1, 1));
      assertThatThrownBy(() -> operations.tanh(whole, whole))
          .isInstanceOf(ShapeException.class)
          .hasMessage("cuDNN: i32, expected f32 or f16");
      free(x);
    }
  }

  @Test
  void oneThatDoesNotStartLeavesNothing() {
    start(new ScaleMachine());
    cudnn.fail("cudnnSetDropoutDescriptor", StandInCudnn.INTERNAL_ERROR);
    driver = card.open();
    assertThatThrownBy(() -> CudnnOperations.open(driver, RATE, 7))
        .isInstanceOf(CudaException.class)
        .hasMessage("cudnnSetDropoutDescriptor: CUDNN_STATUS_INTERNAL_ERROR (4000)");
  }

  /** Only the part {@code cudnn} of a run on a card. */
  private ObjectNode measure() {
    CudaLibraries libraries = CudaLibraries.load();
    CardBench bench =
        new CardBench(
            () -> JCudaDriver.open(libraries),
            KernelLibrary.bundled(),
            1,
            CardBench.Size.TOY,
            Path.of("src/test/resources/ptx"),
            Path.of("bench/gpu/lengths"),
            Long.MAX_VALUE);
    return CardRun.run(bench, List.of(new CudnnComparison()), Set.of(), (part, soFar) -> {});
  }

  @Test
  void eachOperationIsMeasuredBesideTheKernelThatDoesIt() {
    start(new InterpretedMachine());
    cudnn.fail("cudnnSoftmaxBackward", StandInCudnn.NOT_SUPPORTED);
    ObjectNode result = measure();
    assertThat(result.path("failures").asInt()).isZero();
    assertThat(result.at("/cudnn/library").asText()).startsWith("cuDNN 9.14.0");
    for (String run : List.of("word f16", "word f32", "sentence f16", "sentence f32")) {
      JsonNode operations = result.path("cudnn").path(run);
      List<String> names = new ArrayList<>();
      operations.fieldNames().forEachRemaining(names::add);
      assertThat(names)
          .containsExactly(
              "softmax",
              "softmaxBackward",
              "softmaxByChannel",
              "softmaxByChannelBackward",
              "dropout",
              "dropoutBackward",
              "tanh",
              "tanhBackward");
      for (String name : names) {
        JsonNode operation = operations.path(name);
        assertThat(operation.path("ours").path("entries")).isNotEmpty();
        assertThat(operation.path("ours").path("micros").asDouble()).isPositive();
        assertThat(operation.path("ours").path("trafficBytes").asLong()).isPositive();
        if (name.startsWith("softmax") && name.endsWith("Backward")) {
          assertThat(operation.path("failure").asText()).contains("NOT_SUPPORTED");
        } else {
          assertThat(operation.path("micros").asDouble()).isPositive();
          long elements = operation.path("rows").asLong() * operation.path("columns").asLong();
          int bytes = run.endsWith("f16") ? 2 : 4;
          int passes = name.equals("tanhBackward") ? 3 : 2;
          long mask = name.startsWith("dropout") ? elements : 0;
          assertThat(operation.path("trafficBytes").asLong())
              .isEqualTo(passes * bytes * elements + mask);
        }
      }
      // The header of attention_forward and that of attention_backward: all tokens, once.
      long tokens = operations.path("dropout").path("rows").asLong();
      long vectors = (run.endsWith("f16") ? 2 : 4) * tokens * 64;
      assertThat(operations.at("/softmax/ours/trafficBytes").asLong())
          .isEqualTo(7 * vectors + 4 * tokens + 12 * 64);
      assertThat(operations.at("/softmaxBackward/ours/trafficBytes").asLong())
          .isEqualTo(8 * vectors + 4 * tokens);
      assertThat(operations.at("/softmax/ours/entries").size() > 1)
          .isEqualTo(run.equals("sentence f16"));
      assertThat(operations.path("tanh").path("columns").asInt()).isEqualTo(256);
      assertThat(operations.path("dropout").path("columns").asInt()).isEqualTo(64);
    }
  }

  @Test
  void oneThatDoesNotStartFailsThatPartAlone() {
    start(new InterpretedMachine());
    cudnn.fail("cudnnCreate", 1001);
    assertThat(measure().at("/cudnn/failure").asText())
        .contains("cudnnCreate for cuDNN 9.14.0 (")
        .endsWith("CUDNN_STATUS_NOT_INITIALIZED (1001)");
  }
}
