package org.mirror4j.cli;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.style.Styler;
import org.mirror4j.eval.EvaluationReport;
import org.mirror4j.eval.Measurement.Measure;

/**
 * A picture of norms and distances by frequency, a line for each of them and for each column of a
 * report. Apart from the command that draws it, so that the program starts where the drawing
 * library is left out.
 */
final class GeometryChart {
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 560;

  private static final List<Measure> MEASURES =
      List.of(
          Measure.MEAN_NORM,
          Measure.MEAN_DISTANCE_TO_3,
          Measure.MEAN_DISTANCE_TO_5,
          Measure.MEAN_DISTANCE_TO_7);

  /** The values of one measure in one column, by task. */
  private record Line(String name, Map<String, Double> values) {
    boolean isDefined() {
      return values.values().stream().allMatch(Double::isFinite);
    }
  }

  private GeometryChart() {}

  /**
   * Writes a PNG file whole or not at all; nothing where no column has values for all bands.
   *
   * @throws org.mirror4j.file.FileException if it cannot be written
   */
  static void write(Path file, EvaluationReport report) {
    List<Line> lines = new ArrayList<>();
    for (String column : report.columns()) {
      for (Measure measure : MEASURES) {
        lines.add(new Line(column + ": " + measure.label(), report.means(column, measure)));
      }
    }
    // A library's chart has one list of places for all its lines.
    int places = lines.stream().mapToInt(line -> line.values().size()).max().orElse(0);
    lines.removeIf(line -> line.values().size() < places || !line.isDefined());
    if (places > 0 && !lines.isEmpty()) {
      PngFile.write(file, () -> draw(lines));
    }
  }

  private static BufferedImage draw(List<Line> lines) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .xAxisTitle("frequency")
            .yAxisTitle("norm, distance")
            .theme(Styler.ChartTheme.Matlab)
            .build();
    chart.getStyler().setDefaultSeriesRenderStyle(CategorySeries.CategorySeriesRenderStyle.Line);
    // Points of one place stand above each other, not side by side as bars would.
    chart.getStyler().setOverlapped(true);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    for (Line line : lines) {
      chart.addSeries(
          line.name(), List.copyOf(line.values().keySet()), List.copyOf(line.values().values()));
    }
    return BitmapEncoder.getBufferedImage(chart);
  }
}
