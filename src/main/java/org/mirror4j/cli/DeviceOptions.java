package org.mirror4j.cli;

import org.mirror4j.device.Device;
import org.mirror4j.device.cuda.CudaDevice;
import org.mirror4j.device.cuda.CudaException;
import org.mirror4j.device.cuda.CudaLibraries;
import org.mirror4j.device.cuda.CudaUnavailableException;
import org.mirror4j.device.cuda.JCudaDriver;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.kernel.KernelLibrary;
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
    Device device;
    String origin = Labels.of(choice);
    switch (choice) {
      case PTX -> device = PtxDriver.device(CheckLevel.ALL, count, KernelLibrary.bundled());
      case CPU -> device = new HostDevice(count);
      case CUDA -> {
        try {
          device = card();
        } catch (CudaUnavailableException | CudaException e) {
          throw new IllegalArgumentException("--device cuda: " + e.getMessage(), e);
        }
      }
      default -> {
        try {
          device = card();
          origin = "cuda (auto)";
        } catch (CudaUnavailableException | CudaException e) {
          device = new HostDevice(count);
          origin = "cpu (auto: %s)".formatted(e.getMessage());
        }
      }
    }
    console.environment(device, origin);
    return device;
  }

  private static Device card() {
    return new CudaDevice("cuda", JCudaDriver.open(CudaLibraries.load()), KernelLibrary.bundled());
  }
}
