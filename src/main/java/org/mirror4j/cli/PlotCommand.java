package org.mirror4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.mirror4j.checkpoint.OutputPath;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code plot}: the loss curve of a run. */
@Command(
    name = "plot",
    sortOptions = false,
    customSynopsis = "mirror4j plot --log FILE... --output FILE.png [OPTION...]",
    description =
        "Draws the losses of train.jsonl over the steps: a mean over each hundredth of them.")
final class PlotCommand implements Runnable {
  /** Points of a curve; more cannot be told apart. */
  private static final int POINTS = 100;

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

  private record Curve(List<Double> steps, List<Double> losses) {
    Curve() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    void add(double step, double loss) {
      steps.add(step);
      losses.add(loss);
    }
  }

  @Override
  public void run() {
    OutputPath.requireApart(file, logs);
    LossChart chart = new LossChart();
    for (Path log : logs) {
      String suffix = logs.size() == 1 ? "" : " " + log;
      Curve heldOut = new Curve();
      Curve training = read(log, heldOut);
      chart.add("training" + suffix, training.steps, training.losses);
      chart.add("held out" + suffix, heldOut.steps, heldOut.losses);
    }
    chart.write(file);
    output.console().notice("written to " + file);
  }

  /** The curve of the training loss; held-out losses are added to {@code heldOut}. */
  private static Curve read(Path log, Curve heldOut) {
    List<JsonNode> steps = new ArrayList<>();
    ObjectMapper json = new ObjectMapper();
    try {
      for (String line : Files.readAllLines(log)) {
        JsonNode step = json.readTree(line);
        if (!step.path("step").isInt() || !step.path("loss").isNumber()) {
          throw new IllegalArgumentException(
              log + ":" + (steps.size() + 1) + ": expected an object with step and loss");
        }
        steps.add(step);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(log + ": cannot be read: " + e.getMessage(), e);
    }
    Curve training = new Curve();
    int width = Math.max(1, steps.size() / POINTS);
    for (int from = 0; from + width <= steps.size(); from += width) {
      double sum = 0;
      for (JsonNode step : steps.subList(from, from + width)) {
        sum += step.path("loss").asDouble();
        if (step.has("heldOutLoss")) {
          heldOut.add(step.path("step").asInt(), step.path("heldOutLoss").asDouble());
        }
      }
      training.add(steps.get(from + width - 1).path("step").asInt(), sum / width);
    }
    return training;
  }
}
