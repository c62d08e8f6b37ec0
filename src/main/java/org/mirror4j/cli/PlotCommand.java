package org.mirror4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.mirror4j.checkpoint.AtomicFiles;
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
  private static final int WIDTH = 900;
  private static final int HEIGHT = 500;

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
    // No display is needed to draw into memory.
    System.setProperty("java.awt.headless", "true");
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .xAxisTitle("step")
            .yAxisTitle("loss (nats)")
            .theme(Styler.ChartTheme.Matlab)
            .build();
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE);
    for (Path log : logs) {
      String suffix = logs.size() == 1 ? "" : " " + log;
      Curve heldOut = new Curve();
      Curve training = read(log, heldOut);
      add(chart, "training" + suffix, training);
      add(chart, "held out" + suffix, heldOut);
    }
    try {
      AtomicFiles.writeFile(
          file,
          channel ->
              ImageIO.write(
                  BitmapEncoder.getBufferedImage(chart), "png", Channels.newOutputStream(channel)));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
    output.console().notice("written to " + file);
  }

  private static void add(XYChart chart, String name, Curve curve) {
    if (!curve.steps.isEmpty()) {
      chart.addSeries(name, curve.steps, curve.losses).setMarker(SeriesMarkers.NONE);
    }
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
