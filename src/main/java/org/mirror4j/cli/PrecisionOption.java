package org.mirror4j.cli;

import org.mirror4j.tensor.DType;
import picocli.CommandLine.Option;

/** What a device computes with. */
final class PrecisionOption {
  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description =
          "Type of activations and of weights in products: f32, or where the device has it bf16 or"
              + " f16. Default: ${DEFAULT-VALUE}.")
  private DType precision;

  DType type() {
    return precision;
  }
}
