package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.file.NpyArray;

class KernelsRunCommandTest {
  private static final int ROWS = 3;
  private static final int COLUMNS = 33;

  /** y = a x + bias, a block a row and a thread a column: no kernel of this build. */
  private static final String KERNEL =
      """
      // scaled_rows.ptx
      //   y[r, c] = a * x[r, c] + bias[c]
      // storage   f32 f16 bf16
      // buffers   out y storage[rows, columns]
      //           in x storage[rows, columns]
      //           in bias f32[columns]
      // scalars   rows u32, columns u32, a f32
      // launch    grid rows, block columns, shared 0
      // traffic   2 * S * rows * columns + 4 * columns
      .version 7.0
      .target sm_75
      .address_size 64
      .visible .entry scaled_rows_STORAGE(
          .param .u64 .ptr .global .align 16 y, .param .u64 .ptr .global .align 16 x,
          .param .u64 .ptr .global .align 16 bias,
          .param .u32 rows, .param .u32 columns, .param .f32 a)
      {
          .reg .b32 %r_i, %r_columns, %r_c;
          .reg .b64 %rd_y, %rd_x, %rd_bias, %rd_bytes;
          .reg .f32 %f_x, %f_a, %f_bias;
          mov.u32 %r_i, %ctaid.x;   mov.u32 %r_c, %tid.x;   ld.param.u32 %r_columns, [columns];
          mad.lo.u32 %r_i, %r_i, %r_columns, %r_c;   mul.wide.u32 %rd_bytes, %r_i, STORAGE_BYTES;
          ld.param.u64 %rd_x, [x];   add.u64 %rd_x, %rd_x, %rd_bytes;
          ld.param.u64 %rd_y, [y];   add.u64 %rd_y, %rd_y, %rd_bytes;
          ld.param.u64 %rd_bias, [bias];   mul.wide.u32 %rd_bytes, %r_c, 4;
          add.u64 %rd_bias, %rd_bias, %rd_bytes;
          ld.global.storage %f_x, [%rd_x];   ld.global.f32 %f_bias, [%rd_bias];
          ld.param.f32 %f_a, [a];   fma.rn.f32 %f_x, %f_a, %f_x, %f_bias;
          st.global.storage [%rd_y], %f_x;
          ret;
      }
      """;

  @TempDir Path folder;
  private Path kernel;

