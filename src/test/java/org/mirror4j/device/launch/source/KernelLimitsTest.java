package org.mirror4j.device.launch.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.tensor.DType;

/** Text that asks for more than a kernel needs ends in a message that names line and limit. */
class KernelLimitsTest {
  private static final String HEADER =
      """
      // k.ptx
      // buffers   out y f32[n]
      // scalars   n u32
      // launch    grid GRID, block 256, shared 0
      // traffic   4 * n
      """;

  private static String refusal(String grid, String body) {
    try {
      KernelSource source = KernelSource.parse("k.ptx", HEADER.replace("GRID", grid) + body);
      source.ptx(DType.F16);
      long[] values = source.contract().values(DType.F32);
      values[0] = Long.MAX_VALUE / 2;
      source.contract().grid().evaluate(values);
      return "nothing";
    } catch (KernelException e) {
      return e.getMessage();
    }
  }

  @Test
  void notationsAreBounded() {
    assertThat(refusal("n", "#1000 mov.u32 %r#, 0;\n")).isEqualTo("nothing");
    assertThat(refusal("n", "#1001 mov.u32 %r#, 0;\n"))
        .isEqualTo("k.ptx:6: 1001 turns, at most 1000");
    assertThat(refusal("n", "\n#2000000000 mov.u32 %r#, 0;\n"))
        .isEqualTo("k.ptx:7: the number '2000000000', at most 1048576");
    assertThat(refusal("n", "#" + "9".repeat(300) + " ret;\n"))
        .startsWith("k.ptx:6: the number '999")
        .endsWith("...', at most 1048576");
    assertThat(refusal("n", "#1000 " + "ret; ".repeat(1000) + "\n"))
        .endsWith(" characters of PTX, at most 100000");
    assertThat(
            refusal(
                "n",
                "#900 mov.u32 %r_which_has_a_long_name#, %r_another_long_name_#;\n".repeat(60)))
        .endsWith(" characters of PTX with those above it, at most 2097152");
    for (String notation :
        List.of(
            "mov.u32 %r, 9999999999*STORAGE_BYTES;",
            "ld.global.storage %f, [%rd+9999999999];",
            "#2 mov.u32 %r, <9999999999#>;",
            "#2 mov.u32 %r, <1#+9999999999>;",
            "ld.global.row4.f32 {%f,%f,%f,%f}, [%rd], %r-9999999999;")) {
      assertThat(refusal("n", notation + "\n"))
          .isEqualTo("k.ptx:6: the number '9999999999', at most 1048576");
    }
  }

  @Test
  void linesAreBounded() {
    assertThat(refusal("n", "x".repeat(10_001)))
        .isEqualTo("k.ptx:6: a character of a line more than the 10000 allowed");
    assertThat(refusal("n", "ret;\\\n".repeat(2501) + "\n"))
        .isEqualTo("k.ptx:2505: 10001 characters with those it goes on, at most 10000");
    assertThat(refusal("n", "\n".repeat(20_000)))
        .isEqualTo("k.ptx:20001: a line more than the 20000 allowed");
  }

  /** They would act on the terminal that a message or listing is shown on. */
  @Test
  void whatCannotBeShownIsRefused() {
    for (int c : new int[] {0x1B, 0, 0x7F, 0x9B, 0x202E, 0x2028, 0xFEFF, 0xE000}) {
      assertThat(refusal("n", "ret; // " + Character.toString(c)))
          .isEqualTo("k.ptx:6: character U+%04X, expected such as can be shown".formatted(c));
    }
    assertThat(refusal("n", "\tret; // \u00e9 \ud83d\ude00\r\n")).isEqualTo("nothing");
  }

  @Test
  void formulasAreBounded() {
    assertThat(refusal("(".repeat(50) + "n" + ")".repeat(50), "")).isEqualTo("nothing");
    assertThat(refusal("(".repeat(51) + "n" + ")".repeat(51), ""))
        .startsWith("k.ptx:4: formula '(((")
        .endsWith(" has more than 50 parentheses inside one another");
    assertThat(refusal("1" + " + 1".repeat(400), ""))
        .startsWith("k.ptx:4: formula '1 + 1")
        .endsWith("...' has 1601 characters, at most 1000");
    assertThat(refusal("9".repeat(30), ""))
        .isEqualTo(
            "k.ptx:4: formula '"
                + "9".repeat(30)
                + "' has the number '"
                + "9".repeat(30)
                + "', at most 2^63 - 1");
  }

  @Test
  void formulasWithoutAValueNameTheirLine() {
    for (String grid : List.of("n / 0", "ceil(n / (n - n))")) {
      assertThat(refusal(grid, "")).isEqualTo("k.ptx:4: formula '" + grid + "' divides by 0");
    }
    for (String grid : List.of("n * n", "n + n + n", "0 - n - n - n")) {
      assertThat(refusal(grid, ""))
          .isEqualTo("k.ptx:4: formula '" + grid + "' has a value of more than 64 bits");
    }
  }

  @Test
  void filesThatCannotBeKernelsAreSaid(@TempDir Path folder) throws IOException {
    Files.write(folder.resolve("large.ptx"), new byte[(1 << 20) + 1]);
    Files.write(
        folder.resolve("latin.ptx"), "// latin.ptx \u00e9".getBytes(StandardCharsets.ISO_8859_1));
    Files.writeString(folder.resolve("a b.ptx"), "// a b.ptx\n");
    Files.writeString(folder.resolve("red\u001b[31m.ptx"), "\n");
    Files.createDirectory(folder.resolve("folder.ptx"));
    List<String> refused = new ArrayList<>();
    KernelLibrary.with(folder, (file, wrong) -> refused.add(file + ": " + wrong.getMessage()));
    assertThat(refused)
        .containsExactly(
            "'a b.ptx': 'a b.ptx' is no name of a kernel's file, expected that of its entry, of at"
                + " most 100 letters, digits and _",
            "folder.ptx: 'folder.ptx' is no regular file",
            "large.ptx: 'large.ptx' is larger than the 1048576 bytes allowed",
            "latin.ptx: 'latin.ptx' is not UTF-8",
            "'red?[31m.ptx': 'red?[31m.ptx' is no name of a kernel's file, expected that of its"
                + " entry, of at most 100 letters, digits and _");
    assertThatThrownBy(() -> KernelLibrary.with(folder.resolve("none")))
        .hasMessage(
            folder.resolve("none")
                + ": cannot be read as a folder of kernels: no such file or directory");
  }
}
