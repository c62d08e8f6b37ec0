package org.mirror4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.device.kernel.KernelLibrary;

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
      assertThat(result.runs()).isPositive();
    }
  }
}
