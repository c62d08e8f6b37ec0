package org.mirror4j;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.mirror4j.method.mirror.Recipe;
import org.mirror4j.text.Template;

/**
 * Tunes a model into an encoder of words or of sentences by Mirror-BERT (Liu et al. 2021), without
 * labels: from a model directory and a list of texts to a new model directory. What is not set has
 * the values that the method was published with. Objects are immutable: each method returns another
 * tuning.
 *
 * <pre>{@code
 * MirrorTuning.of(Path.of("bert-base-uncased")).sentences(sentences).withSeed(7).run(Path.of("tuned"));
 * }</pre>
 *
 * <p>The same texts, settings, device and version give the same bytes.
 */
public final class MirrorTuning {
  private final TuningRequest request;

  private MirrorTuning(TuningRequest request) {
    this.request = request;
  }

  private MirrorTuning with(Consumer<TuningRequest> change) {
    TuningRequest changed = request.clone();
    change.accept(changed);
    return new MirrorTuning(changed);
  }

  /**
   * Sets a value in place of the recipe's.
   *
   * @param name of the component of the recipe's settings
   */
  private MirrorTuning withSetting(String name, Object value) {
    return with(
        r -> {
          r.changes = new HashMap<>(r.changes);
          r.changes.put(name, value);
        });
  }

  /**
   * A tuning that starts from a model directory.
   *
   * @param model where its files are
   * @return a tuning that has no texts yet
   */
  public static MirrorTuning of(Path model) {
    Objects.requireNonNull(model, "model");
    return new MirrorTuning(new TuningRequest()).with(r -> r.model = model);
  }

  /**
   * A tuning that starts from the small model of English words that comes with mirror4j, which has
   * recipes of its own: for words with a template and the mask token's vector, for sentences
   * without the prompt that larger models gain by.
   *
   * @return a tuning that has no texts yet
   */
  public static MirrorTuning ofBundled() {
    return new MirrorTuning(new TuningRequest());
  }

  /**
   * Tunes on these words by the recipe for words. Line ends within one count as blanks.
   *
   * @param words at least two that differ, in place of any texts before
   * @return the tuning with them
   * @throws NullPointerException if one is null
   */
  public MirrorTuning words(List<String> words) {
    return list(Recipe.WORD, words);
  }

  /**
   * Tunes on the lines of a file, UTF-8 and perhaps gzipped, by the recipe for words.
   *
   * @param file of at least two lines that differ, in place of any texts before
   * @return the tuning with them
   */
  public MirrorTuning words(Path file) {
    return file(Recipe.WORD, file);
  }

  /**
   * Tunes on these sentences by the recipe for sentences. Line ends within one count as blanks.
   *
   * @param sentences at least two that differ, in place of any texts before
   * @return the tuning with them
   * @throws NullPointerException if one is null
   */
  public MirrorTuning sentences(List<String> sentences) {
    return list(Recipe.SENTENCE, sentences);
  }

  /**
   * Tunes on the lines of a file, UTF-8 and perhaps gzipped, by the recipe for sentences.
   *
   * @param file of at least two lines that differ, in place of any texts before
   * @return the tuning with them
   */
  public MirrorTuning sentences(Path file) {
    return file(Recipe.SENTENCE, file);
  }

  private MirrorTuning list(Recipe recipe, List<String> texts) {
    List<String> copy = TextStream.copyOf(texts);
    return with(
        r -> {
          r.recipe = recipe;
          r.texts = copy;
          r.file = null;
        });
  }

  private MirrorTuning file(Recipe recipe, Path file) {
    Objects.requireNonNull(file, "file");
    return with(
        r -> {
          r.recipe = recipe;
          r.texts = null;
          r.file = file;
        });
  }

  /**
   * Seed of dropout, span masks and order; 42 where nothing is set.
   *
   * @param seed any number
   * @return the tuning with it
   */
  public MirrorTuning withSeed(long seed) {
    return withSetting("seed", seed);
  }

  /**
   * Passes over the texts.
   *
   * @param epochs at least one
   * @return the tuning with it
   * @throws IllegalArgumentException if there is none
   */
  public MirrorTuning withEpochs(int epochs) {
    EncoderSettings.atLeast("epochs", epochs, 1);
    return withSetting("epochs", epochs);
  }

  /**
   * Texts of a step, each with two views.
   *
   * @param batchSize at least two, as the others of a batch are what a text is told from
   * @return the tuning with it
   * @throws IllegalArgumentException if there are fewer than two
   */
  public MirrorTuning withBatchSize(int batchSize) {
    EncoderSettings.atLeast("batchSize", batchSize, 2);
    return withSetting("batchSize", batchSize);
  }

  /**
   * Constant learning rate.
   *
   * @param learningRate 0 or more
   * @return the tuning with it
   * @throws IllegalArgumentException if it is negative or no finite number
   */
  public MirrorTuning withLearningRate(double learningRate) {
    if (!(learningRate >= 0 && Double.isFinite(learningRate))) {
      throw new IllegalArgumentException(
          "learningRate is " + learningRate + ", expected at least 0, finite");
    }
    return withSetting("learningRate", learningRate);
  }

