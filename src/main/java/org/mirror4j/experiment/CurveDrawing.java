package org.mirror4j.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Curves as a picture in SVG. The axis of values begins and ends near the curves, not at 0. */
record CurveDrawing(String title, String xAxis, String yAxis, List<Curve> curves) {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 420;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 40;
  private static final int BOTTOM = 60;
  private static final int TICKS = 5;

  /** Labels of the x axis stand no closer than this, so that none covers another. */
  private static final int LABEL_WIDTH = 44;

  private static final List<String> COLOURS = List.of("#1f6fb4", "#d9722e", "#4d9a45", "#8b5aa5");

  private Stream<Curve.Point> points() {
    return curves.stream().flatMap(curve -> curve.points().stream());
  }

  private double least(ToDoubleFunction<Curve.Point> of) {
    return points().mapToDouble(of).min().orElse(0);
  }

  private double most(ToDoubleFunction<Curve.Point> of) {
    return points().mapToDouble(of).max().orElse(1);
  }

  /** A range with some room; never empty. */
  private record Range(double from, double to) {
    static Range around(double least, double most) {
      double room = most > least ? 0.08 * (most - least) : 0.5;
      return new Range(least - room, most + room);
    }

    double share(double value) {
      return (value - from) / (to - from);
    }
  }

  /** The picture. */
  String svg() {
    Range x = Range.around(least(Curve.Point::x), most(Curve.Point::x));
    Range y = Range.around(least(p -> p.y() - p.spread()), most(p -> p.y() + p.spread()));
    List<String> parts = new ArrayList<>();
    parts.add(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                + " font-family=\"sans-serif\" font-size=\"13\">",
            WIDTH, HEIGHT));
    parts.add(format("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT));
    parts.add(text(WIDTH / 2.0, 22, "middle", title));
    parts.add(text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 16, "middle", xAxis));
    parts.add(
        format(
            "<text transform=\"translate(16 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>",
            (TOP + HEIGHT - BOTTOM) / 2, escaped(yAxis)));
    axes(parts, x, y);
    for (int i = 0; i < curves.size(); i++) {
      curve(parts, curves.get(i), COLOURS.get(i % COLOURS.size()), x, y);
      double line = TOP + 12.0 + 18 * i;
      parts.add(
          format(
              "<rect x=\"%d\" y=\"%.1f\" width=\"14\" height=\"4\" fill=\"%s\"/>",
              LEFT + 12, line - 4, COLOURS.get(i % COLOURS.size())));
      parts.add(text(LEFT + 32, line, "start", curves.get(i).name()));
    }
    parts.add("</svg>");
    return String.join("\n", parts) + "\n";
  }

  private void axes(List<String> parts, Range x, Range y) {
    parts.add(
        format(
            "<path d=\"M%d %d V%d H%d\" fill=\"none\" stroke=\"black\"/>",
            LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT));
    double last = Double.NEGATIVE_INFINITY;
    for (double value : points().mapToDouble(Curve.Point::x).sorted().distinct().toArray()) {
      if (across(x, value) - last >= LABEL_WIDTH) {
        last = across(x, value);
        parts.add(text(last, HEIGHT - BOTTOM + 20.0, "middle", number(value)));
      }
    }
    for (int tick = 0; tick < TICKS; tick++) {
      double value = y.from() + (tick + 0.5) / TICKS * (y.to() - y.from());
      parts.add(text(LEFT - 8, up(y, value) + 4, "end", format("%.2f", value)));
      parts.add(
          format(
              "<path d=\"M%d %.1f H%d\" stroke=\"#dddddd\"/>", LEFT, up(y, value), WIDTH - RIGHT));
    }
  }

  private static void curve(List<String> parts, Curve curve, String colour, Range x, Range y) {
    StringBuilder path = new StringBuilder();
    for (Curve.Point point : curve.points()) {
      path.append(path.isEmpty() ? "M" : " L");
      path.append(format("%.1f %.1f", across(x, point.x()), up(y, point.y())));
      parts.add(
          format(
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>",
              across(x, point.x()), up(y, point.y()), colour));
      if (point.spread() > 0) {
        parts.add(
            format(
                "<path d=\"M%.1f %.1f V%.1f\" stroke=\"%s\"/>",
                across(x, point.x()),
                up(y, point.y() - point.spread()),
                up(y, point.y() + point.spread()),
                colour));
      }
    }
    parts.add(format("<path d=\"%s\" fill=\"none\" stroke=\"%s\"/>", path, colour));
  }

  private static double across(Range x, double value) {
    return LEFT + x.share(value) * (WIDTH - LEFT - RIGHT);
  }

  private static double up(Range y, double value) {
    return HEIGHT - BOTTOM - y.share(value) * (HEIGHT - BOTTOM - TOP);
  }

  private static String number(double value) {
    return value == Math.rint(value) ? format("%.0f", value) : String.valueOf(value);
  }

  private static String text(double x, double y, String anchor, String text) {
    return format(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, escaped(text));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
