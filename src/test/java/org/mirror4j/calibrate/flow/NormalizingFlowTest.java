package org.mirror4j.calibrate.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
import org.mirror4j.reference.ReferenceFlow;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;

/** Flows against the same in double, which are held by numeric Jacobians and differences. */
class NormalizingFlowTest {
  /** What a step can be made of. */
  private enum Kind {
    ADDITIVE(FlowCoupling.ADDITIVE, FlowPermutation.REVERSE),
    AFFINE(FlowCoupling.AFFINE, FlowPermutation.REVERSE),
    LEARNED(FlowCoupling.ADDITIVE, FlowPermutation.PLU);

    private final FlowCoupling coupling;
    private final FlowPermutation permutation;

    Kind(FlowCoupling coupling, FlowPermutation permutation) {
      this.coupling = coupling;
      this.permutation = permutation;
    }

    FlowArchitecture of(int channels) {
      return new FlowArchitecture(channels, 3, 2, 5, coupling, permutation);
    }
  }

  @ParameterizedTest
  @EnumSource
  void mapsAsTheReferenceDoes(Kind kind) {
    try (Device device = new HostDevice(2)) {
      maps(device, kind.of(24));
    }
  }

  /** Halves of 3 channels and less lie anywhere in the flat buffer. */
  @ParameterizedTest
  @EnumSource
  void mapsAsTheReferenceDoesByKernels(Kind kind) {
    try (Device device = PtxDriver.device(CheckLevel.ALL, 2, KernelLibrary.bundled())) {
      maps(device, kind.of(24));
    }
  }

  private static void maps(Device device, FlowArchitecture architecture) {
    int channels = architecture.channels();
    try (FlowFixture fixture = new FlowFixture(device, architecture).drawn(1)) {
      ReferenceFlow reference = fixture.reference();
      FlowPass pass = new FlowPass(device, fixture.workspace, fixture.flow, 70);
      // A whole pass, a small one in the same buffers, and one larger than a block of rows.
      for (int rows : new int[] {3, 1, 70}) {
        float[] vectors = FlowFixture.drawVectors(rows, channels, rows);
        Tensor images = pass.forward(fixture.vectors(vectors));
        double[][] got = FlowFixture.rows(fixture.values(images), channels);
        double[] logDeterminants = new double[rows];
        pass.logDeterminants(logDeterminants);
        double[][] back =
            FlowFixture.rows(
                fixture.values(pass.inverse(fixture.vectors(fixture.values(images)))), channels);
        double[][] given = FlowFixture.rows(vectors, channels);
        assertThat(got).hasDimensions(rows, channels);
        for (int row = 0; row < rows; row++) {
          ReferenceFlow.Mapped expected = reference.forward(given[row]);
          // 200 roundings of values of a few units: a step has some ten in a row, there are six,
          // and what is off is multiplied by at most a few in each step.
          assertThat(got[row]).containsExactly(expected.image(), within(200 * 4 * 0x1p-24));
          assertThat(logDeterminants[row])
              .isCloseTo(expected.logDeterminant(), within(24 * 6 * 4 * 0x1p-24));
          assertThat(reference.inverse(expected.image()))
              .containsExactly(given[row], within(1e-10));
          assertThat(back[row]).containsExactly(given[row], within(1e-4));
        }
      }
    }
  }

