package org.mirror4j.lucene;

import org.mirror4j.DeviceChoice;
import org.mirror4j.EncoderSettings;
import org.mirror4j.cli.Console;
import org.mirror4j.encode.Devices;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What computes vectors. */
final class ModelOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description =
          "Model directory, a name that 'mirror4j fetch' has fetched, or bundled for the model that"
              + " comes with mirror4j.")
  private String model;

  @Option(
      names = "--prompt-name",
      paramLabel = "NAME",
      description =
          "Put the model's prompt of that name before each text: models may have one for what is"
              + " indexed and another for queries.")
  private String promptName;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, cpu, cuda or ptx. Default: ${DEFAULT-VALUE}.")
  private Devices.Choice device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute. Default: all processors.")
  private Integer threads;

  /** Threads that compute. */
  int threads() {
    if (threads != null && threads < 1) {
      throw new ParameterException(
          command.commandLine(), "--threads is " + threads + ", expected at least 1");
    }
    return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
  }

  /** Loads the model and says what is worth knowing of it. */
  IndexModel load(Console console) {
    EncoderSettings settings =
        EncoderSettings.DEFAULT
            .withThreads(threads())
            .withDevice(
                device == Devices.Choice.AUTO
                    ? DeviceChoice.BEST
                    : DeviceChoice.valueOf(device.name()));
    IndexModel loaded =
        IndexModel.named(
            model, promptName == null ? settings : settings.withPromptName(promptName));
    console.notice(loaded.encoder().device());
    loaded.encoder().notes().forEach(console::notice);
    return loaded;
  }
}
