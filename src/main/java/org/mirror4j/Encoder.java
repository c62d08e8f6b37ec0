package org.mirror4j;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.Devices;
import org.mirror4j.encode.EnginePool;
import org.mirror4j.encode.ModelEngine;
import org.mirror4j.encode.VectorModule;
import org.mirror4j.file.FileException;
import org.mirror4j.statistics.Cosine;

/**
 * Turns texts into vectors with a model directory. Any number of threads may call one encoder; it
 * computes as many calls at once as {@link EncoderSettings#withEngines} says, and the others wait
 * for their turn in the order in which they came. The same call gives the same bits whichever
 * engine computes it and on however many threads. A text alone and among others has the same vector
 * up to rounding.
 *
 * <p>An encoder holds memory and threads until it is closed; one that is never closed does not keep
 * the program alive.
 *
 * <p>A caller that is interrupted while it waits gets a {@link Mirror4jException} at once and stays
 * interrupted; what was not begun for it is dropped, and the encoder goes on. Where computing
 * fails, the caller whose texts they were gets a {@link Mirror4jException}, and no other.
 */
public final class Encoder implements AutoCloseable {
  /** What is to be done where Java lacks what computes. */
  static final String JAVA_FLAGS =
      "start it with --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED";

  /** Batches of texts that an engine is given at once: enough to sort texts by length. */
  private static final int CHUNK_BATCHES = 4;

  private final EnginePool pool;
  private final int engines;
  private final int chunkTexts;
  private final ModelEngine.Facts facts;

  /**
   * An encoder of engines that are open.
   *
   * @param chunkTexts the most texts that an engine is given at once
   */
  Encoder(EnginePool pool, int engines, int chunkTexts, ModelEngine.Facts facts) {
    this.pool = pool;
    this.engines = engines;
    this.chunkTexts = chunkTexts;
    this.facts = facts;
  }

  /**
   * {@link #load(Path, EncoderSettings)} with {@link EncoderSettings#DEFAULT}.
   *
   * @param model where its files are
   * @return an encoder, to be closed
   */
  public static Encoder load(Path model) {
    return load(model, EncoderSettings.DEFAULT);
  }

  /**
   * Loads a model directory in the layout of HuggingFace: {@code config.json}, {@code
   * model.safetensors} and the files of the tokenizer, with {@code modules.json} or {@code
   * mirror4j.json} where there are such. Files are read now and not needed afterwards.
   *
   * @param model where its files are
   * @param settings how vectors are computed
   * @return an encoder, to be closed
   * @throws IllegalArgumentException if the model or the device cannot do what the settings ask for
   * @throws Mirror4jException if the directory is no model or is damaged, the device cannot be had,
   *     there is too little memory, Java lacks the module {@code jdk.incubator.vector}, or the
   *     thread is interrupted
   */
  public static Encoder load(Path model, EncoderSettings settings) {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(settings, "settings");
    return load(model, model.toString(), settings);
  }

  /**
   * {@link #bundled(EncoderSettings)} with {@link EncoderSettings#DEFAULT}.
   *
   * @return an encoder, to be closed
   */
  public static Encoder bundled() {
    return bundled(EncoderSettings.DEFAULT);
  }

  /**
   * Loads the small model of English words that comes with mirror4j.
   *
   * @param settings how vectors are computed
   * @return an encoder, to be closed
   * @throws IllegalArgumentException as {@link #load(Path, EncoderSettings)} does
   * @throws Mirror4jException as {@link #load(Path, EncoderSettings)} does
   */
  public static Encoder bundled(EncoderSettings settings) {
    Objects.requireNonNull(settings, "settings");
    try (Bundled bundled = Bundled.open()) {
      return load(bundled.model(), Bundled.NAME, settings);
    } catch (FileException e) {
      throw Mirror4jException.of(e);
    }
  }

  private static Encoder load(Path model, String name, EncoderSettings settings) {
    EnginePool pool = new EnginePool();
    try {
      VectorModule.load(JAVA_FLAGS);
      int threads = settings.threads(0);
      ModelEngine first =
          pool.add(
              () ->
                  ModelEngine.load(
                      Devices.open(settings.device(), threads), model, name, settings.encoding()));
      int engines = first.sharesWeights() ? settings.enginesToOpen() : 1;
      for (int i = 1; i < engines; i++) {
        int threadsBeside = settings.threads(i);
        pool.add(() -> first.beside(threadsBeside));
      }
      return new Encoder(pool, engines, CHUNK_BATCHES * settings.batchSize(), first.facts());
    } catch (InterruptedException e) {
      pool.end();
      throw Mirror4jException.interrupted("loading " + name, e);
    } catch (ExecutionException e) {
      pool.end();
      throw Mirror4jException.ofSettings(e.getCause());
    } catch (RuntimeException | Error e) {
      pool.end();
      throw Mirror4jException.ofSettings(e);
    }
  }

