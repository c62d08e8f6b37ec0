package org.mirror4j.encode;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.mirror4j.bert.PooledVectors;
import org.mirror4j.bert.Pooling;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.checkpoint.CalibrationSettings;
import org.mirror4j.checkpoint.EmbeddingSettings;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.Prompts;
import org.mirror4j.device.Precision;
import org.mirror4j.file.FileException;
import org.mirror4j.text.Template;

/**
 * How texts are to become vectors; what is empty is as the model's files say.
 *
 * @param pooling where the files say none either, the mean
 * @param maxLength tokens of a text, template and special tokens included
 * @param template what stands around each text, for a prompt before it; not together with a name
 * @param promptName name of the model's prompt that is put before each text
 * @param normalize whether vectors are divided by their length
 * @param batchSize texts computed at once
 * @param precision that the model is computed in; maps of its vectors are in f32
 * @param known pooled vectors of the same model, made in the same way, that need not be computed;
 *     those that are computed are added
 */
public record Encoding(
    Optional<Pooling> pooling,
    OptionalInt maxLength,
    Optional<Template> template,
    Optional<String> promptName,
    Optional<Boolean> normalize,
    int batchSize,
    Precision precision,
    Optional<PooledVectors> known) {
  /** The most texts that may be computed at once. */
  public static final int MOST_TEXTS = 1 << 16;

  /** The fewest tokens of a text: one beside the special tokens. */
  public static final int LEAST_LENGTH = 3;

  /** Template, prompt and division by the length are as the model's files say. */
  public Encoding(
      Optional<Pooling> pooling, OptionalInt maxLength, int batchSize, Precision precision) {
    this(
        pooling,
        maxLength,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        batchSize,
        precision,
        Optional.empty());
  }

  /**
   * The values for one model.
   *
   * @param promptName the model's name for the prompt, if it has one
   * @param lowerCase whether the model's tokenizer is given lower-cased text
   * @param calibration what the vectors are calibrated by, and on which texts that was fitted
   */
  public record Resolved(
      TextEncoder.Options options,
      Precision precision,
      Optional<String> promptName,
      boolean lowerCase,
      Optional<String> calibration) {}

  /**
   * The values for a model.
   *
   * @param name of the model, for messages
   * @param notices is told what a user should know
   * @param warnings is told where the values are not the model's own
   * @throws IllegalArgumentException if the model has no prompt of the name that is asked for, or
   *     cannot take one, or no such length
   */
  public Resolved resolve(
      LoadedModel model, String name, Consumer<String> notices, Consumer<String> warnings) {
    model.notes().forEach(note -> notices.accept(name + ": " + note));
    model
        .settings()
        .calibration()
        .ifPresent(fitted -> notices.accept(name + ": calibrated by " + fitted.described()));
    EmbeddingSettings own = model.settings().embedding();
    Optional<String> usedName = usedName(model.settings());
    TextEncoder.Options options =
        new TextEncoder.Options(
            resolvePooling(model, name, notices, warnings),
            model.config().requireLength(resolveLength(model, name, warnings)),
            batchSize,
            resolveTemplate(model.settings(), usedName, name, warnings),
            normalize.orElse(own.normalize()),
            own.dimensions(),
            known);
    return new Resolved(
        options,
        precision,
        usedName,
        own.lowerCase(),
        model.settings().calibration().map(CalibrationSettings::described));
  }

  /** A model's own template stands in place of a default prompt. */
  private Optional<String> usedName(ModelSettings own) {
    if (template.isPresent()) {
      return Optional.empty();
    }
    return own.template().isPresent()
        ? promptName
        : promptName.or(own.embedding().prompts()::defaultName);
  }

  private Template resolveTemplate(
      ModelSettings own, Optional<String> usedName, String name, Consumer<String> warnings) {
    Prompts prompts = own.embedding().prompts();
    Template used;
    try {
      used =
          usedName.isPresent()
              ? Template.prompt(prompts.named(usedName.get()))
              : template.orElseGet(() -> own.template().map(Template::of).orElse(Template.NONE));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
    if (!used.equals(Template.NONE) && !prompts.pooled()) {
      throw new IllegalArgumentException(
          name
              + ": leaves the prompt out of its pooling (include_prompt is false), which cannot be"
              + " done here, expected no prompt: --prompt ''");
    }
    if (own.template().isPresent() && !own.template().get().equals(used.toString())) {
      warnings.accept(
          "%s: made with template %s, used with %s"
              .formatted(
                  name,
                  FileException.quote(own.template().get()),
                  FileException.quote(used.toString())));
    }
    return used;
  }

  private Pooling resolvePooling(
      LoadedModel model, String name, Consumer<String> notices, Consumer<String> warnings) {
    if (model.settings().pooling().isEmpty()) {
      if (pooling.isEmpty()) {
        notices.accept(name + ": says no pooling, as it is not tuned: taking mean");
      }
      return pooling.orElse(Pooling.MEAN);
    }
    Pooling own = Pooling.of(model.settings().pooling().get());
    if (pooling.isPresent() && pooling.get() != own) {
      warnings.accept(
          "%s: made with pooling %s, used with %s"
              .formatted(name, own.label(), pooling.get().label()));
      return pooling.get();
    }
    return own;
  }

  private int resolveLength(LoadedModel model, String name, Consumer<String> warnings) {
    int usable = model.maxLength();
    int own = model.settings().maxLength().orElse(usable);
    if (maxLength.isEmpty()) {
      if (own > usable) {
        warnings.accept(
            "%s: made with a maximum length of %d, shortened to %d, as it has positions for no more"
                .formatted(name, own, usable));
      }
      return usable;
    }
    int asked = maxLength.getAsInt();
    if (model.settings().maxLength().isPresent() && asked != own) {
      warnings.accept(
          "%s: made with a maximum length of %d, used with %d".formatted(name, own, asked));
    }
    return asked;
  }
}
