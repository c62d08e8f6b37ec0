package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.mirror4j.EncoderSettings;
import org.mirror4j.bert.Pooling;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Precision;
import org.mirror4j.encode.Encoding;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.text.Template;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How texts become vectors; what is not given comes from the model. */
final class EncoderOptions implements Cloneable {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--pooling",
      paramLabel = "KIND",
      description =
          "What is pooled: ${COMPLETION-CANDIDATES}. Default: what the model was made with, else"
              + " mean.")
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
      names = "--template",
      paramLabel = "TEXT",
      description =
          "Words around each text, with {} where it is to stand, such as 'This sentence : \"{}\""
              + " means [MASK] .' for pooling mask. Default: the model's, if it was made with one.")
  private String template;

  @Option(
      names = "--prompt-name",
      paramLabel = "NAME",
      description = "Put the model's prompt of that name before each text.")
  private String promptName;

  /** What {@code --batch-size} is, of all commands that encode. */
  static final String BATCH_SIZE =
      "Texts computed at once, 1 to " + Encoding.MOST_TEXTS + ". Default: ${DEFAULT-VALUE}.";

  @Option(names = "--batch-size", paramLabel = "N", description = BATCH_SIZE)
  private int batchSize = 256;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      description =
          "Type of activations and of weights in products: f32, or where the device has it bf16 or"
              + " f16; tf32, on cards, keeps them in f32 and multiplies them in TF32; int8 rounds"
              + " weights and what they are multiplied with to 8 bits, on processors that multiply"
              + " these. Default: f32.")
  private EncoderSettings.Precision precision = EncoderSettings.Precision.F32;

  /** The names of all settings, which are those of the options without their hyphens. */
  Set<String> names() {
    return parser(clone()).getCommandSpec().optionsMap().keySet().stream()
        .map(name -> name.replaceFirst("^-+", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * These options with some of one model's own laid over them.
   *
   * @param settings {@code NAME=VALUE}, the names among {@link #names}
   * @param model for messages
   */
  EncoderOptions with(List<String> settings, String model) {
    EncoderOptions own = clone();
    if (settings.stream()
        .anyMatch(setting -> setting.matches("(prompt|prompt-name|template)=.*"))) {
      own.prompt = null;
      own.promptName = null;
      own.template = null;
    }
    try {
      parser(own).parseArgs(settings.stream().map(s -> "--" + s).toArray(String[]::new));
    } catch (ParameterException e) {
      throw new ParameterException(
          command.commandLine(), "--model %s: %s".formatted(model, e.getMessage()), e);
    }
    own.command = command;
    return own;
  }

  private static CommandLine parser(EncoderOptions options) {
    CommandSpec spec =
        CommandSpec.create().addMixin("encoding", CommandSpec.forAnnotatedObject(options));
    CommandLine parser = new CommandLine(spec);
    Main.registerLabels(parser);
    return parser;
  }

  @Override
  protected EncoderOptions clone() {
    try {
      return (EncoderOptions) super.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * What is asked for of a model.
   *
   * @throws ParameterException if it contradicts itself
   */
  Encoding encoding() {
    requireInRange(command, batchSize, maxLength);
    requireOneOf("--prompt", prompt, "--prompt-name", promptName);
    requireOneOf("--template", template, "--prompt-name", promptName);
    requireOneOf("--prompt", prompt, "--template", template);
    return new Encoding(
        Optional.ofNullable(pooling),
        maxLength == null ? OptionalInt.empty() : OptionalInt.of(maxLength),
        Optional.ofNullable(prompt).map(Template::prompt).or(this::template),
        Optional.ofNullable(promptName),
        Optional.empty(),
        batchSize,
        Precision.valueOf(precision.name()),
        Optional.empty());
  }

  /**
   * Fails if no model encodes so many texts or so few tokens.
   *
   * @param maxLength null where it is not given
   * @throws ParameterException names the option
   */
  static void requireInRange(CommandSpec command, int batchSize, Integer maxLength) {
    if (batchSize < 1 || batchSize > Encoding.MOST_TEXTS) {
      throw new ParameterException(
          command.commandLine(),
          "--batch-size is %d, expected 1 to %d".formatted(batchSize, Encoding.MOST_TEXTS));
    }
    if (maxLength != null && maxLength < Encoding.LEAST_LENGTH) {
      throw new ParameterException(
          command.commandLine(),
          "--max-length is %d, expected at least %d".formatted(maxLength, Encoding.LEAST_LENGTH));
    }
  }

  /**
   * The same for an {@link org.mirror4j.Encoder}, on its own device.
   *
   * @throws ParameterException if it contradicts itself
   */
  EncoderSettings settings() {
    encoding();
    EncoderSettings settings =
        EncoderSettings.DEFAULT.withBatchSize(batchSize).withPrecision(precision);
    if (pooling != null) {
      settings = settings.withPooling(EncoderSettings.Pooling.valueOf(pooling.name()));
    }
    if (maxLength != null) {
      settings = settings.withMaxLength(maxLength);
    }
    if (prompt != null) {
      return settings.withPrompt(prompt);
    }
    if (template != null) {
      return settings.withTemplate(template);
    }
    return promptName == null ? settings : settings.withPromptName(promptName);
  }

  /** The most texts that are computed at once. */
  int batchSize() {
    return batchSize;
  }

  private void requireOneOf(String option, String value, String otherOption, String other) {
    if (value != null && other != null) {
      throw new ParameterException(
          command.commandLine(),
          "%s and %s are both given, expected one of them".formatted(option, otherOption));
    }
  }

  private Optional<Template> template() {
    try {
      return Optional.ofNullable(template).map(Template::of);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--" + e.getMessage(), e);
    }
  }

  /** Resolved values as settings for people and programs. */
  static ObjectNode json(Encoding.Resolved resolved, String model) {
    TextEncoder.Options options = resolved.options();
    ObjectNode json =
        JsonFiles.object()
            .put("model", model)
            .put("pooling", options.pooling().label())
            .put("maxLength", options.maxLength())
            .put("batchSize", options.batchSize())
            .put("precision", resolved.precision().label())
            .put(
                options.template().isPrompt() ? "prompt" : "template",
                options.template().isPrompt()
                    ? options.template().before()
                    : options.template().toString());
    resolved.promptName().ifPresent(name -> json.put("promptName", name));
    json.put("lowerCase", resolved.lowerCase()).put("normalize", options.normalize());
    options.dimensions().ifPresent(kept -> json.put("dimensions", kept));
    return json.put("calibration", resolved.calibration().orElse("none"));
  }
}
