package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Pooling;
import org.mirror4j.tensor.DType;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How texts become vectors; what is not given comes from the model. */
final class EncoderOptions {
  /** Where neither the model nor the user says: a sentence and more. */
  private static final int DEFAULT_LENGTH = 128;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--pooling",
      paramLabel = "KIND",
      description = "cls, mean or mean-padded. Default: what the model was made with, else mean.")
  private Pooling pooling;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description =
          "Tokens of a text, special tokens included; what is longer is cut. Default: what the"
              + " model was made with, else 128 or as many as it has positions.")
  private Integer maxLength;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "256",
      description = "Texts computed at once. Default: ${DEFAULT-VALUE}.")
  private int batchSize;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description =
          "Type of activations and of weights in products: f32, or where the device has it bf16 or"
              + " f16. Default: ${DEFAULT-VALUE}.")
  private DType precision;

  /** The values for one model. */
  record Resolved(Pooling pooling, int maxLength, int batchSize, DType precision) {
    /** As settings for people and programs. */
    ObjectNode toJson(String model) {
      return Console.object()
          .put("model", model)
          .put("pooling", pooling.label())
          .put("maxLength", maxLength)
          .put("batchSize", batchSize)
          .put("precision", precision.label());
    }
  }

  /**
   * The values for a model; says where they are not the model's own.
   *
   * @param name of the model, for messages
   */
  Resolved resolve(Console console, LoadedModel model, String name) {
    if (batchSize < 1) {
      throw new ParameterException(
          command.commandLine(), "--batch-size is " + batchSize + ", expected at least 1");
    }
    model.notes().forEach(console::notice);
    Pooling resolvedPooling = resolvePooling(console, model, name);
    int length = resolveLength(console, model, name);
    return new Resolved(
        resolvedPooling, TextEncoder.checkMaxLength(length, model.config()), batchSize, precision);
  }

  private Pooling resolvePooling(Console console, LoadedModel model, String name) {
    if (model.settings().pooling().isEmpty()) {
      if (pooling == null) {
        console.notice(name + ": says no pooling, as it is not tuned: taking mean");
      }
      return pooling == null ? Pooling.MEAN : pooling;
    }
    Pooling own = Pooling.of(model.settings().pooling().get());
    if (pooling != null && pooling != own) {
      console.warning(
          "%s: made with pooling %s, used with %s".formatted(name, own.label(), pooling.label()));
      return pooling;
    }
    return own;
  }

  private int resolveLength(Console console, LoadedModel model, String name) {
    if (model.settings().maxLength().isEmpty()) {
      return maxLength != null
          ? maxLength
          : Math.min(DEFAULT_LENGTH, model.config().maxSequenceLength());
    }
    int own = model.settings().maxLength().getAsInt();
    if (maxLength != null && maxLength != own) {
      console.warning(
          "%s: made with a maximum length of %d, used with %d".formatted(name, own, maxLength));
      return maxLength;
    }
    return own;
  }
}
