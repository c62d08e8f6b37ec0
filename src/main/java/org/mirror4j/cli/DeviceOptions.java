package org.mirror4j.cli;

import org.mirror4j.DeviceChoice;
import org.mirror4j.EncoderSettings;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Devices;
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
