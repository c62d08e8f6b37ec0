package org.mirror4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.encode.Bundled;
import org.mirror4j.eval.TextTable;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputPath;
import org.mirror4j.method.finetune.FineTunedModel;
import org.mirror4j.task.Figure;
import org.mirror4j.task.PredictedKind;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.Predictions;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.task.Scorer;
import org.mirror4j.task.classification.TableKind;

/**
 * Asks a fine-tuned model.
 *
 * @param kind of the task
 * @param maxLength tokens of an example; empty for the model's own
 */
record PredictionCall(
    Console console,
    DeviceOptions deviceOptions,
    ModelArgument model,
    PredictedKind kind,
    OptionalInt maxLength,
    Precision precision) {
  private static final String PROBABILITY = "probability";

  /** Stands for an answer that is none. */
  private static final String NONE = "(no answer)";

  /** Has a model that is open for as long as the work goes on. */
  private interface Work {
    void with(Device device, FineTunedModel tuned);
  }

  private void withModel(Work work) {
    try (Bundled bundled = Bundled.open();
        Device device = deviceOptions.open(console);
        FineTunedModel tuned =
            new FineTunedModel(model.path(console, bundled), model.text(), kind, maxLength)) {
      tuned
          .tunedFor()
          .filter(task -> !task.equals(kind.name()))
          .ifPresent(
              task ->
                  console.notice(
                      "%s was fine-tuned for %s and is asked for %s"
                          .formatted(model, task, kind.name())));
      console.settings(
          JsonFiles.object()
              .put("task", kind.name())
              .put("model", model.text())
              .put("maxLength", tuned.files().maxLength())
              .put("precision", precision.label()));
      work.with(device, tuned);
    }
  }

  /** Says what the model says of one text, or of two that belong together. */
  void answer(List<String> texts) {
    withModel(
        (device, tuned) -> {
          PredictedTask<?> asked = kind.ask(texts, tuned.files());
          Predictions said = tuned.predict(device, precision, asked, console::notice, done -> {});
          ObjectNode json = JsonFiles.object().put("task", kind.name());
          texts.forEach(json.putArray("texts")::add);
          said.rows().forEach(json.putArray("predictions")::add);
          console.result(
              "prediction",
              json,
              said.text().map(String::stripTrailing).orElseGet(() -> table(said.rows())));
        });
  }

  /** The probability first, then what is said. */
  private static String table(List<ObjectNode> rows) {
    List<List<String>> lines = new ArrayList<>();
    for (ObjectNode row : rows) {
      List<String> line = new ArrayList<>();
      if (row.has(PROBABILITY)) {
        line.add(String.format(Locale.ROOT, "%.4f", row.path(PROBABILITY).asDouble()));
      }
      row.properties()
          .forEach(
              field -> {
                // Places are for programs, who have no other way to them.
                if (!field.getKey().equals(PROBABILITY) && !field.getValue().isInt()) {
                  line.add(text(field.getValue()));
                }
              });
      lines.add(line);
    }
    return new TextTable(lines, lines.getFirst().size()).aligned().replaceAll("(?m) +$", "");
  }

  /** In one line, as each row has one. */
  private static String text(JsonNode value) {
    return value.asText().isEmpty() ? NONE : value.asText().replaceAll("\\s*\\R\\s*", " ");
  }

  /**
   * Writes what the model says of the texts of a file.
   *
   * @param nullOdds for how sure it is that there is no answer; null where that is not wanted
   * @param score whether the predictions are scored
   */
  void write(Path input, Path output, Path nullOdds, boolean score) {
    for (Path file : Stream.of(output, nullOdds).filter(path -> path != null).toList()) {
      OutputPath.requireApart(file, List.of(input, Path.of(model.text())));
    }
    withModel(
        (device, tuned) -> {
          PredictedTask<?> read = kind.read(input, score, tuned.files(), console::notice);
          Predictions said =
              tuned.predict(
                  device, precision, read, console::notice, progress(read.examples().size()));
          AtomicFiles.writeFile(output, said.file());
          ObjectNode json =
              JsonFiles.object()
                  .put("task", kind.name())
                  .put("input", input.toString())
                  .put("output", output.toString());
          if (nullOdds != null) {
            AtomicFiles.writeFile(nullOdds, said.noAnswerFile().orElseThrow());
            json.put("nullOdds", nullOdds.toString());
          }
          console.result("predictions", json, "written to " + output);
          if (score) {
            score(tuned, input, output);
          }
        });
  }

  private LongConsumer progress(int examples) {
    ProgressLines lines = new ProgressLines(console);
    long start = System.nanoTime();
    return done -> lines.progress("examples", done, examples, (System.nanoTime() - start) * 1e-9);
  }

  private void score(FineTunedModel tuned, Path gold, Path predictions) {
    Scorer scorer =
        kind instanceof TableKind table
            ? table.scorer(tuned.files())
            : ScoreCommand.SCORERS.stream()
                .filter(one -> one.name().equals(kind.name()))
                .findFirst()
                .orElseThrow();
    List<Figure> figures = scorer.score(new ScoredFiles(gold, predictions), console::notice);
    ObjectNode json =
        JsonFiles.object()
            .put("task", kind.name())
            .put("gold", gold.toString())
            .put("predictions", predictions.toString());
    json.set("figures", ScoreTable.json(figures));
    console.result("score", json, ScoreTable.of(scorer.name(), figures));
  }
}
