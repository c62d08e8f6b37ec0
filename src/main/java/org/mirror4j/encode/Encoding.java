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
import org.mirror4j.text.Tokenizer;

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
   * @throws FileException if the model's files say what cannot be, see {@link SavedEncoding}
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
    SavedEncoding saved = new SavedEncoding(name, model.settings(), model.config());
    TextEncoder.Options options =
        new TextEncoder.Options(
            resolvePooling(saved, notices, warnings),
            resolveLength(saved, model.tokenizer(), warnings),
            batchSize,
            resolveTemplate(saved, usedName, warnings),
            normalize.orElse(own.normalize()),
            own.dimensions(),
            known);
    if (hasOwnWords() && maxLength.isEmpty()) {
      saved.requireRoom(model.tokenizer(), options.maxLength(), options.template());
    }
    return new Resolved(
        options,
        precision,
        usedName,
        own.lowerCase(),
        model.settings().calibration().map(CalibrationSettings::described));
  }

  /** Whether what stands around a text is as the model's files say. */
  private boolean hasOwnWords() {
    return template.isEmpty() && promptName.isEmpty();
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
      SavedEncoding saved, Optional<String> usedName, Consumer<String> warnings) {
    String name = saved.model();
    Prompts prompts = saved.settings().embedding().prompts();
    Optional<Template> own = saved.template();
    Template used = template.or(() -> own).orElse(Template.NONE);
    if (usedName.isPresent()) {
      try {
        used = Template.prompt(prompts.named(usedName.get()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
      }
    }
    if (!used.equals(Template.NONE) && !prompts.pooled()) {
      String message =
          name
              + ": leaves the prompt out of its pooling (include_prompt is false), which cannot be"
              + " done here, expected no prompt: --prompt ''";
      throw hasOwnWords() ? new FileException(message) : new IllegalArgumentException(message);
    }
    if (own.isPresent() && !own.get().equals(used)) {
      warnings.accept(
          "%s: made with template %s, used with %s"
              .formatted(
                  name,
                  FileException.quote(own.get().toString()),
                  FileException.quote(used.toString())));
    }
    return used;
  }

  private Pooling resolvePooling(
      SavedEncoding saved, Consumer<String> notices, Consumer<String> warnings) {
    Optional<Pooling> own = saved.pooling();
    if (own.isEmpty()) {
      if (pooling.isEmpty()) {
        notices.accept(saved.model() + ": says no pooling, as it is not tuned: taking mean");
      }
      return pooling.orElse(Pooling.MEAN);
    }
    if (pooling.isPresent() && pooling.get() != own.get()) {
      warnings.accept(
          "%s: made with pooling %s, used with %s"
              .formatted(saved.model(), own.get().label(), pooling.get().label()));
      return pooling.get();
    }
    return own.get();
  }

  private int resolveLength(SavedEncoding saved, Tokenizer tokenizer, Consumer<String> warnings) {
    OptionalInt own = saved.settings().maxLength();
    if (maxLength.isPresent()) {
      int asked = maxLength.getAsInt();
      if (own.isPresent() && asked != own.getAsInt()) {
        warnings.accept(
            "%s: made with a maximum length of %d, used with %d"
                .formatted(saved.model(), own.getAsInt(), asked));
      }
      return saved.config().requireLength(asked);
    }
    int usable = saved.maxLength(tokenizer);
    if (own.isPresent() && own.getAsInt() > usable) {
      warnings.accept(
          "%s: made with a maximum length of %d, shortened to %d, as it has positions for no more"
              .formatted(saved.model(), own.getAsInt(), usable));
    }
    return usable;
  }
}
