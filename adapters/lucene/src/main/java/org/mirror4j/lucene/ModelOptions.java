package org.mirror4j.lucene;

import org.mirror4j.EncoderSettings;
import org.mirror4j.cli.Console;
import org.mirror4j.cli.DeviceOptions;
import org.mirror4j.cli.ModelArgument;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What computes vectors. */
final class ModelOptions {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description =
          "Model directory, a name that 'mirror4j fetch' has fetched, or bundled for the model that"
              + " comes with mirror4j.")
  private ModelArgument model;

  @Option(
      names = "--prompt-name",
      paramLabel = "NAME",
      description =
          "Put the model's prompt of that name before each text: models may have one for what is"
              + " indexed and another for queries.")
  private String promptName;

  @Mixin private DeviceOptions deviceOptions;

  /** Threads that compute. */
  int threads() {
    return deviceOptions.threads();
  }

  /** Loads the model and says what is worth knowing of it. */
  IndexModel load(Console console) {
    EncoderSettings settings = deviceOptions.on(EncoderSettings.DEFAULT);
    if (promptName != null) {
      settings = settings.withPromptName(promptName);
    }
    IndexModel loaded =
        model.isBundled()
            ? IndexModel.bundled(settings)
            : model.isPath()
                ? IndexModel.load(model.directory(), settings)
                : IndexModel.load(model.directory(), model.text(), settings);
    console.notice(loaded.encoder().device());
    loaded.encoder().notes().forEach(console::notice);
    return loaded;
  }
}
