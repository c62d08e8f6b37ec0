package org.mirror4j.method.whiten;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.mirror4j.calibrate.LinearCalibration;
import org.mirror4j.calibrate.RunningMoments;
import org.mirror4j.checkpoint.CalibrationSettings;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.checkpoint.ModelOutput;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.FittingTexts;
import org.mirror4j.encode.FittingVectors;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputLock;
import org.mirror4j.train.TrainingListener;

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
  /**
   * What was written.
   *
   * @param texts that the calibration was fitted on
   * @param dimensions of a vector
   * @param fitted as the output's settings say it
   */
  public record Result(long texts, int dimensions, CalibrationSettings fitted) {}

  /**
   * Fits and writes a model directory, which appears whole or not at all.
   *
   * @param replace whether a model directory that is there is replaced
   * @throws org.mirror4j.file.FileException if the output is not free, or the model cannot be read
   * @throws IllegalArgumentException if the vectors are too few or too narrow for a calibration, or
   *     the model cannot encode as is asked for
   */
  public Result write(Device device, Path output, boolean replace, TrainingListener listener) {
    try (OutputLock _ = ModelOutput.lock(output, replace);
        FittingVectors vectors =
            new FittingVectors(device, model, modelName, encoding, texts, listener)) {
      int width = LinearFit.requireWidth(calibrations, vectors.width());
      ObjectNode settings = settings(vectors);
      listener.settings(settings.deepCopy().put("dimensions", width));
      RunningMoments moments = new RunningMoments(vectors.width());
      vectors.read(moments::add);
      LinearFit fit = LinearFit.of(calibrations, moments.moments());
      fit.notes().forEach(listener::warning);
      ModelContents contents =
          vectors.calibrated(
              CalibrationSettings.Form.DENSE,
              LinearFit.described(calibrations),
              vectors.textHash(),
              settings,
              Optional.of(fit.map().module()),
              _ -> {});
      ModelOutput.write(output, contents, replace);
      return new Result(vectors.size(), width, contents.settings().calibration().orElseThrow());
    }
  }

  private ObjectNode settings(FittingVectors vectors) {
    ObjectNode json = JsonFiles.object().put("command", "whiten");
    json.setAll(vectors.settings());
    json.put("calibration", LinearFit.described(calibrations));
    calibrations.forEach(each -> each.settings(json));
    return json;
  }
}
