package org.mirror4j.method.whiten;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.calibrate.LinearCalibration;
import org.mirror4j.calibrate.Moments;
import org.mirror4j.calibrate.RunningMoments;
import org.mirror4j.checkpoint.CalibrationSettings;
import org.mirror4j.checkpoint.DenseModule;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.device.Versions;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.LoadedModel;
import org.mirror4j.file.FileHash;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputLock;

/**
 * Linear calibrations of a model (whitening: Su et al. 2021): its vectors of texts are computed, a
 * map is fitted to their mean and covariance, and the model is written with that map behind its
 * pooling and any Dense modules of its own, before its Normalize. Weights and tokenizer stay as
 * they are, byte for byte. Of a calibrated model the calibration is replaced.
 *
 * @param model directory
 * @param modelName what the settings call it
 * @param encoding how texts become vectors; the output's settings say the same
 * @param calibrations are fitted one after the other
 * @param texts that they are fitted on
 */
public record ModelWhitening(
    Path model,
    String modelName,
    Encoding encoding,
    List<LinearCalibration> calibrations,
    List<FittingTexts> texts) {
  /** Texts encoded at once: enough to sort by length. */
  private static final int CHUNK = 4096;

  /**
   * What was written.
   *
   * @param texts that the calibration was fitted on
   * @param dimensions of a vector
   * @param fitted as the output's settings say it
   */
  public record Result(long texts, int dimensions, CalibrationSettings fitted) {}

  private long size() {
    return texts.stream().mapToLong(each -> each.texts().size()).sum();
  }

  /**
   * Fits and writes a model directory, which appears whole or not at all.
   *
   * @param replace whether a model directory that is there is replaced
   * @throws org.mirror4j.file.FileException if the output is not free, or the model cannot be read
   * @throws IllegalArgumentException if the vectors are too few or too narrow for a calibration, or
   *     the model cannot encode as is asked for
   */
  public Result write(Device device, Path output, boolean replace, WhiteningListener listener) {
    try (OutputLock _ = ModelDirectory.lock(output, replace);
        LoadedModel loaded = new LoadedModel(device, model)) {
      Encoding.Resolved resolved =
          encoding.resolve(loaded, modelName, listener::notice, listener::warning);
      ModelSettings own = loaded.settings();
      own.calibration()
          .ifPresent(
              fitted ->
                  listener.warning(
                      "%s: its calibration (%s) is replaced"
                          .formatted(modelName, fitted.described())));
      TextEncoder.Options asked = resolved.options();
      TextEncoder.Options unnormalized =
          new TextEncoder.Options(
              asked.pooling(),
              asked.maxLength(),
              asked.batchSize(),
              asked.template(),
              false,
              OptionalInt.empty());
      MessageDigest digest = FileHash.sha256();
      ObjectNode settings = settings(resolved);
      LinearFit fit;
      try (TextEncoder encoder = loaded.uncalibrated(unnormalized, resolved.precision())) {
        int width = LinearFit.requireWidth(calibrations, encoder.dimensions());
        listener.settings(settings.deepCopy().put("dimensions", width));
        fit = LinearFit.of(calibrations, moments(encoder, digest, listener));
      }
      fit.notes().forEach(listener::warning);
      CalibrationSettings fitted =
          new CalibrationSettings(
              CalibrationSettings.Form.DENSE,
              LinearFit.described(calibrations),
              texts.stream().map(FittingTexts::name).toList(),
              texts.stream().filter(FittingTexts::testSet).map(FittingTexts::name).toList(),
              size(),
              FileHash.hex(digest),
              Versions.of(device),
              settings);
      ModelDirectory source = ModelDirectory.open(model);
      List<DenseModule> dense = new ArrayList<>(source.uncalibratedDense());
      dense.add(fit.map().module());
      source.writeMapped(
          output,
          new ModelSettings(
              Optional.of(asked.pooling().label()),
              OptionalInt.of(asked.maxLength()),
              own.template(),
              own.embedding().withAllDimensions(),
              own.provenance(),
              Optional.of(fitted)),
          dense,
          _ -> {},
          replace);
      return new Result(size(), dense.getLast().outFeatures(), fitted);
    }
  }

  private Moments moments(TextEncoder encoder, MessageDigest digest, WhiteningListener listener) {
    RunningMoments moments = new RunningMoments(encoder.dimensions());
    long start = System.nanoTime();
    long done = 0;
    for (FittingTexts each : texts) {
      for (int from = 0; from < each.texts().size(); from += CHUNK) {
        List<String> chunk =
            each.texts().subList(from, Math.min(each.texts().size(), from + CHUNK));
        for (String text : chunk) {
          digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
        }
        for (float[] vector : encoder.encode(chunk)) {
          moments.add(vector);
        }
        done += chunk.size();
        listener.progress("texts", done, size(), (System.nanoTime() - start) * 1e-9);
      }
    }
    if (encoder.cutTexts() > 0) {
      listener.notice(
          "%,d of %,d texts are longer than the maximum length and are cut"
              .formatted(encoder.cutTexts(), size()));
    }
    return moments.moments();
  }

  private ObjectNode settings(Encoding.Resolved resolved) {
    ObjectNode json =
        JsonFiles.object()
            .put("command", "whiten")
            .put("model", modelName)
            .put("modelHash", ModelDirectory.open(model).hash())
            .put("calibration", LinearFit.described(calibrations));
    calibrations.forEach(each -> each.settings(json));
    json.put("pooling", resolved.options().pooling().label())
        .put("maxLength", resolved.options().maxLength())
        .put("precision", resolved.precision().label());
    texts.stream().map(FittingTexts::name).forEach(json.putArray("fittedOn")::add);
    return json.put("texts", size());
  }
}
