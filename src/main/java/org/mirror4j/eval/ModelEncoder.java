package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.LoadedModel;
import org.mirror4j.predict.MaskedLoss;
import org.mirror4j.text.Template;
import org.mirror4j.text.mask.MaskScheme;

/** A model directory as evaluations see it, in memory until it is closed. */
public final class ModelEncoder implements MeasuredEncoder, AutoCloseable {
  private static final long NANOS_BETWEEN = 5_000_000_000L;

  private static final String COSINE = "cosine";

  private final Device device;
  private final Path directory;
  private final String name;
  private final LoadedModel model;
  private final Encoding.Resolved resolved;
  private final TextEncoder encoder;
  private final Listener listener;

  /** Hears of a model that is measured. */
  public interface Listener {
    /** Something worth knowing of how it was read. */
    void notice(String message);

    /** Its vectors are not made or compared as its files say. */
    void warning(String message);

    /**
     * So many of a list are done; at most every few seconds.
     *
     * @param what they are: texts, or blocks of a text
     */
    void progress(String what, long done, long of);
  }

  /**
   * Reads a model.
   *
   * @param name of the model, for messages
   * @throws org.mirror4j.file.FileException if the directory is no model
   * @throws org.mirror4j.text.TextException if it has no usable tokenizer
   * @throws IllegalArgumentException if model or device cannot do what is asked for
   */
  public ModelEncoder(
      Device device, Path directory, String name, Encoding encoding, Listener listener) {
    this.device = device;
    this.directory = directory;
    this.name = name;
    this.listener = listener;
    model = new LoadedModel(device, directory);
    try {
      resolved = encoding.resolve(model, name, listener::notice, listener::warning);
      String made = model.settings().embedding().similarity().orElse(COSINE);
      if (!made.equals(COSINE)) {
        listener.warning("%s: made for similarity by %s, measured by cosine".formatted(name, made));
      }
      encoder = model.encoder(resolved.options(), resolved.precision());
    } catch (RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  /** How its vectors are made. */
  public Encoding.Resolved resolved() {
    return resolved;
  }

  /** The same in a few words, for under the title of a column. */
  public String described() {
    TextEncoder.Options options = resolved.options();
    return "%s, %d tokens%s%s"
        .formatted(
            options.pooling().label(),
            options.maxLength(),
            options.template().equals(Template.NONE)
                ? ""
                : options.template().isPrompt() ? ", a prompt" : ", a template",
            resolved.calibration().map(fitted -> ", " + fitted).orElse(""));
  }

  @Override
  public void encode(List<String> texts, Consumer<float[]> vectors) {
    Reminder reminder = new Reminder();
    new MeasuredTextEncoder(
            encoder,
            done -> {
              if (reminder.isDue()) {
                listener.progress("texts", done, texts.size());
              }
            })
        .encode(texts, vectors);
  }

  /** Every few seconds something is due to be said. */
  private static final class Reminder {
    private long told = System.nanoTime();

    boolean isDue() {
      long now = System.nanoTime();
      boolean due = now - told > NANOS_BETWEEN;
      told = due ? now : told;
      return due;
    }
  }

  /** The model is loaded anew, with its heads and for as long as it takes. */
  @Override
  public MaskedLoss.Result maskedLoss(Path text, MaskScheme scheme) {
    MaskedLoss.Options options =
        new MaskedLoss.Options(scheme, resolved.options().maxLength(), resolved.precision());
    Reminder reminder = new Reminder();
    try (MaskedLoss loss = new MaskedLoss(device, directory, name, options)) {
      return loss.of(
          text,
          notice -> listener.notice(name + ": " + notice),
          (done, of) -> {
            if (reminder.isDue()) {
              listener.progress("blocks", done, of);
            }
          });
    }
  }

  @Override
  public Coverage coverage(List<String> texts) {
    return new MeasuredTextEncoder(encoder, _ -> {}).coverage(texts);
  }

  @Override
  public void close() {
    encoder.close();
    model.close();
  }
}
