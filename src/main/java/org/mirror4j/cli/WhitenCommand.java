package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.mirror4j.calibrate.LinearCalibration;
import org.mirror4j.calibrate.LinearKind;
import org.mirror4j.calibrate.Whitening;
import org.mirror4j.checkpoint.CalibrationSettings;
import org.mirror4j.checkpoint.DenseModule;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.Encoding;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputPath;
import org.mirror4j.method.whiten.ModelWhitening;
import org.mirror4j.method.whiten.VectorWhitening;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code whiten}: a linear calibration of a model, or of vectors in a file. */
@Command(
    name = "whiten",
    sortOptions = false,
    customSynopsis = {
      "mirror4j whiten --model MODEL (--corpus FILE | --task TASK)... [--data DIR] --output DIR"
          + " [OPTION...]",
      "       mirror4j whiten --vectors FILE.npy --output FILE.npy [--model DIR] [OPTION...]"
    },
    description = {
      "Fits a linear map to a model's vectors of texts and writes the model with it: whitening"
          + " makes cosines say more where all vectors lie close together, and vectors narrower."
          + " The model itself stays as it is, and the output is used like any other;"
          + " sentence-transformers knows the map as a Dense module.",
      "With --vectors the vectors of a file are mapped, by what is fitted to themselves or by the"
          + " calibration of a model."
    })
final class WhitenCommand implements Runnable {
  /** Options of the call without --vectors. */
  private static final List<String> OF_MODELS =
      List.of(
          "--corpus",
          "--task",
          "--data",
          "--pooling",
          "--max-length",
          "--batch-size",
          "--precision",
          "--overwrite");

  @Spec private CommandSpec command;

  @Mixin private FittingOptions fitting;

  @Option(
      names = "--vectors",
      paramLabel = "FILE.npy",
      description =
          "Vectors to map, as embed writes them: NumPy, f32 [vectors, width]. With --model the"
              + " calibration that the model has is applied.")
  private Path vectors;

  @Option(
      names = "--output",
      paramLabel = "DIR|FILE.npy",
      required = true,
      description =
          "Model directory to write, or with --vectors a file, replaced where it is there.")
  private Path target;

