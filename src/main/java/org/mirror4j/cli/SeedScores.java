package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.Runs;
import org.mirror4j.eval.TextTable;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.statistics.StudentT;
import org.mirror4j.train.ScoredStep;

/**
 * Scores of models that differ in their seed alone, with mean, sample standard deviation and the 95
 * % interval of the mean by Student's t.
 *
 * @param models at least one, with the same scores
 */
record SeedScores(List<Model> models) {
  /**
   * A model.
   *
   * @param folder name of its directory
   * @param best the step whose parameters it has
   */
  record Model(long seed, String folder, ScoredStep best) {
    private double score(String name) {
      return best.scores().getOrDefault(name, Double.NaN);
    }
  }

  /** The first of those that score highest by what decides; one that is not defined comes last. */
  Model best() {
    Model best = models.getFirst();
    for (Model model : models) {
      double quality = model.best.quality();
      if (quality > best.best.quality() || Double.isNaN(best.best.quality())) {
        best = model;
      }
    }
    return best;
  }

  private List<String> names() {
    return List.copyOf(models.getFirst().best.scores().sequencedKeySet());
  }

  private Runs runs(String score) {
    return new Runs(models.stream().map(model -> model.score(score)).toList());
  }

  /** What {@code seeds.json} holds. */
  ObjectNode json() {
    ObjectNode json = JsonFiles.object();
    ArrayNode all = json.putArray("seeds");
    for (Model model : models) {
      ObjectNode one = all.addObject().put("seed", model.seed).put("folder", model.folder);
      one.put("step", model.best.step());
      ObjectNode scores = one.putObject("scores");
      names().forEach(name -> scores.put(name, Measurement.defined(model.score(name))));
    }
    put(json.putObject("mean"), runs -> Optional.of(runs.mean()));
    if (models.size() > 1) {
      put(json.putObject("standardDeviation"), Runs::standardDeviation);
      ObjectNode intervals = json.putObject("interval95");
      for (String name : names()) {
        runs(name)
            .interval()
            .ifPresent(where -> intervals.putArray(name).add(where.low()).add(where.high()));
      }
    }
    return json.put("best", best().folder);
  }

  private void put(ObjectNode json, Function<Runs, Optional<Double>> value) {
    for (String name : names()) {
      json.put(name, value.apply(runs(name)).map(Measurement::defined).orElse(null));
    }
  }

  /** For a terminal, a line a seed. */
  String text() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(line("seed", "step", Function.identity()));
    for (Model model : models) {
      lines.add(
          line(
              String.valueOf(model.seed),
              "%,d".formatted(model.best.step()),
              name -> text(model.score(name))));
    }
    if (models.size() > 1) {
      lines.add(line("mean", "", name -> text(runs(name).mean())));
      lines.add(
          line(
              "standard deviation",
              "",
              name -> text(runs(name).standardDeviation().orElseThrow())));
      lines.add(line("95 % of the mean, from", "", name -> end(name, StudentT.Interval::low)));
      lines.add(line("to", "", name -> end(name, StudentT.Interval::high)));
    }
    return new TextTable(lines, 1).aligned() + "best on the dev set: " + best().folder + '\n';
  }

  private List<String> line(String first, String step, Function<String, String> cell) {
    List<String> line = new ArrayList<>(List.of(first, step));
    names().forEach(name -> line.add(cell.apply(name)));
    return line;
  }

  private String end(String name, ToDoubleFunction<StudentT.Interval> end) {
    return text(runs(name).interval().map(end::applyAsDouble).orElse(Double.NaN));
  }

  private static String text(double value) {
    return Double.isNaN(value) ? "n/a" : String.format(Locale.ROOT, "%.2f", value);
  }
}
