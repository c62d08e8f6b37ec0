package org.mirror4j.encode;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.checkpoint.CalibrationSettings;
import org.mirror4j.checkpoint.DenseModule;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.device.Versions;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileHash;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.train.TrainingListener;

/**
 * A model and the vectors that a calibration of it is fitted on: those of texts, after its pooling
 * and Dense modules of its own, before any calibration that it has and before they are normalised.
 * Of a calibrated model the calibration is replaced.
 */
public final class FittingVectors implements AutoCloseable {
  /** Texts encoded at once: enough to sort by length. */
  private static final int CHUNK = 4096;

  private final ModelDirectory source;
  private final String modelName;
  private final List<FittingTexts> texts;
  private final TrainingListener listener;
  private final SortedMap<String, String> versions;
  private final LoadedModel loaded;
  private final Encoding.Resolved resolved;
  private final TextEncoder encoder;
  private boolean saidCut;

  /**
   * Loads a model.
   *
   * @param model directory
   * @param modelName what settings and messages call it
   * @param encoding how texts become vectors; the calibrated model's settings say the same
   * @throws org.mirror4j.file.FileException if the model cannot be read
   * @throws IllegalArgumentException if the model cannot encode as is asked for
   */
  public FittingVectors(
      Device device,
      Path model,
      String modelName,
      Encoding encoding,
      List<FittingTexts> texts,
      TrainingListener listener) {
    this.modelName = modelName;
    this.texts = texts;
    this.listener = listener;
    versions = Versions.of(device);
    source = ModelDirectory.open(model);
    loaded = new LoadedModel(device, model);
    try {
      resolved = encoding.resolve(loaded, modelName, listener::notice, listener::warning);
      loaded
          .settings()
          .calibration()
          .ifPresent(
              fitted ->
                  listener.warning(
                      "%s: its calibration (%s) is replaced"
                          .formatted(modelName, fitted.described())));
      encoder = loaded.uncalibrated(resolved.options().asMapped(), resolved.precision());
      int kept = loaded.settings().embedding().kept(encoder.dimensions());
      if (kept < encoder.dimensions()) {
        listener.warning(
            "%s: keeps the first %,d of the %,d values of a vector (truncate_dim); the calibration takes all, and the result keeps all that it gives"
                .formatted(modelName, kept, encoder.dimensions()));
      }
    } catch (RuntimeException | Error e) {
      loaded.close();
      throw e;
    }
  }

  /** Values of a vector. */
  public int width() {
    return encoder.dimensions();
  }

  /** Number of texts, those that occur often counted as often. */
  public long size() {
    return texts.stream().mapToLong(each -> each.texts().size()).sum();
  }

  /** Whether all texts are pairs, the two texts of each one after the other. */
  public boolean pairs() {
    return texts.stream().allMatch(FittingTexts::pairs);
  }

  private List<String> names() {
    return texts.stream().map(FittingTexts::name).toList();
  }

  private List<String> testSets() {
    return texts.stream().filter(FittingTexts::testSet).map(FittingTexts::name).toList();
  }

  /** What the vectors depend on: names beside digests, and how texts become vectors. */
  public ObjectNode settings() {
    ObjectNode json =
        JsonFiles.object()
            .put("model", modelName)
            .put("modelHash", source.hash())
            .put("tokenizerHash", source.tokenizerHash())
            .put("pooling", resolved.options().pooling().label())
            .put("maxLength", resolved.options().maxLength())
            .put("precision", resolved.precision().label());
    names().forEach(json.putArray("fittedOn")::add);
    testSets().forEach(json.putArray("testSets")::add);
    return json.put("texts", size());
  }

  /**
   * Computes all vectors, in the order of the texts.
   *
   * @param vectors is given one after the other
   */
  public void read(Consumer<float[]> vectors) {
    read(encoder::encode, vectors);
  }

  /**
   * The model with dropout, as in training: what {@link #read(Function, Consumer)} takes. Each of
   * its calls draws anew.
   */
  public Function<List<String>, float[][]> dropping(double rate, long seed) {
    return encoder.dropping(rate, seed);
  }

  /**
   * Computes all vectors, in the order of the texts.
   *
   * @param encode makes the vectors of some of them
   * @param vectors is given one after the other
   */
  public void read(Function<List<String>, float[][]> encode, Consumer<float[]> vectors) {
    long start = System.nanoTime();
    long done = 0;
    for (FittingTexts each : texts) {
      for (int from = 0; from < each.texts().size(); from += CHUNK) {
        List<String> chunk =
            each.texts().subList(from, Math.min(each.texts().size(), from + CHUNK));
        for (float[] vector : encode.apply(chunk)) {
          vectors.accept(vector);
        }
        done += chunk.size();
        listener.progress("texts", done, size(), (System.nanoTime() - start) * 1e-9);
      }
    }
    // The encoder counts those of all readings, which are the same in each.
    if (encoder.cutTexts() > 0 && !saidCut) {
      saidCut = true;
      listener.notice(
          "%,d of %,d texts are longer than the maximum length and are cut"
              .formatted(encoder.cutTexts(), size()));
    }
  }

  /** Digest of the texts. */
  public String textHash() {
    MessageDigest digest = FileHash.sha256();
    for (FittingTexts each : texts) {
      for (String text : each.texts()) {
        digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
    return FileHash.hex(digest);
  }

  /**
   * The model with a calibration, to be written: weights and tokenizer byte for byte. May be called
   * after this is closed.
   *
   * @param method what the calibration is, in a few words
   * @param textHash see {@link #textHash}
   * @param run the resolved settings
   * @param module the calibration as a Dense module; empty for one of another form
   * @param files writes the calibration in another form
   */
  public ModelContents calibrated(
      CalibrationSettings.Form form,
      String method,
      String textHash,
      ObjectNode run,
      Optional<DenseModule> module,
      AtomicFiles.DirectoryWriter files) {
    CalibrationSettings fitted =
        new CalibrationSettings(form, method, names(), testSets(), size(), textHash, versions, run);
    ModelSettings own = source.settings();
    List<DenseModule> dense = new ArrayList<>(source.uncalibratedDense());
    module.ifPresent(dense::add);
    return source.mapped(
        new ModelSettings(
            Optional.of(resolved.options().pooling().label()),
            OptionalInt.of(resolved.options().maxLength()),
            own.template(),
            own.embedding().withAllDimensions(),
            own.provenance(),
            Optional.of(fitted)),
        dense,
        files);
  }

  /** Frees the model. */
  @Override
  public void close() {
    try (loaded) {
      encoder.close();
    }
  }
}