  @Option(names = "--overwrite", description = "Replace a model directory that is there.")
  private boolean overwrite;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      arity = "1..*",
      description =
          "What is fitted, each to what the one before it makes: whitening, standardisation,"
              + " remove-directions. Default: whitening.")
  private List<LinearKind> kinds;

  @Option(
      names = "--dimension",
      paramLabel = "K",
      description =
          "Values of a vector after whitening: the K directions of the largest variance. Default:"
              + " all.")
  private Integer dimension;

  @Option(
      names = "--epsilon",
      paramLabel = "X",
      description = "Least variance that is divided by, as a share of the largest. Default: 1e-6.")
  private Double epsilon;

  @Option(
      names = "--directions",
      paramLabel = "N",
      description = "Directions that remove-directions takes away. Default: 1.")
  private Integer directions;

  @Option(names = "--batch-size", paramLabel = "N", description = EncoderOptions.BATCH_SIZE)
  private int batchSize = 256;

  @Mixin private PrecisionOption precision;

  @Mixin private DeviceOptions deviceOptions;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    List<LinearCalibration> calibrations = calibrations();
    Console console = output.console();
    try (Bundled bundled = Bundled.open()) {
      if (vectors == null) {
        whitenModel(console, bundled, calibrations);
      } else {
        whitenVectors(console, bundled, calibrations);
      }
    }
  }

  private List<LinearCalibration> calibrations() {
    List<LinearKind> asked = kinds == null ? List.of(LinearKind.WHITENING) : kinds;
    requireUse("--dimension", dimension, asked.contains(LinearKind.WHITENING));
    requireUse("--directions", directions, asked.contains(LinearKind.REMOVE_DIRECTIONS));
    requireUse("--epsilon", epsilon, !asked.equals(List.of(LinearKind.REMOVE_DIRECTIONS)));
    OptionalInt kept = dimension == null ? OptionalInt.empty() : OptionalInt.of(dimension);
    try {
      return asked.stream()
          .map(
              kind ->
                  kind.of(
                      kept,
                      directions == null ? 1 : directions,
                      epsilon == null ? Whitening.DEFAULT_EPSILON : epsilon))
          .toList();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--" + e.getMessage(), e);
    }
  }

  private void requireUse(String option, Object value, boolean used) {
    if (value != null && !used) {
      throw new ParameterException(
          command.commandLine(), "%s is not used by --kind %s".formatted(option, kinds));
    }
  }

  private void whitenModel(Console console, Bundled bundled, List<LinearCalibration> calibrations) {
    Encoding encoding = fitting.encoding(batchSize, precision.value());
    try (FittingOptions.Opened opened = fitting.open(console, bundled, target)) {
      ModelWhitening whitening =
          new ModelWhitening(
              opened.model(), opened.modelName(), encoding, calibrations, opened.texts());
      long start = System.nanoTime();
      ModelWhitening.Result result;
      try (Device device = deviceOptions.open(console);
          ConsoleListener listener = ConsoleListener.of(console, "whiten")) {
        result = whitening.write(device, target, overwrite, listener);
      }
      finished(console, result, (System.nanoTime() - start) * 1e-9);
    }
  }

  private void finished(Console console, ModelWhitening.Result result, double seconds) {
    CalibrationSettings fitted = result.fitted();
    ObjectNode fields =
        JsonFiles.object()
            .put("output", target.toString())
            .put("texts", result.texts())
            .put("dimensions", result.dimensions())
            .put("method", fitted.method());
    fitted.fittedOn().forEach(fields.putArray("fittedOn")::add);
    fitted.testSets().forEach(fields.putArray("testSets")::add);
    console.result(
        "finished",
        fields.put("seconds", seconds),
        "%s on %,d texts, vectors of %d dimensions; written to %s in %s"
            .formatted(
                fitted.described(),
                result.texts(),
                result.dimensions(),
                target,
                Units.seconds(seconds)));
  }

  private void whitenVectors(
      Console console, Bundled bundled, List<LinearCalibration> calibrations) {
    for (String option : OF_MODELS) {
      if (command.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new ParameterException(
            command.commandLine(), option + " has no effect with --vectors");
      }
    }
    if (!target.toString().endsWith(".npy")) {
      throw new ParameterException(
          command.commandLine(), "--output is " + target + ", expected a name in .npy");
    }
    Optional<DenseModule> fitted =
        fitting.model() == null ? Optional.empty() : Optional.of(fitted(console, bundled));
    OutputPath.requireApart(target, List.of(vectors));
    long start = System.nanoTime();
    VectorWhitening.Result result;
    try (Device device = deviceOptions.open(console);
        ConsoleListener listener = ConsoleListener.of(console, "whiten")) {
      VectorWhitening whitening = new VectorWhitening(vectors, listener);
      result =
          fitted.isPresent()
              ? whitening.write(device, fitted.get(), target)
              : whitening.fitAndWrite(device, calibrations, target);
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    console.result(
        "finished",
        JsonFiles.object()
            .put("output", target.toString())
            .put("vectors", result.vectors())
            .put("dimensions", result.dimensions())
            .put("seconds", seconds),
        "%,d vectors of %d dimensions written to %s in %s"
            .formatted(result.vectors(), result.dimensions(), target, Units.seconds(seconds)));
  }

  /** The calibration of a model, which maps what its pooling or its own Dense modules give. */
  private DenseModule fitted(Console console, Bundled bundled) {
    if (kinds != null || dimension != null || epsilon != null || directions != null) {
      throw new ParameterException(
          command.commandLine(),
          "--vectors with --model applies what the model has, expected no --kind, --dimension,"
              + " --epsilon, --directions");
    }
    ModelArgument model = fitting.model();
    ModelDirectory directory = ModelDirectory.open(model.path(console, bundled));
    CalibrationSettings settings =
        directory
            .settings()
            .calibration()
            .filter(calibration -> calibration.form() == CalibrationSettings.Form.DENSE)
            .orElseThrow(
                () ->
                    new FileException(
                        model + ": has no linear calibration, expected a model that whiten wrote"));
    console.notice("%s: calibrated by %s".formatted(model, settings.described()));
    return directory.dense().getLast();
  }
}