  /**
   * Tokens of a text, special tokens included; longer texts are cut.
   *
   * @param maxLength at least 3
   * @return the tuning with it
   * @throws IllegalArgumentException if it leaves no room for text; so does {@link #run} for a
   *     model that has positions for fewer
   */
  public MirrorTuning withMaxLength(int maxLength) {
    EncoderSettings.atLeast("maxLength", maxLength, 3);
    return withSetting("maxLength", maxLength);
  }

  /**
   * How the vectors of a text's tokens become one, while it is tuned and after; the tuned model
   * says so itself.
   *
   * @param pooling in place of the recipe's
   * @return the tuning with it
   */
  public MirrorTuning withPooling(EncoderSettings.Pooling pooling) {
    Objects.requireNonNull(pooling, "pooling");
    return withSetting("pooling", pooling.pooling())
        .withSetting("outputPooling", pooling.pooling());
  }

  /**
   * How the tuned model makes its vectors where not as they were tuned; to be said after {@link
   * #withPooling}.
   *
   * @param pooling in place of the one that was tuned
   * @return the tuning with it
   */
  public MirrorTuning withOutputPooling(EncoderSettings.Pooling pooling) {
    Objects.requireNonNull(pooling, "pooling");
    return withSetting("outputPooling", pooling.pooling());
  }

  /**
   * Where the tuned model is on the line from the weights before to those after: what lies between
   * is often better than both.
   *
   * @param interpolation more than 0, at most 1, which is where nothing is set
   * @return the tuning with it
   * @throws IllegalArgumentException otherwise
   */
  public MirrorTuning withInterpolation(double interpolation) {
    if (!(interpolation > 0 && interpolation <= 1)) {
      throw new IllegalArgumentException(
          "interpolation is %s, expected more than 0, at most 1".formatted(interpolation));
    }
    return withSetting("interpolation", interpolation);
  }

  /**
   * Words around each text that ask a masked language model for it, as in {@code This sentence :
   * "{}" means [MASK] .} with {@link EncoderSettings.Pooling#MASK}; the tuned model puts them
   * around texts itself.
   *
   * @param template with <code>{}</code> where the text is to stand
   * @return the tuning with it
   * @throws IllegalArgumentException unless <code>{}</code> is there once
   */
  public MirrorTuning withTemplate(String template) {
    return withSetting("template", Template.of(template).toString());
  }

  /**
   * Other words around the second of a text's two views, so that the views differ in more than what
   * is dropped.
   *
   * @param template with <code>{}</code> where the text is to stand
   * @return the tuning with it
   * @throws IllegalArgumentException unless <code>{}</code> is there once
   */
  public MirrorTuning withSecondTemplate(String template) {
    return withSetting("secondTemplate", Template.of(template).toString());
  }

  /**
   * What computes; {@link DeviceChoice#BEST} where nothing is set.
   *
   * @param device a device or the best
   * @return the tuning with it
   */
  public MirrorTuning withDevice(DeviceChoice device) {
    Objects.requireNonNull(device, "device");
    return with(r -> r.device = device);
  }

  /**
   * Threads of the processor that compute; as many as there are processors where nothing is set. No
   * result depends on it.
   *
   * @param threads at least one
   * @return the tuning with it
   * @throws IllegalArgumentException if there is none
   */
  public MirrorTuning withThreads(int threads) {
    EncoderSettings.atLeast("threads", threads, 1);
    return with(r -> r.threads = OptionalInt.of(threads));
  }

  /**
   * Hears how the run goes, in place of any other.
   *
   * @param listener called by the thread that trains
   * @return the tuning with it
   */
  public MirrorTuning withListener(TuningListener listener) {
    Objects.requireNonNull(listener, "listener");
    return with(r -> r.listener = listener);
  }

  /**
   * Replaces a model that is there as output, and drops an unfinished run; goes on with none.
   *
   * @return the tuning that does
   */
  public MirrorTuning withOverwrite() {
    return with(
        r -> {
          r.overwrite = true;
          r.resume = false;
        });
  }

  /**
   * Goes on with the unfinished run of the same settings and texts that there has to be beside the
   * output; replaces nothing. The result has the bytes of a run that was not interrupted.
   *
   * @return the tuning that does
   */
  public MirrorTuning withResume() {
    return with(
        r -> {
          r.overwrite = false;
          r.resume = true;
        });
  }

  /**
   * Trains and writes a model directory, which appears whole or not at all. Waits for the end. If
   * the calling thread is interrupted, the step at work is finished, what is done is kept beside
   * the output for {@link #withResume}, and the thread stays interrupted.
   *
   * @param output directory to write
   * @throws IllegalStateException if no texts were given
   * @throws IllegalArgumentException if the model cannot do what is asked for
   * @throws Mirror4jException if model, texts or output cannot be used, the device cannot be had,
   *     there is too little memory, the listener throws, or the thread is interrupted
   */
  public void run(Path output) {
    Objects.requireNonNull(output, "output");
    if (request.recipe == null) {
      throw new IllegalStateException("no texts were given, expected words or sentences");
    }
    TuningRun.await(request.listener, listener -> request.run(output, listener));
  }
}
