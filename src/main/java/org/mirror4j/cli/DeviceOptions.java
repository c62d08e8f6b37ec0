package org.mirror4j.cli;

import org.mirror4j.device.Device;
import org.mirror4j.device.cuda.CudaException;
import org.mirror4j.device.cuda.CudaLibraries;
import org.mirror4j.device.cuda.CudaUnavailableException;
import org.mirror4j.device.cuda.JCudaDriver;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.launch.DriverDevice;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.device.ptx.PtxDriver;
import org.mirror4j.device.ptx.memory.CheckLevel;
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
    /** The interpreter of GPU kernels, every access checked. */
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

  /** Why it is this device, where that was not asked for. */
  private String reason;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute; results do not depend on it. Default: all processors.")
  private Integer threads;

  /**
   * Starts the device and says which it is.
   *
   * @throws IllegalArgumentException if the device cannot be had
   */
  Device open(Console console) {
    if (threads != null && threads < 1) {
      throw new ParameterException(
          command.commandLine(), "--threads is " + threads + ", expected at least 1");
    }
    int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    Device device =
        switch (choice) {
          case AUTO -> best(count);
          case CPU -> new HostDevice(count);
          case CUDA -> card();
          case PTX -> PtxDriver.device(CheckLevel.ALL, count, KernelLibrary.bundled());
        };
    console.environment(device, reason == null ? device.name() : device.name() + reason);
    return device;
  }

  /** A card where one can be used, else the processor. */
  private Device best(int threads) {
    try {
      Device card = card();
      reason = " (auto)";
      return card;
    } catch (CudaUnavailableException | CudaException e) {
      reason = " (auto: " + e.getMessage() + ")";
      return new HostDevice(threads);
    }
  }

  private static Device card() {
    return new DriverDevice(
        "cuda", JCudaDriver.open(CudaLibraries.load()), KernelLibrary.bundled());
  }
}
