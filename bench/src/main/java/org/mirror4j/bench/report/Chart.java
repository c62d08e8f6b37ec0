package org.mirror4j.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.style.Styler;
import org.mirror4j.file.AtomicFiles;

/** Bars: how many items a second each side works through, over the fastest side of its contest. */
final class Chart {
  private static final Pattern LONG_NUMBER = Pattern.compile("-?\\d+\\.\\d{3,}");

  private Chart() {}

  /**
   * Draws the contests of a group.
   *
   * @return false if there is nothing to compare
   */
  static boolean write(Path file, List<ResultRow> rows) throws IOException {
    // No display is needed to draw into a file.
    System.setProperty("java.awt.headless", "true");
    List<ResultRow> measured = rows.stream().filter(ResultRow::measured).toList();
    Map<String, Double> fastest = new LinkedHashMap<>();
    Set<String> sides = new LinkedHashSet<>();
    for (ResultRow row : measured) {
      fastest.merge(row.contest(), row.seconds(), Math::min);
      sides.add(row.side());
    }
    if (sides.size() < 2) {
      return false;
    }
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(1000)
            .height(420)
            .yAxisTitle("speed, fastest = 1")
            .theme(Styler.ChartTheme.Matlab)
            .build();
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setXAxisLabelRotation(20);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisMax(1.0);
    List<String> contests = List.copyOf(fastest.keySet());
    for (String side : sides) {
      List<Double> speeds = new ArrayList<>();
      for (String contest : contests) {
        speeds.add(
            measured.stream()
                .filter(r -> r.contest().equals(contest) && r.side().equals(side))
                .findFirst()
                .map(r -> fastest.get(contest) / r.seconds())
                .orElse(0.0));
      }
      chart.addSeries(side, contests, speeds);
    }
    String drawn = new String(ChartEncoder.getBytes(chart, "svg"), StandardCharsets.UTF_8);
    // Letters are drawn as outlines of sixteen digits a number: two after the point are enough.
    String shortened =
        LONG_NUMBER.matcher(drawn).replaceAll(n -> "%.2f".formatted(Double.parseDouble(n.group())));
    AtomicFiles.writeFile(file, shortened.getBytes(StandardCharsets.UTF_8));
    return true;
  }
}
