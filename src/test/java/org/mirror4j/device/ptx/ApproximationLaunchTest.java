package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.ptx.memory.Slice;
import org.mirror4j.device.ptx.number.Approximation;

/** Approximate instructions take the mode of the launch, inside the bounds of the ISA. */
class ApproximationLaunchTest {
  private static final float X = 0.37f;

  private static float run(String instruction, Approximation approximation) {
    PtxProgram program =
        KernelBench.program(
            """
            .visible .entry test(.param .u64 .ptr .global .align 4 out, .param .f32 x)
            {
                .reg .b64 %rd_out;
                .reg .f32 %f_x, %f_y;
                ld.param.u64 %rd_out, [out];   ld.param.f32 %f_x, [x];
                BODY
                st.global.f32 [%rd_out], %f_y;
                ret;
            }
            """
                .replace("BODY", instruction));
    try (KernelBench bench = new KernelBench()) {
      Slice out = bench.floats("out", 1);
      LaunchOptions options =
          new LaunchOptions(
              Schedule.LOCKSTEP,
              CtaOrder.FORWARD,
              0,
              approximation,
              PtxEngine.COMPILED,
              1,
              1000,
              1000,
              null);
      bench.launch(program, 1, 1, options, out, X);
      return bench.floats(out)[0];
    }
  }

  /** The bound is relative; 2 ulp and 1 ulp are at most 2^-22 and 2^-23 of the value. */
  @ParameterizedTest
  @CsvSource({
    "ex2.approx.f32, -22",
    "ex2.approx.ftz.f32, -22",
    "lg2.approx.f32, -22",
    "rsqrt.approx.f32, -22.9",
    "sqrt.approx.f32, -23",
    "rcp.approx.f32, -23",
    "tanh.approx.f32, -11"
  })
  void eachModeStaysInItsBound(String name, double log2Bound) {
    double exact =
        switch (name.substring(0, 4)) {
          case "ex2." -> Math.pow(2, X);
          case "lg2." -> Math.log(X) / Math.log(2);
          case "rsqr" -> 1 / Math.sqrt(X);
          case "sqrt" -> Math.sqrt(X);
          case "rcp." -> 1 / (double) X;
          default -> Math.tanh(X);
        };
    // Rounding the edge of the bound to f32 may add half a unit of 2^-23.
    double bound = (Math.pow(2, log2Bound) + 0x1p-24) * Math.abs(exact);
    String instruction = name + " %f_y, %f_x;";
    float low = run(instruction, Approximation.LOW);
    float high = run(instruction, Approximation.HIGH);
    assertThat(low).isLessThan(high);
    for (Approximation mode :
        List.of(
            Approximation.NOMINAL,
            Approximation.LOW,
            Approximation.HIGH,
            Approximation.random(5))) {
      float got = run(instruction, mode);
      assertThat(got).isBetween(low, high);
      assertThat(Math.abs(got - exact)).isLessThanOrEqualTo(bound);
    }
    assertThat(run(instruction, Approximation.NOMINAL)).isEqualTo((float) exact);
  }

  @ParameterizedTest
  @CsvSource({"div.approx.f32", "div.approx.ftz.f32", "div.full.f32"})
  void divisionStaysInTwoUnits(String name) {
    String instruction = "mov.f32 %f_y, 0f40E00000;   " + name + " %f_y, %f_y, %f_x;";
    double exact = 7 / (double) X;
    float low = run(instruction, Approximation.LOW);
    float high = run(instruction, Approximation.HIGH);
    assertThat(low).isLessThan(high);
    double bound = 2 * Math.ulp((float) exact) + 0.5 * Math.ulp((float) exact);
    assertThat(exact - low).isBetween(0.0, bound);
    assertThat(high - exact).isBetween(0.0, bound);
  }
}
