package org.mirror4j;

import java.io.Serial;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.mirror4j.encode.Devices;
import org.mirror4j.encode.Encoding;
import org.mirror4j.text.Template;

/**
 * How an {@link Encoder} computes vectors. What is not set is as the model's own files say. Objects
 * are immutable: each method returns other settings. Two that say the same are equal, and so are
 * settings and what another process reads of them.
 *
 * <pre>{@code
 * EncoderSettings.DEFAULT.withEngines(4).withPromptName("query")
 * }</pre>
 */
public final class EncoderSettings implements Serializable {
  @Serial private static final long serialVersionUID = 1;

  /** The best device, all processors, one call at a time, and all else as the model says. */
  public static final EncoderSettings DEFAULT = new EncoderSettings(new Values());

  /** How the vectors of a text's tokens become one. */
  public enum Pooling {
    /** That of the first token. */
    CLS,
    /** The mean of all tokens, special tokens included. */
    MEAN,
    /** The mean of all tokens and of padding to the maximum length. */
    MEAN_PADDED,
    /** The average of the means of the first layer's output and of the last one's. */
    FIRST_LAST_AVG,
    /** The average of the means of the last two layers. */
    LAST_2_AVG,
    /**
     * That of the mask token, of the last where there are several. A text without one is refused; a
     * prompt may hold it.
     */
    MASK,
    /** The average of that of the mask token and of the mean of all tokens. */
    MASK_MEAN;

    org.mirror4j.bert.Pooling pooling() {
      return org.mirror4j.bert.Pooling.valueOf(name());
    }
  }

  /** Type of activations and of weights in products; sums are f32, of int8 exact. */
  public enum Precision {
    /** 32 bits, on every device. */
    F32,
    /** 32 bits, of which products take 19: those of TF32, on cards from Ampere on. */
    TF32,
    /** 16 bits of bfloat16, on cards and on processors that multiply them. */
    BF16,
    /** 16 bits of IEEE 754, on cards. */
    F16,
    /**
     * Weights of the layers in 8 bits, and what they are multiplied with rounded to 8 bits when it
     * comes; all else in 32 bits. On processors with AVX-512 VNNI or AVX-VNNI; the fastest there.
     */
    INT8;

    org.mirror4j.device.Precision precision() {
      return org.mirror4j.device.Precision.valueOf(name());
    }
  }

  /** Changed while settings are made, never afterwards. Null is what the model says. */
  private static final class Values implements Cloneable, Serializable {
    @Serial private static final long serialVersionUID = 1;

    private DeviceChoice device = DeviceChoice.BEST;
    private Integer threads;
    private Integer engines;
    private Pooling pooling;
    private Integer maxLength;
    private Boolean normalize;
    private Template template;
    private String promptName;
    private Precision precision = Precision.F32;
    private int batchSize = 256;

    @Override
    protected Values clone() {
      try {
        return (Values) super.clone();
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException("it is supported", e);
      }
    }

    private List<Object> all() {
      return Arrays.asList(
          device,
          threads,
          engines,
          pooling,
          maxLength,
          normalize,
          template,
          promptName,
          precision,
          batchSize);
    }
  }

  /** All that was set. */
  private final Values values;

  private EncoderSettings(Values values) {
    this.values = values;
  }

  private EncoderSettings with(Consumer<Values> change) {
    Values changed = values.clone();
    change.accept(changed);
    return new EncoderSettings(changed);
  }

  /**
   * What computes; {@link DeviceChoice#BEST} where nothing is set.
   *
   * @param device a device or the best
   * @return the settings with it
   */
  public EncoderSettings withDevice(DeviceChoice device) {
    Objects.requireNonNull(device, "device");
    return with(v -> v.device = device);
  }

  /**
   * Threads of the processor that compute, of all engines together; as many as there are processors
   * where nothing is set. Tokenisation has threads of its own, one a processor. No vector depends
   * on it.
   *
   * @param threads at least one, and one for each engine; more than there are processors make
   *     nothing faster
   * @return the settings with it
   * @throws IllegalArgumentException if there is none
   */
  public EncoderSettings withThreads(int threads) {
    atLeast("threads", threads, 1);
    return with(v -> v.threads = threads);
  }

  /**
   * Calls that are computed at once, 1 where nothing is set: the threads are shared out among as
   * many engines. All read one copy of the weights, and each takes memory for its own activations.
   * More than one is for many callers with few texts each; no vector depends on it. A card computes
   * one call at a time whatever is set here.
   *
   * @param engines at least one
   * @return the settings with it
   * @throws IllegalArgumentException if there is none
   */
  public EncoderSettings withEngines(int engines) {
    atLeast("engines", engines, 1);
    return with(v -> v.engines = engines);
  }

  /**
   * How the vectors of a text's tokens become one.
   *
   * @param pooling in place of the model's own
   * @return the settings with it
   */
  public EncoderSettings withPooling(Pooling pooling) {
    Objects.requireNonNull(pooling, "pooling");
    return with(v -> v.pooling = pooling);
  }

