package org.mirror4j.cli;

import org.mirror4j.device.Precision;
import picocli.CommandLine.Option;

/** What a device computes with. */
final class PrecisionOption {
  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description =
          "Type of activations and of weights in products: f32, or where the device has it bf16 or"
              + " f16; tf32, on cards, keeps them in f32 and multiplies them in TF32. Default:"
              + " ${DEFAULT-VALUE}.")
  private Precision precision;

  Precision value() {
    return precision;
  }
}
