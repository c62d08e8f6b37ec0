package org.mirror4j.device.ptx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.launch.source.KernelSource;
import org.mirror4j.tensor.DType;

class PtxProgramTest {
  private static boolean isApproximate(KernelSource source, DType storage) {
    return PtxModule.parse(source.file(), source.ptx(storage))
        .program(source.contract().entry(storage))
        .isApproximate();
  }

  /** Otherwise tests of the modes of approximation would leave out what they are there for. */
  @Test
  void kernelsThatExponentiateOrDivideFastAreApproximate() {
    for (KernelSource source : KernelLibrary.bundled().all()) {
      boolean expected =
          source
              .contract()
              .entry()
              .matches(
                  "attention_((general|tensor|tensor_short)_)?(for|back)ward(_queries|_keys)?|bias_gelu_.*|tanh_forward|.*_(loss|entropy)"
                      + "|act_norm_.*|(additive|affine)_coupling.*|triangular_factors"
                      + "|(weighted_span_sum|gate)_(for|back)ward");
      Set<DType> storages = source.contract().storages();
      for (DType storage : storages.isEmpty() ? Set.of(DType.F32) : storages) {
        assertThat(isApproximate(source, storage)).as(source.file()).isEqualTo(expected);
      }
    }
  }
}