  @BeforeEach
  void writeFiles() throws IOException {
    kernel = kernel(KERNEL);
    float[] x = new float[ROWS * COLUMNS];
    float[] bias = new float[COLUMNS];
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      // Few bits each, so that half precision holds them too.
      x[i] = (i % 7) - 3;
      bias[i % COLUMNS] = 0.5f * (i % COLUMNS % 5);
      y[i] = 2 * x[i] + bias[i % COLUMNS];
    }
    npy("x", "<f4", x, ROWS, COLUMNS);
    npy("bias", "<f4", bias, COLUMNS);
    npy("y", "<f8", y, ROWS, COLUMNS);
  }

  private Path kernel(String text) throws IOException {
    return Files.writeString(folder.resolve("scaled_rows.ptx"), text);
  }

  private Path file(String name) {
    return folder.resolve(name + ".npy");
  }

  private void npy(String name, String type, float[] values, long... shape) {
    double[] wide = new double[values.length];
    Arrays.setAll(wide, i -> values[i]);
    npy(name, type, wide, shape);
  }

  private void npy(String name, String type, double[] values, long... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * (type.charAt(2) - '0')).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      switch (type) {
        case "<f4" -> bytes.putFloat((float) value);
        case "<f8" -> bytes.putDouble(value);
        case "<f2" -> bytes.putShort(Float.floatToFloat16((float) value));
        case "<u2" -> bytes.putShort((short) (Float.floatToIntBits((float) value) >>> 16));
        case "<i4", "<u4" -> bytes.putInt((int) value);
        default -> bytes.putLong((long) value);
      }
    }
    List<Long> sizes = Arrays.stream(shape).boxed().toList();
    new NpyArray(name, type, sizes, bytes.flip()).write(file(name));
  }

  private CommandRun run(Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("kernels", "run", kernel));
    arguments.addAll(List.of("--input", "x=" + file("x"), "--input", "bias=" + file("bias")));
    arguments.addAll(Arrays.asList(more));
    return CommandRun.of(arguments.toArray());
  }

  private String y() {
    return "y=" + file("y");
  }

  /** Sizes by the shape of x; each element read once and written once. */
  @Test
  void aKernelRunsFromItsHeaderAlone() throws IOException {
    Path made = Files.createDirectory(folder.resolve("made"));
    CommandRun run = run("--scalar", "a=2", "--expect", y(), "--output", made, "--json");
    assertThat(run.exit()).as(run.err()).isZero();
    JsonNode event = run.event("run");
    assertThat(event.path("right").asBoolean()).isTrue();
    assertThat(event.path("grid").asInt()).isEqualTo(ROWS);
    assertThat(event.path("block").asInt()).isEqualTo(COLUMNS);
    assertThat(event.at("/scalars/columns").asInt()).isEqualTo(COLUMNS);
    assertThat(event.at("/counters/bytesTouched").asInt())
        .isEqualTo(event.path("minimumBytes").asInt())
        .isEqualTo(4 * (2 * ROWS * COLUMNS + COLUMNS));
    assertThat(event.at("/lowerBounds/RTX 4090/micros").asDouble()).isPositive();
    assertThat(event.at("/expected/0/absolute/difference").asDouble()).isZero();
    NpyArray written = NpyArray.read(made.resolve("y.npy"), 1 << 20);
    assertThat(written.type()).isEqualTo("<f4");
    assertThat(written.shape()).containsExactly((long) ROWS, (long) COLUMNS);
    assertThat(written.values().getFloat(4)).isEqualTo(2 * -2 + 0.5f);
  }

  @ParameterizedTest
  @CsvSource({"f16, <f2", "bf16, <u2"})
  void halfPrecisionIsKeptInItsOwnWords(String storage, String type) {
    float[] x = new float[ROWS * COLUMNS];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i % 7) - 3;
    }
    npy("x", type, x, ROWS, COLUMNS);
    CommandRun run =
        run("--scalar", "a=2", "--expect", y(), "--storage", storage, "--tolerance", "0");
    assertThat(run.exit()).as(run.err() + run.out()).isZero();
    assertThat(run.out())
        .contains("scaled_rows, storage " + storage, "checks: nothing found", "y: right; ");
    CommandRun f32 = run("--scalar", "a=2");
    assertThat(f32.err()).contains("x: found type %s in ".formatted(type), ", expected <f4");
  }

  @Test
  void aResultThatIsNotAsExpectedIsAFailure() {
    double[] y = new double[ROWS * COLUMNS];
    for (int i = 0; i < y.length; i++) {
      y[i] = 2 * ((i % 7) - 3) + 0.5 * (i % COLUMNS % 5);
    }
    y[COLUMNS + 2] += 0.25;
    npy("y", "<f4", y, ROWS, COLUMNS);
    CommandRun run = run("--scalar", "a=2", "--expect", y());
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out())
        .contains("y: WRONG in 1 of 99 elements; largest difference 0.250 at [1, 2] (found ");
    // Of the largest, 8.0, that is a 32nd.
    CommandRun tolerant = run("--scalar", "a=2", "--expect", y(), "--tolerance", "0.032");
    assertThat(tolerant.exit()).isZero();
    y[0] = Double.NaN;
    npy("y", "<f4", y, ROWS, COLUMNS);
    CommandRun json = run("--scalar", "a=2", "--expect", y(), "--tolerance", "0.032", "--json");
    assertThat(json.exit()).isEqualTo(1);
    assertThat(json.event("run").at("/expected/0/absolute/difference").asText())
        .isEqualTo("Infinity");
    assertThat(json.event("run").at("/expected/0/differing").asInt()).isEqualTo(1);
  }

  /** What is not finite is no part of which a difference can be. */
  @Test
  void relativeDifferencesAreOfFiniteNumbers() {
    float[] x = new float[ROWS * COLUMNS];
    x[0] = Float.NaN;
    x[1] = Float.POSITIVE_INFINITY;
    x[5] = 1;
    npy("x", "<f4", x, ROWS, COLUMNS);
    npy("bias", "<f4", new float[COLUMNS], COLUMNS);
    double[] y = new double[x.length];
    y[0] = Double.NaN;
    y[1] = Double.POSITIVE_INFINITY;
    y[2] = Double.NEGATIVE_INFINITY;
    y[5] = 1.6;
    npy("y", "<f8", y, ROWS, COLUMNS);
    CommandRun run = run("--scalar", "a=2", "--expect", y());
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out())
        .contains("y: WRONG in 2 of 99 elements; largest difference Infinity at [0, 2] (found 0, ")
        .contains("; relative 0.250 at [0, 5]");
  }

  /** Digits by which an f64 is told from what was expected. */
  @Test
  void numbersAreShownWithTheDigitsOfTheirType() throws IOException {
    kernel(
        KERNEL
            .replace("storage[", "f64[")
            .replace("f32[columns]", "f64[columns]")
            .replace("// storage   f32 f16 bf16\n", "")
            .replace("scaled_rows_STORAGE", "scaled_rows")
            .replace("STORAGE_BYTES", "8")
            .replace("%r_c, 4;", "%r_c, 8;")
            .replace(".reg .f32 %f_x, %f_a, %f_bias;", ".reg .f64 %f_x, %f_bias;")
            .replace("ld.param.f32 %f_a, [a];   fma.rn.f32 %f_x, %f_a, %f_x, %f_bias;", "")
            .replace("ld.global.storage", "ld.global.f64")
            .replace("ld.global.f32", "ld.global.f64")
            .replace("st.global.storage", "st.global.f64")
            .replace("2 * S *", "16 *"));
    npy("x", "<f8", new double[] {1 + 1e-12, 0.1f}, 1, 2);
    npy("bias", "<f8", new double[2], 2);
    npy("y", "<f8", new double[] {1, 0.1f}, 1, 2);
    CommandRun run = run("--scalar", "a=0", "--expect", y());
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).contains("at [0, 0] (found 1.000000000001, expected 1), ");
  }

  /** One that leaves elements as they were, and one that reads past the end. */
  @Test
  void whatChecksFindIsAFailure() throws IOException {
    kernel(KERNEL.replace("grid rows,", "grid rows - 1,"));
    CommandRun unwritten = run("--scalar", "a=2", "--expect", y(), "--output", "y=" + file("none"));
    assertThat(unwritten.exit()).isEqualTo(1);
    assertThat(unwritten.out())
        .contains("checks: WRONG", "unwritten output: scaled_rows.ptx: 33 of 99 elements")
        .contains("warpInstructions")
        .doesNotContain("y: ");
    assertThat(file("none")).doesNotExist();
    kernel(KERNEL.replace("grid rows,", "grid rows + 1,"));
    CommandRun beyond = run("--scalar", "a=2", "--json");
    assertThat(beyond.exit()).isEqualTo(1);
    assertThat(beyond.event("run").path("findings"))
        .singleElement()
        .satisfies(finding -> assertThat(finding.asText()).startsWith("out of bounds: "));
    assertThat(beyond.event("run").has("counters")).isFalse();
    kernel(KERNEL.replace("grid rows,", "grid rows - rows,"));
    CommandRun empty = run("--scalar", "a=2");
    assertThat(empty.exit()).isEqualTo(1);
    assertThat(empty.out()).contains("by its header the grid is empty here");
  }

  /** Which the instruction set allows; the warp that is left has the barrier to itself. */
  @Test
  void anExitBeforeABarrierIsAWarning() throws IOException {
    kernel(
        KERNEL
            .replace("    ret;", "    setp.ge.u32 %p, %r_c, 32;   @%p ret;   bar.sync 0;   ret;")
            .replace(".reg .b32 %r_i", ".reg .pred %p;   .reg .b32 %r_i"));
    CommandRun run = run("--scalar", "a=2", "--expect", y());
    assertThat(run.exit()).as(run.out() + run.err()).isZero();
    assertThat(run.out())
        .contains("checks: nothing wrong", "  warning: exit before barrier: scaled_rows.ptx:")
        .contains("bar.sync: lanes 0x00000001 of warp 1 have left before", "y: right; ");
    JsonNode json = run("--scalar", "a=2", "--json").event("run");
    assertThat(json.path("right").asBoolean()).isTrue();
    assertThat(json.path("findings")).isEmpty();
    assertThat(json.path("warnings")).hasSize(1);
  }

  /** x is read and written; whole numbers are compared exactly, of any width. */
  @Test
  void buffersThatAreUpdatedAndWholeNumbers() throws IOException {
    kernel = folder.resolve("scale.ptx");
    Files.writeString(kernel, KernelLibrary.bundled().get("scale").text());
    npy("x", "<f4", new float[] {1, -2, 3, 0, 5}, 5);
    npy("y", "<f4", new float[] {-3, 6, -9, 0, -15}, 5);
    CommandRun scaled =
        CommandRun.of(
            "kernels",
            "run",
            kernel,
            "--input",
            "x=" + file("x"),
            "--scalar",
            "factor=-3",
            "--expect",
            "x=" + file("y"),
            "--gpu",
            "h100");
    assertThat(scaled.exit()).as(scaled.err()).isZero();
    assertThat(scaled.out()).contains("scale: n=5, factor=-3.0", "H100").doesNotContain("A100");
    String text =
        KERNEL
            .replace("storage[", "i32[")
            .replace("// storage   f32 f16 bf16\n", "")
            .replace("scaled_rows_STORAGE", "scaled_rows")
            .replace("STORAGE_BYTES", "4")
            .replace("fma.rn.f32 %f_x, %f_a, %f_x, %f_bias;", "")
            .replace("ld.global.storage", "ld.global.f32")
            .replace("st.global.storage", "st.global.f32")
            .replace("2 * S *", "8 *");
    kernel = kernel(text);
    npy("x", "<u4", new float[] {0, 1, 1 << 30, 7}, 2, 2);
    npy("bias", "<f4", new float[] {0, 0}, 2);
    npy("y", "<i8", new float[] {0, 1, 1 << 30, 8}, 2, 2);
    CommandRun varied = run("--scalar", "a=0", "--storage", "f16");
    assertThat(varied.exit()).isEqualTo(2);
    assertThat(varied.err())
        .contains(
            "--storage is f16, expected none: the header of scaled_rows.ptx has no 'storage'");
    CommandRun whole = run("--scalar", "a=0", "--expect", y(), "--tolerance", "1");
    assertThat(whole.exit()).isEqualTo(1);
    assertThat(whole.out())
        .contains("y: WRONG in 1 of 4 elements; largest difference 1.00 at [1, 1] (found 7, ");
  }

  @Test
  void whatDoesNotFitTheHeaderIsSaidInALine() throws IOException {
    npy("wide", "<f4", new float[ROWS * 2], ROWS, 2);
    npy("long", "<f4", new float[7], 7);
    npy("ints", "<i4", new float[COLUMNS], COLUMNS);
    Object[][] wrong = {
      {"scalar a is missing: give a=VALUE"},
      {"no scalar is called b, there are [rows, columns, a]", "--scalar", "b=1"},
      {
        "no buffer is called yy, there are [y, x, bias]",
        "--scalar",
        "a=1",
        "--expect",
        "yy=" + file("y")
      },
      {"scalar a is 'two', expected f32", "--scalar", "a=two"},
      {"scalar rows is '-1', expected u32", "--scalar", "a=1", "--scalar", "rows=-1"},
      {
        "x: found [3, 33] in %s, expected [rows, columns] = [4, 33]".formatted(file("x")),
        "--scalar",
        "a=1",
        "--scalar",
        "rows=4"
      },
      {
        "y: found [3, 2] in %s, expected [rows, columns] = [3, 33]".formatted(file("wide")),
        "--scalar",
        "a=1",
        "--expect",
        "y=" + file("wide")
      },
      {"y: found type <i4 in ", "--scalar", "a=1", "--expect", "y=" + file("ints")},
      {
        "bias: the header says that it is only read",
        "--scalar",
        "a=1",
        "--expect",
        "bias=" + file("bias")
      },
      {"y: the header says that it is written whole, so it has no input", "--input", y()},
      {"no such file or directory", "--expect", "y=" + file("nothing")},
      {"would replace the input", "--scalar", "a=1", "--output", "y=" + file("x")},
    };
    for (Object[] one : wrong) {
      CommandRun run = run(Arrays.copyOfRange(one, 1, one.length));
      assertThat(run.exit()).as(run.out()).isEqualTo(1);
      assertThat(run.err().lines()).singleElement().asString().contains((String) one[0]);
    }
    Object[][] usage = {
      {"--scalar is 'a', expected NAME=...", "--scalar", "a"},
      {"--input x is given twice", "--input", "x=" + file("x")},
      {"--tolerance is -1.0, expected a number from 0 on", "--tolerance", "-1"},
      {"expected NAME=FILE.npy or one directory", "--output", folder.resolve("no")},
      {
        "--output of y and x is %s, expected a file for each".formatted(folder.resolve("./z.npy")),
        "--output",
        "y=" + file("z"),
        "--output",
        "x=" + folder.resolve("./z.npy")
      },
      {"--gpu is 'h10', expected one of", "--gpu", "h10"},
      {"--gpu has two cards called A100, expected a name for each", "--gpu", "a100,h100,a100"},
    };
    for (Object[] one : usage) {
      CommandRun run = run(Arrays.copyOfRange(one, 1, one.length));
      assertThat(run.exit()).as(run.out()).isEqualTo(2);
      assertThat(run.err()).contains((String) one[0]);
    }
    String[][] inputs = {
      {"x: no input, expected <f4, as x=FILE.npy", "bias=" + file("bias")},
      {
        "columns is 33 by x [3, 33] in %s, and 7 by bias [7] in ".formatted(file("x")),
        "x=" + file("x"),
        "bias=" + file("long")
      },
      {
        "x: found [33] in %s, expected [rows, columns]".formatted(file("bias")), "x=" + file("bias")
      },
    };
    for (String[] one : inputs) {
      List<Object> arguments = new ArrayList<>(List.of("kernels", "run", kernel));
      Arrays.stream(one).skip(1).forEach(input -> arguments.addAll(List.of("--input", input)));
      CommandRun run = CommandRun.of(arguments.toArray());
      assertThat(run.exit()).isEqualTo(1);
      assertThat(run.err()).contains(one[0]);
    }
    kernel(
        KERNEL.replace("out y storage[rows, columns]", "out y storage[rows, columns * 4000000]"));
    assertThat(run("--scalar", "a=1").err()).contains("y: [rows, columns * 4000000] = [3, ");
    kernel(KERNEL.replace("out y storage[rows, columns]", "out y storage[rows, columns - 34]"));
    assertThat(run("--scalar", "a=1").err()).contains("= [3, -1] has a size below 0");
    kernel = folder.resolve("none.ptx");
    assertThat(run().err()).contains("none.ptx: no such file or directory");
    kernel = folder.getRoot();
    assertThat(run().err()).contains(kernel + ": no regular file");
    kernel = Files.writeString(folder.resolve("bare.ptx"), ".version 7.0\n");
    assertThat(run().err()).contains("bare.ptx:1: expected the line '// bare.ptx'");
  }
}
