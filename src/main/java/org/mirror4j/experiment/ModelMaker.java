package org.mirror4j.experiment;

import java.nio.file.Path;
import java.util.List;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.encode.Encoding;
import org.mirror4j.encode.FittingTexts;
import org.mirror4j.method.flow.FlowTraining;
import org.mirror4j.method.flow.ModelSource;
import org.mirror4j.method.whiten.ModelWhitening;
import org.mirror4j.tensor.DType;
import org.mirror4j.train.ComputeOptions;
import org.mirror4j.train.Method;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.RunRequest;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingRun;

/**
 * Makes the models of tables: trains them, calibrates them. What was begun goes on.
 *
 * @param precision that models are computed in
 */
record ModelMaker(Device device, Precision precision, TrainingListener listener) {
  /**
   * What is calibrated.
   *
   * @param model directory
   * @param modelName what the output's settings call it
   * @param encoding how texts become vectors
   * @param texts that the calibration is fitted on
   * @param inputs files that they are read from
   */
  record Vectors(
      Path model,
      String modelName,
      Encoding encoding,
      List<FittingTexts> texts,
      List<Path> inputs) {}

  /**
   * Calibrates a model.
   *
   * @param seed of a flow
   */
  void calibrate(Vectors vectors, Calibration calibration, long seed, Path output) {
    if (calibration.flow().isPresent()) {
      ModelSource source =
          new ModelSource(
              vectors.model(),
              vectors.modelName(),
              vectors.encoding(),
              vectors.texts(),
              vectors.inputs());
      train(
          new FlowTraining(
              source,
              calibration.flow().get().label(),
              calibration.flowSettings(seed),
              calibration.usedFidelity()),
          output);
      return;
    }
    new ModelWhitening(
            vectors.model(),
            vectors.modelName(),
            vectors.encoding(),
            calibration.maps(),
            vectors.texts())
        .write(device, output, false, listener);
  }

  /** Makes a model by any method. */
  void train(Method method, Path output) {
    TrainingRun.execute(
        device,
        method,
        new RunRequest(
            output,
            DType.F32,
            new ComputeOptions(precision, true),
            new RunOptions(RunOptions.NEVER, TrainingRun.isUnfinished(output), false)),
        listener);
  }
}