  /**
   * The vector of a text, of {@link #dimensions} elements.
   *
   * @param text may be empty
   * @return the vector
   * @throws NullPointerException if it is null
   * @throws IllegalStateException if the encoder is closed
   * @throws Mirror4jException if computing fails or the thread is interrupted
   */
  public float[] embed(String text) {
    return embed(Arrays.asList(text))[0];
  }

  /**
   * One vector a text, in order. Long lists are computed by several engines.
   *
   * @param texts any number of them
   * @return as many vectors as texts
   * @throws NullPointerException if a text is null; nothing is computed then
   * @throws IllegalStateException if the encoder is closed, also while this waits
   * @throws Mirror4jException if computing fails or the thread is interrupted
   */
  public float[][] embed(List<String> texts) {
    List<String> copy = TextStream.copyOf(texts);
    List<float[]> vectors = new ArrayList<>(copy.size());
    embed(copy.iterator(), encoded -> vectors.add(encoded.vector()));
    return vectors.toArray(float[][]::new);
  }

  /**
   * Hands each text and its vector on, in order. Texts are taken as they are needed, so that memory
   * does not grow with their number; both are called by the calling thread.
   *
   * <pre>{@code
   * try (Stream<String> lines = Files.lines(path)) {
   *   encoder.embed(lines.iterator(), line -> index.add(line.text(), line.vector()));
   * }
   * }</pre>
   *
   * @param texts any number of them
   * @param consumer what it throws ends the call
   * @throws NullPointerException if a text is null; what comes before it may have been handed on
   * @throws IllegalStateException if the encoder is closed, also while this waits
   * @throws Mirror4jException if computing fails or the thread is interrupted
   */
  public void embed(Iterator<String> texts, Consumer<? super EncodedText> consumer) {
    Objects.requireNonNull(texts, "texts");
    Objects.requireNonNull(consumer, "consumer");
    pool.requireOpen();
    new TextStream(pool, engines, chunkTexts, texts).run(consumer);
  }

  /**
   * Cosine of the angle between the vectors of two texts, in [-1, 1]: 1 for equal texts, 0 where a
   * vector is all zeros.
   *
   * @param first a text
   * @param second another text, in whichever order
   * @return the cosine
   * @throws NullPointerException if a text is null
   * @throws IllegalStateException if the encoder is closed
   * @throws Mirror4jException if computing fails or the thread is interrupted
   */
  public double similarity(String first, String second) {
    float[][] vectors = embed(Arrays.asList(first, second));
    return Cosine.similarity(vectors[0], vectors[1]);
  }

  /**
   * Elements of a vector.
   *
   * @return the number
   */
  public int dimensions() {
    return facts.dimensions();
  }

  /**
   * Tokens of the longest text that is not cut, prompt and special tokens included.
   *
   * @return the number
   */
  public int maxLength() {
    return facts.maxLength();
  }

  /**
   * Whether of a text that is too long the end is kept, not the beginning: {@code truncation_side}
   * of the tokenizer's files.
   *
   * @return whether it is
   */
  public boolean cutsLeft() {
    return facts.cutsLeft();
  }

  /**
   * Whether vectors have a length of 1: are divided by theirs, as the settings or the model's files
   * say, and not cut to fewer elements afterwards.
   *
   * @return whether they have
   */
  public boolean normalized() {
    return facts.normalized();
  }

  /**
   * The device that computes, in a line.
   *
   * @return its kind, with why it is this one where that was left open, name, threads and libraries
   */
  public String device() {
    return facts.device();
  }

  /**
   * What is worth knowing of how the model was read and where the settings are not its own, a line
   * each.
   *
   * @return lines for people, perhaps none
   */
  public List<String> notes() {
    return facts.notes();
  }

  /**
   * Frees memory and threads, after what is being computed is done. Other threads' calls that wait
   * for an engine, and those to come, end in an {@link IllegalStateException}. The second time does
   * nothing. A thread that is interrupted does not wait and stays interrupted; what is to be freed
   * is then freed by itself.
   */
  @Override
  public void close() {
    pool.close();
  }
}
