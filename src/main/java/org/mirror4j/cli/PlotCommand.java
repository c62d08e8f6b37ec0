package org.mirror4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputPath;
import org.mirror4j.text.LineReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code plot}: the curves of a run, losses and scores. */
@Command(
    name = "plot",
    sortOptions = false,
    customSynopsis = "mirror4j plot --log FILE... --output FILE.png [OPTION...]",
    description =
        "Draws the losses of train.jsonl over the steps: a mean over each hundredth of them; and"
            + " beside them the scores on a development set.")
final class PlotCommand implements Runnable {
  /** Points of a curve; more cannot be told apart. */
  private static final int POINTS = 100;

  /** More than any step takes. */
  private static final int LINE_CHARACTERS = 100_000;

  @Spec private CommandSpec command;

  @Option(
      names = "--log",
      paramLabel = "FILE",
      arity = "1..*",
      required = true,
      description = "train.jsonl of finished or running runs.")
  private List<Path> logs;

  @Option(
      names = "--output",
      paramLabel = "FILE.png",
      required = true,
      description = "Picture to write; replaced where it is there.")
  private Path file;

  @Mixin private OutputOptions output;

  private record Curve(List<Double> steps, List<Double> values) {
    Curve() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    /**
     * Whether a point stands for several steps: the last one of them tells where the next began.
     */
    boolean isSmoothed() {
      return steps.size() > 1 && steps.get(1) - steps.get(0) > 1;
    }

    void add(double step, double value) {
      steps.add(step);
      values.add(value);
    }
  }

  @Override
  public void run() {
    if (!file.toString().endsWith(".png")) {
      throw new ParameterException(
          command.commandLine(), "--output is " + file + ", expected a name in .png");
    }
    if (new HashSet<>(logs).size() < logs.size()) {
      throw new ParameterException(command.commandLine(), "--log names one file twice: " + logs);
    }
    OutputPath.requireApart(file, logs);
    LossChart chart = new LossChart();
    for (Path log : logs) {
      String suffix = logs.size() == 1 ? "" : " " + log;
      SequencedMap<String, Curve> heldOut = new LinkedHashMap<>();
      SequencedMap<String, Curve> scores = new LinkedHashMap<>();
      Curve training = read(log, heldOut, scores);
      String smoothed = training.isSmoothed() ? ", smoothed" : "";
      chart.add("training" + suffix + smoothed, training.steps, training.values);
      heldOut.forEach((name, curve) -> chart.add(name + suffix, curve.steps, curve.values));
      scores.forEach((name, curve) -> chart.addScores(name + suffix, curve.steps, curve.values));
    }
    chart.write(file);
    output
        .console()
        .result(
            "finished", JsonFiles.object().put("output", file.toString()), "written to " + file);
  }

  /** The curve of the training loss; those on held-out data are added by name. */
  private static Curve read(
      Path log, SequencedMap<String, Curve> heldOut, SequencedMap<String, Curve> scores) {
    List<JsonNode> steps = steps(log);
    Curve training = new Curve();
    int width = Math.max(1, steps.size() / POINTS);
    for (int from = 0; from < steps.size(); from += width) {
      // The last ones may be fewer.
      List<JsonNode> mean = steps.subList(from, Math.min(steps.size(), from + width));
      double sum = 0;
      for (JsonNode step : mean) {
        sum += step.path("loss").asDouble();
        add(heldOut, "held out", step, step.path("heldOutLoss"));
        step.path("heldOutLosses")
            .properties()
            .forEach(part -> add(heldOut, "held out, " + part.getKey(), step, part.getValue()));
        step.path("scores")
            .properties()
            .forEach(score -> add(scores, "dev " + score.getKey(), step, score.getValue()));
      }
      training.add(mean.getLast().path("step").asInt(), sum / mean.size());
    }
    return training;
  }

  private static void add(
      SequencedMap<String, Curve> curves, String name, JsonNode step, JsonNode value) {
    if (value.isNumber()) {
      curves
          .computeIfAbsent(name, absent -> new Curve())
          .add(step.path("step").asInt(), value.asDouble());
    }
  }

  private static List<JsonNode> steps(Path log) {
    List<JsonNode> steps = new ArrayList<>();
    ObjectMapper json = new ObjectMapper();
    try (LineReader lines = new LineReader(List.of(log), LINE_CHARACTERS)) {
      for (String line = lines.next(); line != null; line = lines.next()) {
        JsonNode step = json.readTree(line);
        if (!step.path("step").isInt() || !step.path("loss").isNumber()) {
          throw new IllegalArgumentException(
              "%s:%d: expected an object with step and loss".formatted(log, lines.lines()));
        }
        steps.add(step);
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s:%d: not JSON, expected the train.jsonl of a run".formatted(log, steps.size() + 1), e);
    }
    return steps;
  }
}
