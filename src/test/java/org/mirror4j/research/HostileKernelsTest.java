package org.mirror4j.research;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.research.cases.OperationCases;

/** A kernel made to take the machine's memory or time is one finding, before it does. */
class HostileKernelsTest {
  private static LaunchMap launches;

  @BeforeAll
  static void watch() {
    launches = LaunchMap.of(OperationCases.all());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          grid ceil(n / 1024),    | grid n / 0,         | scale.ptx:5: formula 'n / 0' divides by 0
          grid ceil(n / 1024),    | grid 0 - 1,         | scale: grid -1, block 256, shared 0 bytes; at most 2147483647, 1024 and 49152
          block 256,              | block 2048,         | block 2048, shared 0 bytes; at most
          shared 0                | shared 0 - 4        | shared -4 bytes; at most
          grid ceil(n / 1024),    | grid 200000000,     | grid is 200000000x1x1, at most 16777216 blocks are interpreted
          f32[n]                  | f32[n * 9000000000000000000 * 3] | has a value of more than 64 bits
          ret;                    | .local .align 4 .b8 q[300000000]; ret; | 300000000 bytes in .local, at most 16384
          ret;                    | .reg .f32 %zz<2000000000>; ret;        | registers, at most 10000
          ret;                    | AGAIN: bra AGAIN;   | the warp takes more than 10000000 instructions
          """)
  void isOneFinding(String written, String instead, String finding, @TempDir Path folder)
      throws IOException {
    String right = KernelLibrary.bundled().get("scale").text();
    String text = right.replace(written, instead);
    assertThat(text).isNotEqualTo(right);
    Files.writeString(folder.resolve("scale.ptx"), text);
    try (KernelCheck check = new KernelCheck(KernelLibrary.with(folder), launches)) {
      assertThat(check.check("scale").findings())
          .anySatisfy(found -> assertThat(found).contains(finding));
    }
  }
}
