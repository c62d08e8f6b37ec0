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

  /** Writes a PNG file whole or not at all. */
  void write(Path file) {
    PngFile.write(file, () -> BitmapEncoder.getBufferedImage(chart));
  }
}
