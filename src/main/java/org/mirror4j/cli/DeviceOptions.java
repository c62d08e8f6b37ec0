package org.mirror4j.cli;

import org.mirror4j.DeviceChoice;
import org.mirror4j.EncoderSettings;
import org.mirror4j.device.Device;
import org.mirror4j.device.launch.source.KernelLibrary;
import org.mirror4j.encode.Devices;
import org.mirror4j.file.JsonRecords;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What computes, of mirror4j or of a program beside it. */
public final class DeviceOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, cpu, cuda or ptx. Default: ${DEFAULT-VALUE}.")
  private Devices.Choice choice;

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
    Devices.Opened opened = Devices.open(choice, threads());
    console.environment(opened.device(), opened.label());
    return opened.device();
  }

  /**
   * Starts the device with kernels of the user's own, where there are some, and says which device
   * it is and which kernels these replace.
   *
   * @throws ParameterException if the device executes no kernels
   * @throws org.mirror4j.device.launch.source.KernelException if the folder has a kernel that
   *     replaces none
   */
  Device open(Console console, KernelFolder folder) {
    if (folder.path() == null) {
      return open(console);
    }
    KernelLibrary kernels = folder.replacing();
    Devices.Opened opened = Devices.open(choice, threads(), () -> kernels);
    if (opened.device().name().equals(JsonRecords.label(Devices.Choice.CPU))) {
      opened.device().close();
      throw new ParameterException(
          command.commandLine(),
          "--kernels %s: the device %s executes no kernels, expected --device cuda or ptx"
              .formatted(folder.path(), opened.label()));
    }
    console.environment(opened.device(), opened.label());
    console.notice(
        kernels.replaced().isEmpty()
            ? "the kernels of %s are those of this build".formatted(folder.path())
            : "kernels of %s in place of this build's: %s"
                .formatted(folder.path(), String.join(", ", kernels.replaced().keySet())));
    return opened.device();
  }

  /** Settings that compute there. */
  public EncoderSettings on(EncoderSettings settings) {
    requireThreads();
    DeviceChoice device =
        choice == Devices.Choice.AUTO ? DeviceChoice.BEST : DeviceChoice.valueOf(choice.name());
    EncoderSettings there = settings.withDevice(device);
    return threads == null ? there : there.withThreads(threads);
  }

  /** Threads that compute, on a processor. */
  public int threads() {
    requireThreads();
    return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
  }

  private void requireThreads() {
    if (threads != null && threads < 1) {
      throw new ParameterException(
          command.commandLine(), "--threads is " + threads + ", expected at least 1");
    }
  }
}
