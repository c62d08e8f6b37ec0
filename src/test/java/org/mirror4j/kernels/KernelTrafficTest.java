package org.mirror4j.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.mirror4j.device.kernel.KernelLibrary;
import org.mirror4j.tensor.DType;

/**
 * Memory-bound kernels at the sizes of BERT-base and 1,800 tokens: little more is moved than the
 * header says must be, in as few sectors as there can be, without a conflict of banks.
 */
class KernelTrafficTest {
  static Stream<Arguments> kernels() {
    return Stream.of(
            "embed_forward",
            "embed_backward",
            "residual_layer_norm_forward",
            "residual_layer_norm_backward",
            "layer_norm_forward",
            "layer_norm_backward",
            "bias_gelu_forward",
            "bias_gelu_backward",
            "column_sums",
            "partial_sums",
            "gather_rows",
            "scatter_rows",
            "pool_forward",
            "pool_backward",
            "normalize_rows_forward",
            "normalize_rows_backward",
            "adam_w",
            "narrow",
            "widen",
            "fill",
            "scale",
            "sum_of_squares",
            "any_non_finite")
        .flatMap(entry -> Stream.of(DType.F32, DType.F16).map(d -> Arguments.of(entry, d)))
        .filter(one -> exists((String) one.get()[0], (DType) one.get()[1]));
  }

  /** Whether a step in that precision launches the kernel, and in a variant of its own. */
  private static boolean exists(String entry, DType storage) {
    if (entry.equals("narrow") || entry.equals("widen")) {
      return storage != DType.F32; // there is nothing to convert
    }
    boolean varies = !KernelLibrary.bundled().get(entry).contract().storages().isEmpty();
    return varies || storage == DType.F32;
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void movesLittleMoreThanItMust(String entry, DType storage) {
    CountedLaunch launch =
        KernelProfile.of(KernelLibrary.bundled(), entry, storage, Sizes.of(""), 2).launch();
    assertThat(launch.counts().bytesMoved())
        .isLessThanOrEqualTo((long) (1.1 * launch.minimumBytes()));
    Map<String, Long> counts = launch.counts().byName();
    assertThat(counts.get("sharedExcessWavefronts")).isZero();
    assertThat(counts.get("globalLoadSectors")).isEqualTo(counts.get("globalLoadIdealSectors"));
    assertThat(counts.get("globalStoreSectors")).isEqualTo(counts.get("globalStoreIdealSectors"));
  }
}
