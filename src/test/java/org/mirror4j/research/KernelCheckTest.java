package org.mirror4j.research;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.research.cases.OperationCases;

/** The check of the kernels of this build, on which nothing is wrong. */
class KernelCheckTest {
  private static LaunchMap launches;

  @BeforeAll
  static void watch() {
    launches = LaunchMap.of(OperationCases.all());
  }

  static List<String> entries() {
    return KernelLibrary.bundled().all().stream().map(s -> s.contract().entry()).toList();
  }

  @ParameterizedTest
  @MethodSource("entries")
  void findsNothing(String entry) {
    try (KernelCheck check = new KernelCheck(KernelLibrary.bundled(), launches)) {
      KernelCheck.Result result = check.check(entry);
      assertThat(result.findings()).isEmpty();
      assertThat(result.warnings()).isEmpty();
      assertThat(result.runs()).isPositive();
    }
  }

  /** With blocks of one warp short rows take several rounds, as else those of 4,096 views do. */
  @ParameterizedTest
  @ValueSource(strings = {"contrastive_loss", "softmax_cross_entropy"})
  void findsNothingInRowsOfSeveralRounds(String entry, @TempDir Path folder) throws IOException {
    String text = KernelLibrary.bundled().get(entry).text();
    String narrow = text.replaceFirst("block min\\(.*\\), shared", "block 32, shared");
    assertThat(narrow).isNotEqualTo(text);
    Files.writeString(folder.resolve(entry + ".ptx"), narrow);
    try (KernelCheck check = new KernelCheck(KernelLibrary.with(folder), launches)) {
      KernelCheck.Result result = check.check(entry);
      assertThat(result.findings()).isEmpty();
      assertThat(result.warnings()).isEmpty();
      assertThat(result.runs()).isPositive();
    }
  }
}