  /**
   * Tokens of a text, prompt and special tokens included; longer texts are cut.
   *
   * @param maxLength at least 3, and as many as the model has positions at most
   * @return the settings with it
   * @throws IllegalArgumentException if it leaves no room for text; so does loading a model that
   *     has positions for fewer
   */
  public EncoderSettings withMaxLength(int maxLength) {
    atLeast("maxLength", maxLength, Encoding.LEAST_LENGTH);
    return with(v -> v.maxLength = maxLength);
  }

  /**
   * Whether vectors are divided by their length.
   *
   * @param normalize in place of what the model says
   * @return the settings with it
   */
  public EncoderSettings withNormalize(boolean normalize) {
    return with(v -> v.normalize = normalize);
  }

  /**
   * A text that is put before each text, in place of the model's own; empty for none.
   *
   * @param prompt may be empty
   * @return the settings with it
   */
  public EncoderSettings withPrompt(String prompt) {
    Objects.requireNonNull(prompt, "prompt");
    return with(
        v -> {
          v.template = Template.prompt(prompt);
          v.promptName = null;
        });
  }

  /**
   * Words around each text that ask a masked language model for it, in place of the model's own, as
   * in {@code This sentence : "{}" means [MASK] .} with {@link Pooling#MASK}. Of a text that is too
   * long the text is cut, not the words around it.
   *
   * @param template with <code>{}</code> where the text is to stand; {@code [MASK]} is the mask
   *     token, whatever the tokenizer calls it
   * @return the settings with it
   * @throws IllegalArgumentException unless <code>{}</code> is there once
   */
  public EncoderSettings withTemplate(String template) {
    Objects.requireNonNull(template, "template");
    Template parsed = Template.of(template);
    return with(
        v -> {
          v.template = parsed;
          v.promptName = null;
        });
  }

  /**
   * Name of the model's prompt that is put before each text, {@code query} say.
   *
   * @param name one of the model's
   * @return the settings with it
   */
  public EncoderSettings withPromptName(String name) {
    Objects.requireNonNull(name, "name");
    return with(
        v -> {
          v.template = null;
          v.promptName = name;
        });
  }

  /**
   * Type of activations and of weights in products; f32 where nothing is set.
   *
   * @param precision one that the device computes in
   * @return the settings with it
   */
  public EncoderSettings withPrecision(Precision precision) {
    Objects.requireNonNull(precision, "precision");
    return with(v -> v.precision = precision);
  }

  /**
   * The most texts that are computed at once by an engine; 256 where nothing is set. Long texts
   * make smaller batches.
   *
   * @param batchSize 1 to 65,536
   * @return the settings with it
   * @throws IllegalArgumentException if there is none, or more
   */
  public EncoderSettings withBatchSize(int batchSize) {
    atLeast("batchSize", batchSize, 1);
    if (batchSize > Encoding.MOST_TEXTS) {
      throw new IllegalArgumentException(
          "batchSize is %d, expected at most %d".formatted(batchSize, Encoding.MOST_TEXTS));
    }
    return with(v -> v.batchSize = batchSize);
  }

  /**
   * The threads that were set.
   *
   * @return their number, or nothing where {@link #withThreads} was not called
   */
  public OptionalInt threads() {
    return optional(values.threads);
  }

  /**
   * The engines that were set.
   *
   * @return their number, or nothing where {@link #withEngines} was not called
   */
  public OptionalInt engines() {
    return optional(values.engines);
  }

  /**
   * The most texts that are computed at once by an engine.
   *
   * @return their number
   */
  public int batchSize() {
    return values.batchSize;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EncoderSettings settings && values.all().equals(settings.values.all());
  }

  @Override
  public int hashCode() {
    return values.all().hashCode();
  }

  private static OptionalInt optional(Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }

  static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " is " + value + ", expected at least " + least);
    }
  }

  Devices.Choice device() {
    return values.device.choice();
  }

  /** Engines where the device can have several. */
  int enginesToOpen() {
    return engines().orElse(1);
  }

  /**
   * Threads of one engine.
   *
   * @param engine counts from 0
   * @throws IllegalArgumentException if there are fewer threads than engines
   */
  int threads(int engine) {
    int processors = Runtime.getRuntime().availableProcessors();
    if (values.device == DeviceChoice.CUDA || values.device == DeviceChoice.PTX) {
      return threads().orElse(processors);
    }
    int engines = enginesToOpen();
    int threads = threads().orElse(Math.max(processors, engines));
    if (threads < engines) {
      throw new IllegalArgumentException(
          "threads is %d, expected at least one for each of %d engines"
              .formatted(threads, engines));
    }
    return threads / engines + (engine < threads % engines ? 1 : 0);
  }

  Encoding encoding() {
    return new Encoding(
        Optional.ofNullable(values.pooling).map(Pooling::pooling),
        optional(values.maxLength),
        Optional.ofNullable(values.template),
        Optional.ofNullable(values.promptName),
        Optional.ofNullable(values.normalize),
        values.batchSize,
        values.precision.precision(),
        Optional.empty());
  }
}
