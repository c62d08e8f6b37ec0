package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * A picture of loss curves. Apart from the command that draws it, so that the program starts where
 * the drawing library is left out.
 */
final class LossChart {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 500;

  /** Of the axes at the sides the second; losses have the first. */
  private static final int SCORES = 1;

  private final XYChart chart;

  LossChart() {
    // No display is needed to draw into memory.
    System.setProperty("java.awt.headless", "true");
    chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .xAxisTitle("step")
            .yAxisTitle("loss (nats)")
            .theme(Styler.ChartTheme.Matlab)
            .build();
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE);
  }

  /** A curve, unless it has no point. */
  void add(String name, List<Double> steps, List<Double> losses) {
    if (!steps.isEmpty()) {
      chart.addSeries(name, steps, losses).setMarker(SeriesMarkers.NONE);
    }
  }

  /** A curve of scores x 100, which have an axis of their own at the right. */
  void addScores(String name, List<Double> steps, List<Double> scores) {
    chart.setYAxisGroupTitle(SCORES, "score x 100");
    chart.getStyler().setYAxisGroupPosition(SCORES, Styler.YAxisPosition.Right);
    // With one evaluation an epoch there may be one point alone, which is no line.
    chart.addSeries(name, steps, scores).setMarker(SeriesMarkers.CIRCLE).setYAxisGroup(SCORES);
  }

  /** Writes a PNG file whole or not at all. */
  void write(Path file) {
    PngFile.write(file, () -> BitmapEncoder.getBufferedImage(chart));
  }
}
