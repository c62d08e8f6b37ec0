package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.mirror4j.eval.TextTable;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.task.Figure;
import org.mirror4j.task.Measure;

/** The figures of a scorer, for people and for programs. */
final class ScoreTable {
  private static final String ALL = "all";

  private ScoreTable() {}

  /** Each figure by its name. */
  static ObjectNode json(List<Figure> figures) {
    ObjectNode values = JsonFiles.object();
    for (Figure figure : figures) {
      if (figure.measure().unit() == Measure.Unit.COUNT) {
        values.put(figure.name(), Math.round(figure.value()));
      } else {
        // JSON has no NaN.
        values.put(figure.name(), Double.isNaN(figure.value()) ? null : figure.value());
      }
    }
    return values;
  }

  /** A row for each part, a column for each measure. */
  static String of(String task, List<Figure> figures) {
    List<Measure> measures = figures.stream().map(Figure::measure).distinct().toList();
    List<List<String>> lines = new ArrayList<>();
    lines.add(Stream.concat(Stream.of(task), measures.stream().map(Measure::title)).toList());
    figures.stream()
        .map(Figure::part)
        .distinct()
        .forEach(part -> lines.add(line(part, measures, figures)));
    return new TextTable(lines, 1).aligned().replaceAll("(?m) +$", "");
  }

  private static List<String> line(String part, List<Measure> measures, List<Figure> figures) {
    List<String> line = new ArrayList<>();
    line.add(part.isEmpty() ? ALL : part);
    for (Measure measure : measures) {
      line.add(
          figures.stream()
              .filter(figure -> figure.part().equals(part) && figure.measure().equals(measure))
              .map(figure -> measure.text(figure.value()))
              .findFirst()
              .orElse(""));
    }
    return line;
  }
}
