package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.checkpoint.EmbeddingSettings;
import org.mirror4j.checkpoint.Prompts;
import org.mirror4j.device.operation.Pooling;
import org.mirror4j.tensor.DType;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How texts become vectors; what is not given comes from the model. */
final class EncoderOptions {
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
              + " model's files say, else as many as it has positions.")
  private Integer maxLength;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description =
          "Put before each text; '' for nothing. Default: the model's default prompt, if it has"
              + " one.")
  private String prompt;

  @Option(
      names = "--prompt-name",
      paramLabel = "NAME",
      description = "Put the model's prompt of that name before each text.")
  private String promptName;

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

  /**
   * The values for one model.
   *
   * @param promptName the model's name for the prompt, if it has one
   * @param lowerCase whether the model's tokenizer is given lower-cased text
   */
  record Resolved(
      TextEncoder.Options encoding,
      DType precision,
      Optional<String> promptName,
      boolean lowerCase) {
    /** As settings for people and programs. */
    ObjectNode toJson(String model) {
      ObjectNode json =
          Console.object()
              .put("model", model)
              .put("pooling", encoding.pooling().label())
              .put("maxLength", encoding.maxLength())
              .put("batchSize", encoding.batchSize())
              .put("precision", precision.label())
              .put("prompt", encoding.prompt());
      promptName.ifPresent(name -> json.put("promptName", name));
      json.put("lowerCase", lowerCase).put("normalize", encoding.normalize());
      encoding.dimensions().ifPresent(kept -> json.put("dimensions", kept));
      return json;
    }
  }

  /**
   * The values for a model; says where they are not the model's own.
   *
   * @param name of the model, for messages
   * @throws IllegalArgumentException if the model has no prompt of the name that is asked for, or
   *     cannot take one
   */
  Resolved resolve(Console console, LoadedModel model, String name) {
    if (batchSize < 1) {
      throw new ParameterException(
          command.commandLine(), "--batch-size is " + batchSize + ", expected at least 1");
    }
    if (prompt != null && promptName != null) {
      throw new ParameterException(
          command.commandLine(), "--prompt and --prompt-name are both given, expected one of them");
    }
    model.notes().forEach(note -> console.notice(name + ": " + note));
    EmbeddingSettings own = model.settings().embedding();
    Optional<String> usedName =
        prompt != null
            ? Optional.empty()
            : Optional.ofNullable(promptName).or(own.prompts()::defaultName);
    TextEncoder.Options encoding =
        new TextEncoder.Options(
            resolvePooling(console, model, name),
            model.config().requireLength(resolveLength(console, model, name)),
            batchSize,
            resolvePrompt(own.prompts(), usedName, name),
            own.normalize(),
            own.dimensions());
    return new Resolved(encoding, precision, usedName, own.lowerCase());
  }

  private String resolvePrompt(Prompts prompts, Optional<String> usedName, String name) {
    String text;
    try {
      text = prompt != null ? prompt : usedName.map(prompts::named).orElse("");
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
    if (!text.isEmpty() && !prompts.pooled()) {
      throw new IllegalArgumentException(
          name
              + ": leaves the prompt out of its pooling (include_prompt is false), which cannot be"
              + " done here, expected no prompt: --prompt ''");
    }
    return text;
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
    int usable = model.maxLength();
    int own = model.settings().maxLength().orElse(usable);
    if (maxLength == null) {
      if (own > usable) {
        console.warning(
            "%s: made with a maximum length of %d, shortened to %d, as it has positions for no more"
                .formatted(name, own, usable));
      }
      return usable;
    }
    if (model.settings().maxLength().isPresent() && maxLength != own) {
      console.warning(
          "%s: made with a maximum length of %d, used with %d".formatted(name, own, maxLength));
    }
    return maxLength;
  }
}
