package org.mirror4j.research;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.research.cases.OperationCase;
import org.mirror4j.research.cases.OperationCases;

/** The occupancy of a kernel follows from its own header, not from that of this build's kernel. */
class KernelOccupancyTest {
  private static final List<OperationCase> SCALE =
      OperationCases.all().stream().filter(one -> one.operation().equals("scale")).toList();

  @TempDir Path folder;

  private KernelCheck.Result assemble(String block, String shared) throws IOException {
    String text = KernelLibrary.bundled().get("scale").text();
    String own =
        text.replace("block 256", "block " + block)
            .replace("shared 0", "shared " + shared)
            .replace(".reqntid 256, 1, 1\n", "");
    Files.writeString(folder.resolve("scale.ptx"), own);
    try (KernelCheck check = new KernelCheck(KernelLibrary.with(folder), LaunchMap.of(SCALE))) {
      return check.assemble("scale");
    }
  }

  private static List<String> occupancies(KernelCheck.Result result) {
    return result.variants().stream()
        .map(
            variant ->
                variant
                    .occupancy()
                    .map(one -> "%d %d %s".formatted(one.ctas(), one.warps(), one.limiter()))
                    .orElse("none"))
        .toList();
  }

  /** 64, 100 and 228 KiB of shared memory, of which cards but Turing keep 1 KiB for each block. */
  @Test
  void blockAndDynamicSharedMemoryAreTheHeaders() throws IOException {
    KernelCheck.Result result = assemble("64 * min(n, 1)", "16 * 1024 * min(n, 2)");
    assertThat(result.findings()).isEmpty();
    assertThat(occupancies(result)).containsExactly("2 4 shared", "4 8 shared", "6 12 shared");
  }

  @Test
  void aBlockThatDoesNotFitIsAFindingOfItsKernel() throws IOException {
    for (String block : List.of("n - n", "2048", "0 - 1")) {
      KernelCheck.Result result = assemble(block, "0");
      assertThat(occupancies(result)).containsExactly("none", "none", "none");
      assertThat(result.findings())
          .hasSize(3)
          .allMatch(
              finding ->
                  finding.startsWith("scale.ptx: ")
                      && finding.contains(": a CTA of ")
                      && finding.endsWith(" and 0 bytes of shared memory does not fit"));
    }
    assertThat(assemble("256", "n / 0").findings())
        .first()
        .isEqualTo("scale.ptx:5: formula 'n / 0' divides by 0");
  }
}
