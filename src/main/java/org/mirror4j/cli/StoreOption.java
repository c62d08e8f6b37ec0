package org.mirror4j.cli;

import org.mirror4j.tensor.DType;
import picocli.CommandLine.Option;

/** How trained weights are written. */
final class StoreOption {
  @Option(
      names = "--store",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description = "Type of the written weights: f32, f16 or bf16. Default: ${DEFAULT-VALUE}.")
  private DType store;

  DType type() {
    return store;
  }
}
