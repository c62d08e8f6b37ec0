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
import org.mirror4j.text.TokenLimit;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.mask.MaskScheme;

/** A model directory as evaluations see it, in memory until it is closed. */
public final class ModelEncoder implements MeasuredEncoder, AutoCloseable {
  /** Texts encoded between two looks at the clock: some full batches. */
  private static final int CHUNK = 1024;

  private static final long NANOS_BETWEEN = 5_000_000_000L;

  private static final String COSINE = "cosine";

  private final Device device;
  private final Path directory;
  private final String name;
  private final LoadedModel model;
  private final Encoding.Resolved resolved;
  private final TextEncoder encoder;
  private final int roomForText;
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
    void progress(long done, long of, String what);
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
      TextEncoder.Options options = resolved.options();
      roomForText =
          new TokenLimit(model.tokenizer(), options.maxLength(), options.template()).roomForText();
      encoder = model.encoder(options, resolved.precision());
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
    for (int from = 0; from < texts.size(); from += CHUNK) {
      int to = Math.min(texts.size(), from + CHUNK);
      for (float[] vector : encoder.encode(texts.subList(from, to))) {
        vectors.accept(vector);
      }
      if (to < texts.size() && reminder.isDue()) {
        listener.progress(to, texts.size(), "texts");
      }
    }
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
              listener.progress(done, of, "blocks");
            }
          });
    }
  }

  /** Of WordPiece an unknown word is one unknown piece, which continues none. */
  @Override
  public Coverage coverage(List<String> texts) {
    Tokenizer tokenizer = model.tokenizer();
    int cut = 0;
    long words = 0;
    long unknown = 0;
    for (int[] pieces : tokenizer.encodeAll(texts, Integer.MAX_VALUE)) {
      cut += pieces.length > roomForText ? 1 : 0;
      // Between the two special tokens.
      for (int i = 1; i < pieces.length - 1; i++) {
        boolean isUnknown = pieces[i] == tokenizer.unknownId();
        unknown += isUnknown ? 1 : 0;
        words += isUnknown || i == 1 || !tokenizer.continuesWord(pieces[i]) ? 1 : 0;
      }
    }
    return new Coverage(texts.size(), cut, words, unknown);
  }

  @Override
  public void close() {
    encoder.close();
    model.close();
  }
}
