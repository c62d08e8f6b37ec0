package org.mirror4j.cli;

import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What computes. */
final class DeviceOptions {
  /** Devices by name. */
  enum Choice {
    /** The best there is. */
    AUTO,
    /** The processor. */
    CPU,
    /** An NVIDIA card. */
    CUDA,
    /** The interpreter of GPU kernels. */
    PTX
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, cpu, cuda or ptx. Default: ${DEFAULT-VALUE}.")
  private Choice choice;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute; results do not depend on it. Default: all processors.")
  private Integer threads;

  /**
   * Starts the device and says which it is.
   *
   * @throws IllegalArgumentException if the device is not part of this build
   */
  Device open(Console console) {
    if (threads != null && threads < 1) {
      throw new ParameterException(
          command.commandLine(), "--threads is " + threads + ", expected at least 1");
    }
    if (choice == Choice.CUDA || choice == Choice.PTX) {
      throw new IllegalArgumentException(
          "--device %s: this build computes on the CPU only; use --device cpu"
              .formatted(Labels.of(choice)));
    }
    Device device =
        new HostDevice(threads == null ? Runtime.getRuntime().availableProcessors() : threads);
    console.environment(
        device, choice == Choice.AUTO ? "cpu (auto: this build has no GPU path)" : "cpu");
    return device;
  }
}
