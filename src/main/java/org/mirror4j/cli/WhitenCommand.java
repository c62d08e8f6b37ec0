package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import org.mirror4j.bert.Pooling;
import org.mirror4j.calibrate.DirectionRemoval;
import org.mirror4j.calibrate.LinearCalibration;
import org.mirror4j.calibrate.Standardisation;
import org.mirror4j.calibrate.Whitening;
import org.mirror4j.checkpoint.CalibrationSettings;
import org.mirror4j.checkpoint.DenseModule;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.device.Device;
import org.mirror4j.encode.Bundled;
import org.mirror4j.encode.Encoding;
import org.mirror4j.eval.EvaluationTask;
import org.mirror4j.eval.Tasks;
import org.mirror4j.file.FileException;
import org.mirror4j.file.OutputPath;
import org.mirror4j.method.whiten.FittingTexts;
import org.mirror4j.method.whiten.ModelWhitening;
import org.mirror4j.method.whiten.VectorWhitening;
import org.mirror4j.tensor.DType;
import org.mirror4j.text.Corpus;
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
  /** What is fitted. */
  enum Kind {
    WHITENING,
    STANDARDISATION,
    REMOVE_DIRECTIONS
  }

  @Spec private CommandSpec command;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "Model directory, a name (see fetch), or bundled for the model that comes with the"
              + " program. With --vectors a calibrated model, whose calibration is applied.")
  private ModelArgument model;

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      description = "Text to fit on, one item a line; UTF-8, perhaps gzipped. May be repeated.")
  private List<Path> corpora = List.of();

  @Option(
      names = "--task",
      paramLabel = "TASK",
      arity = "1..*",
      description =
          "Tasks of eval to fit on, their texts without the scores. The texts of a test set are"
              + " seen then, which the output says.")
  private List<String> tasks = List.of();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder of the data sets; 'mirror4j data' says what belongs there.")
  private Path data;

  @Option(
      names = "--vectors",
      paramLabel = "FILE.npy",
      description = "Vectors to map, as embed writes them: NumPy, f32 [vectors, width].")
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
  private List<Kind> kinds;

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

  @Option(
      names = "--pooling",
      paramLabel = "KIND",
      description =
          "What is pooled: ${COMPLETION-CANDIDATES}. Default: what the model was made with, else"
              + " mean. The papers take first-last-avg.")
  private Pooling pooling;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description =
          "Tokens of a text, special tokens included; what is longer is cut. Default: what the"
              + " model's files say, else as many as it has positions.")
  private Integer maxLength;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Texts computed at once. Default: ${DEFAULT-VALUE}.")
  private int batchSize = 256;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      defaultValue = "f32",
      description =
          "Type of activations and of weights in products while it is fitted: f32, or where the"
              + " device has it bf16 or f16. Default: ${DEFAULT-VALUE}.")
  private DType precision;

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
    List<Kind> asked = kinds == null ? List.of(Kind.WHITENING) : kinds;
    requireUse("--dimension", dimension, asked.contains(Kind.WHITENING));
    requireUse("--directions", directions, asked.contains(Kind.REMOVE_DIRECTIONS));
    requireUse("--epsilon", epsilon, !asked.equals(List.of(Kind.REMOVE_DIRECTIONS)));
    double floor = epsilon == null ? Whitening.DEFAULT_EPSILON : epsilon;
    try {
      return asked.stream()
          .<LinearCalibration>map(
              kind ->
                  switch (kind) {
                    case WHITENING ->
                        new Whitening(
                            dimension == null ? OptionalInt.empty() : OptionalInt.of(dimension),
                            floor);
                    case STANDARDISATION -> new Standardisation(floor);
                    case REMOVE_DIRECTIONS ->
                        new DirectionRemoval(directions == null ? 1 : directions);
                  })
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
    if (model == null) {
      throw new ParameterException(command.commandLine(), "--model is missing");
    }
    if (corpora.isEmpty() && tasks.isEmpty()) {
      throw new ParameterException(
          command.commandLine(), "--corpus or --task is missing: what is it to be fitted on?");
    }
    if (batchSize < 1) {
      throw new ParameterException(
          command.commandLine(), "--batch-size is " + batchSize + ", expected at least 1");
    }
    Path path = model.path(console, bundled);
    List<Path> inputs = new ArrayList<>(corpora);
    inputs.add(path);
    OutputPath.requireApart(target, inputs);
    List<Corpus> opened = new ArrayList<>();
    try {
      List<FittingTexts> texts = new ArrayList<>(taskTexts(console));
      for (Path corpus : corpora) {
        opened.add(Corpus.read(corpus, Corpus.Options.DEFAULT));
        console.notice(opened.getLast().report().summary(corpus.toString()));
        texts.add(FittingTexts.of(corpus.toString(), opened.getLast()));
      }
      ModelWhitening whitening =
          new ModelWhitening(path, model.text(), encoding(), calibrations, texts);
      long start = System.nanoTime();
      ModelWhitening.Result result;
      try (Device device = deviceOptions.open(console)) {
        result = whitening.write(device, target, overwrite, new ConsoleWhiteningListener(console));
      }
      finished(console, result, (System.nanoTime() - start) * 1e-9);
    } finally {
      opened.forEach(Corpus::close);
    }
  }

  private void finished(Console console, ModelWhitening.Result result, double seconds) {
    CalibrationSettings fitted = result.fitted();
    ObjectNode fields =
        Console.object()
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

  private Encoding encoding() {
    return new Encoding(
        Optional.ofNullable(pooling),
        maxLength == null ? OptionalInt.empty() : OptionalInt.of(maxLength),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        batchSize,
        precision);
  }

  /** Each task once, however often it is asked for. */
  private List<FittingTexts> taskTexts(Console console) {
    Tasks all = new Tasks(data);
    SequencedMap<String, FittingTexts> texts = new LinkedHashMap<>();
    for (String name : tasks) {
      for (EvaluationTask task : all.resolve(name).tasks()) {
        texts.computeIfAbsent(
            task.name(),
            _ ->
                new FittingTexts(
                    task.name(), task.isTestSet(), task.read(console::notice).texts()));
      }
    }
    return List.copyOf(texts.values());
  }

  private void whitenVectors(
      Console console, Bundled bundled, List<LinearCalibration> calibrations) {
    if (!corpora.isEmpty() || !tasks.isEmpty() || pooling != null || maxLength != null) {
      throw new ParameterException(
          command.commandLine(),
          "--vectors are mapped as they are, expected no --corpus, --task, --pooling,"
              + " --max-length");
    }
    if (!target.toString().endsWith(".npy")) {
      throw new ParameterException(
          command.commandLine(), "--output is " + target + ", expected a name in .npy");
    }
    Optional<DenseModule> fitted =
        model == null ? Optional.empty() : Optional.of(fitted(console, bundled));
    OutputPath.requireApart(target, List.of(vectors));
    long start = System.nanoTime();
    VectorWhitening whitening = new VectorWhitening(vectors, new ConsoleWhiteningListener(console));
    VectorWhitening.Result result;
    try (Device device = deviceOptions.open(console)) {
      result =
          fitted.isPresent()
              ? whitening.write(device, fitted.get(), target)
              : whitening.fitAndWrite(device, calibrations, target);
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    console.result(
        "finished",
        Console.object()
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