  /** Central differences of eight channels, each image's dependence on each. */
  @ParameterizedTest
  @EnumSource
  void logDeterminantIsThatOfTheNumericJacobian(Kind kind) {
    try (Device device = new HostDevice(1);
        FlowFixture fixture = new FlowFixture(device, kind.of(8)).drawn(2)) {
      ReferenceFlow reference = fixture.reference();
      float[] vectors = FlowFixture.drawVectors(5, 8, 3);
      FlowPass pass = new FlowPass(device, fixture.workspace, fixture.flow, 5);
      pass.forward(fixture.vectors(vectors));
      double[] got = new double[5];
      pass.logDeterminants(got);
      for (int row = 0; row < 5; row++) {
        double[] u = FlowFixture.rows(vectors, 8)[row];
        DMatrixRMaj jacobian = new DMatrixRMaj(8, 8);
        double step = 1e-6;
        for (int i = 0; i < 8; i++) {
          double[] more = u.clone();
          double[] less = u.clone();
          more[i] += step;
          less[i] -= step;
          double[] above = reference.forward(more).image();
          double[] below = reference.forward(less).image();
          for (int j = 0; j < 8; j++) {
            jacobian.set(j, i, (above[j] - below[j]) / (2 * step));
          }
        }
        double expected = Math.log(Math.abs(CommonOps_DDRM.det(jacobian)));
        // Differences are off by step^2 and by 2^-53 / step of each element.
        assertThat(reference.forward(u).logDeterminant()).isCloseTo(expected, within(1e-7));
        assertThat(got[row]).isCloseTo(expected, within(1e-5));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void gradientsAreTheDifferencesOfTheLoss(Kind kind) {
    try (Device device = new HostDevice(2)) {
      gradients(device, kind, 2);
      gradients(device, kind, 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void gradientsByKernels(Kind kind) {
    try (Device device = PtxDriver.device(CheckLevel.ALL, 2, KernelLibrary.bundled())) {
      gradients(device, kind, 2);
    }
  }

  /** Every parameter of the flow, each on its own, by central differences in double. */
  private static void gradients(Device device, Kind kind, int sides) {
    try (FlowFixture fixture = new FlowFixture(device, kind.of(16)).drawn(4)) {
      ParameterTable table = fixture.flow.table();
      int rows = 6;
      float[] vectors = FlowFixture.drawVectors(rows, 16, 7);
      double[][] given = FlowFixture.rows(vectors, 16);
      Tensor gradients = fixture.workspace.f32("gradients", table.size());
      device.kernels().memory().fill(gradients, Float.NaN);
      FlowGradient gradient =
          new FlowGradient(device, fixture.workspace, fixture.flow, gradients, rows, sides);
      gradient.upload(vectors);
      double loss = gradient.lossAndGradient(false);
      ReferenceFlow reference = fixture.reference();
      assertThat(loss).isCloseTo(sides * reference.bitsPerDimension(given), within(1e-5));
      double step = 1e-6;
      for (ParameterTable.Entry entry : table.entries()) {
        float[] got = fixture.values(table.view(gradients, entry.name()));
        double[] values = reference.parameters().get(entry.name());
        for (int i = 0; i < values.length; i++) {
          double value = values[i];
          values[i] = value + step;
          double above = reference.bitsPerDimension(given);
          values[i] = value - step;
          double below = reference.bitsPerDimension(given);
          values[i] = value;
          double expected = sides * (above - below) / (2 * step);
          // Sums of six rows of products of values of a few units, through six steps.
          assertThat((double) got[i])
              .as("%s[%d]", entry.name(), i)
              .isCloseTo(expected, within(1e-5 * Math.max(1, Math.abs(expected))));
        }
      }
    }
  }

  /** 768 channels and the layout of the released code, on vectors that it was initialised with. */
  @Test
  void initialisationNormalisesEveryLayer() {
    FlowArchitecture architecture =
        new FlowArchitecture(768, 3, 3, 32, FlowCoupling.ADDITIVE, FlowPermutation.REVERSE);
    try (Device device = new HostDevice(2);
        FlowFixture fixture = new FlowFixture(device, architecture)) {
      int rows = 32;
      float[] vectors = FlowFixture.drawVectors(rows, 768, 8);
      FlowInitialization.run(device, fixture.flow, vectors);
      ReferenceFlow reference = fixture.reference();
      List<Map<String, double[]>> normalized = new ArrayList<>();
      for (double[] vector : FlowFixture.rows(vectors, 768)) {
        normalized.add(reference.forward(vector).normalized());
      }
      for (String name : normalized.getFirst().keySet()) {
        for (int c = 0; c < normalized.getFirst().get(name).length; c++) {
          double sum = 0;
          double squares = 0;
          for (Map<String, double[]> row : normalized) {
            sum += row.get(name)[c];
            squares += row.get(name)[c] * row.get(name)[c];
          }
          // The deviation has 1e-6 added, which counts most where it is smallest; else roundings
          // of the steps before.
          assertThat(sum / rows).as("mean of %s[%d]", name, c).isCloseTo(0, within(2e-5));
          assertThat(squares / rows).as("variance of %s[%d]", name, c).isCloseTo(1, within(2e-4));
        }
      }
      FlowPass pass = new FlowPass(device, fixture.workspace, fixture.flow, rows);
      float[] back = fixture.values(pass.inverse(pass.forward(fixture.vectors(vectors))));
      for (int i = 0; i < back.length; i++) {
        assertThat(back[i]).isCloseTo(vectors[i], within(1e-4f));
      }
    }
  }

  /** One vector, or several that roundings alone tell apart, say nothing of deviations. */
  @Test
  void oneVectorInitialisesNothing() {
    FlowArchitecture architecture =
        new FlowArchitecture(16, 2, 2, 8, FlowCoupling.ADDITIVE, FlowPermutation.REVERSE);
    try (Device device = new HostDevice(1);
        FlowFixture fixture = new FlowFixture(device, architecture)) {
      float[] one = FlowFixture.drawVectors(1, 16, 8);
      float[] three = new float[3 * 16];
      for (int i = 0; i < three.length; i++) {
        three[i] = one[i % 16] * (1 + (i * 7 % 5 - 2) * 0x1p-23f);
      }
      for (float[] vectors : List.of(one, three)) {
        assertThatThrownBy(() -> FlowInitialization.run(device, fixture.flow, vectors))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(
                "the %d vectors that a flow begins with are the same in all 16 channels, expected"
                    + " different ones",
                vectors.length / 16);
      }
    }
  }

  /** About 0.15 million parameters, as the description of the released code counts them. */
  @Test
  void hasAsManyParametersAsTheReleasedCode() {
    ParameterTable table =
        NormalizingFlow.table(
            new FlowArchitecture(768, 3, 3, 32, FlowCoupling.ADDITIVE, FlowPermutation.REVERSE));
    long size = table.entries().stream().mapToLong(entry -> entry.shape().size()).sum();
    assertThat(size).isBetween(145_000L, 155_000L);
    assertThat(table.decayingSize()).as("all of them decay").isEqualTo(table.size());
  }

  @Test
  void refusesVectorsThatCannotBeHalvedSoOften() {
    assertThatThrownBy(
            () -> new FlowArchitecture(12, 3, 3, 32, FlowCoupling.AFFINE, FlowPermutation.REVERSE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a flow of 3 levels over vectors of 12 values: expected a multiple of 8");
  }

  /** The rotation that a learned permutation begins as. */
  @Test
  void factorsOfARotation() {
    int n = 24;
    OrthogonalFactors drawn = OrthogonalFactors.draw(n, 3);
    assertThat(Arrays.stream(drawn.order()).sorted().toArray())
        .isEqualTo(IntStream.range(0, n).toArray());
    try (Device device = new HostDevice(1);
        FlowFixture fixture = new FlowFixture(device, Kind.LEARNED.of(n))) {
      // Nothing but the first permutation turns vectors before the first coupling: lengths stay.
      FlowPass pass = new FlowPass(device, fixture.workspace, fixture.flow, 4);
      float[] vectors = FlowFixture.drawVectors(4, n, 9);
      double[][] images =
          FlowFixture.rows(fixture.values(pass.forward(fixture.vectors(vectors))), n);
      double[] logDeterminants = new double[4];
      pass.logDeterminants(logDeterminants);
      for (int row = 0; row < 4; row++) {
        double squares = Arrays.stream(images[row]).map(x -> x * x).sum();
        double before = Arrays.stream(FlowFixture.rows(vectors, n)[row]).map(x -> x * x).sum();
        assertThat(squares).isCloseTo(before, within(1e-5 * before));
        assertThat(logDeterminants[row]).isCloseTo(0, within(1e-5));
      }
    }
  }
}
