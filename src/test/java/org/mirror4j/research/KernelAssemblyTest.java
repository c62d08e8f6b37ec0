package org.mirror4j.research;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.research.cases.OperationCases;
import org.mirror4j.tensor.DType;

/** Every kernel of this build, through the assembler. */
class KernelAssemblyTest {
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
  void assemblesForEveryTargetWithoutSpills(String entry) {
    KernelLibrary library = KernelLibrary.bundled();
    try (KernelCheck check = new KernelCheck(library, launches)) {
      KernelCheck.Result result = check.assemble(entry);
      assertThat(result.findings()).isEmpty();
      List<DType> storages = Variant.storages(library.get(entry));
      // bf16 needs sm_80 or later
      int expected = storages.stream().mapToInt(storage -> storage == DType.BF16 ? 2 : 3).sum();
      assertThat(result.variants()).hasSize(expected);
      assertThat(result.variants())
          .allSatisfy(v -> assertThat(v.assembled().stackBytes()).isZero());
    }
  }

  /** Otherwise the check of a kernel would run nothing and find nothing. */
  @Test
  void everyKernelIsLaunchedByAnOperation() {
    assertThat(entries()).allSatisfy(entry -> assertThat(launches.cases(entry)).isNotEmpty());
  }
}
