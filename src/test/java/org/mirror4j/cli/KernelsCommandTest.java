package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.device.kernel.KernelLibrary;

class KernelsCommandTest {
  private static final int ELEMENTS = 1000;

  @Test
  void listHasEveryKernelWithItsContract() {
    CommandRun run = CommandRun.done("kernels", "list", "--json");
    assertThat(run.events("kernel")).hasSameSizeAs(KernelLibrary.bundled().all());
    assertThat(run.events("kernel"))
        .allSatisfy(
            kernel -> {
              assertThat(kernel.path("formula").asText()).isNotEmpty();
              assertThat(kernel.path("launch").asText()).startsWith("grid ");
              assertThat(kernel.path("traffic").asText()).isNotEmpty();
            });
    assertThat(CommandRun.done("kernels", "list").out())
        .contains("launch  grid ceil(n / 1024), block 256, shared 0");
  }

  @Test
  void checkTellsRegistersAndRunsTheOperations() {
    CommandRun run = CommandRun.done("kernels", "check", "scale", "--json");
    JsonNode kernel = run.event("kernel");
    assertThat(kernel.path("findings")).isEmpty();
    assertThat(kernel.path("runs").asInt()).isPositive();
    assertThat(kernel.path("variants"))
        .extracting(v -> v.path("architecture").asText())
        .containsExactly("sm_75", "sm_80", "sm_90");
    assertThat(kernel.path("variants"))
        .allSatisfy(v -> assertThat(v.path("registers").asInt()).isBetween(4, 64));
  }

  /** A variant that adds where it should multiply. */
  @Test
  void checkFindsWhatIsWrongWithAVariantOfTheUsersOwn(@TempDir Path folder) throws IOException {
    String right = KernelLibrary.bundled().get("scale").text();
    String wrong = right.replace("mul.rn.f32", "add.rn.f32");
    assertThat(wrong).isNotEqualTo(right);
    Files.writeString(folder.resolve("scale.ptx"), wrong);
    CommandRun run = CommandRun.of("kernels", "check", "--kernels", folder, "scale");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).contains("scale.ptx: scale f16 at elements=1").contains("x[0] is ");
    CommandRun assembled =
        CommandRun.of("kernels", "check", "--kernels", folder, "--assemble-only", "scale");
    assertThat(assembled.exit()).isZero();
  }

  /** x[i] *= factor: each byte read and written once, 4 sectors of 32 bytes a quarter warp. */
  @Test
  void profileCountsBytesOfALaunch() {
    JsonNode profile =
        CommandRun.done("kernels", "profile", "scale", "--shape", "elements=" + ELEMENTS, "--json")
            .event("profile");
    assertThat(profile.path("operation").asText()).isEqualTo("scale");
    assertThat(profile.path("minimumBytes").asInt()).isEqualTo(8 * ELEMENTS);
    assertThat(profile.path("counters").path("bytesTouched").asInt()).isEqualTo(8 * ELEMENTS);
    assertThat(profile.path("counters").path("bytesMoved").asInt()).isEqualTo(8 * ELEMENTS);
    assertThat(profile.path("lowerBounds").path("RTX 2080 Ti").path("micros").asDouble())
        .isPositive();
  }

  @Test
  void listingShowsTheCostOfLines() {
    String listing =
        CommandRun.done("kernels", "listing", "scale", "--shape", "elements=" + ELEMENTS).out();
    assertThat(listing).contains("| // scale.ptx").contains("ld.global").contains("| total");
  }

  /** On an RTX 2080 Ti in f16: at most 1.5 s for words and 4 s for sentences. */
  @ParameterizedTest
  @CsvSource({"word, 0.5, 1.5", "sentence, 2, 4"})
  void epochAddsUpALowerBound(String recipe, double least, double most) {
    JsonNode epoch =
        CommandRun.done("kernels", "epoch", "--recipe", recipe, "--json").event("epoch");
    assertThat(epoch.path("gpu").asText()).isEqualTo("RTX 2080 Ti");
    assertThat(epoch.path("steps").asInt()).isEqualTo(50);
    assertThat(epoch.path("seconds").asDouble()).isBetween(least, most);
    assertThat(epoch.path("assumptions")).isNotEmpty();
  }

  @Test
  void namesThatAreNotThereAreSaid() {
    CommandRun run = CommandRun.of("kernels", "check", "nothing");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("no kernel nothing");
    CommandRun shape = CommandRun.of("kernels", "profile", "scale", "--shape", "tokens=3");
    assertThat(shape.exit()).isEqualTo(1);
    assertThat(shape.err()).contains("no size is called tokens, there are [elements]");
    assertThat(CommandRun.of("kernels").exit()).isEqualTo(2);
  }
}
