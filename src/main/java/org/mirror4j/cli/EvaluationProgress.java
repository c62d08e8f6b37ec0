package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.mirror4j.eval.EvaluationReport;
import org.mirror4j.eval.Measurement;

/**
 * Tells what an evaluation is at and each value as soon as it is known; and the table of all values
 * when it ends, complete or not: closed, or the program interrupted, before {@link #finished}.
 */
final class EvaluationProgress implements AutoCloseable {
  private final Console console;
  private final EvaluationReport report;
  private final int tasks;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final Thread hook = new Thread(() -> incomplete("interrupted"));
  private String column;
  private String model;
  private String task;
  private int begun;

  /**
   * @param report is filled here
   * @param tasks of each model
   */
  EvaluationProgress(Console console, EvaluationReport report, int tasks) {
    this.console = console;
    this.report = report;
    this.tasks = tasks;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * A model is next.
   *
   * @param how its vectors are made, to stand under the title of its column
   */
  void model(String columnName, String modelName, String how) {
    column = columnName;
    model = modelName;
    begun = 0;
    report.settings(columnName, how);
  }

  /** A task is next. */
  void begins(String taskName) {
    task = taskName;
    begun++;
  }

  /** So many texts of the task are done. */
  void at(long done, long of) {
    if (console.json()) {
      console.event(
          "progress",
          Console.object().put("model", model).put("task", task).put("texts", done).put("of", of));
    } else {
      console.notice(
          "%s, %d of %d: %s: %,d of %,d texts".formatted(model, begun, tasks, task, done, of));
    }
  }

  /** A value is known. */
  void measured(Measurement measurement) {
    report.add(column, measurement);
    if (console.json()) {
      console.event("measurement", json(measurement));
      return;
    }
    StringBuilder line = new StringBuilder();
    line.append(
        "%s, %d of %d: %s: %s %s, %,d items"
            .formatted(
                model,
                begun,
                tasks,
                measurement.task(),
                measurement.measure().label(),
                measurement.measure().text(measurement.value()),
                measurement.items()));
    if (measurement.skippedLines() > 0) {
      line.append(", %,d without a score skipped".formatted(measurement.skippedLines()));
    }
    measurement.notes().forEach(note -> line.append("; ").append(note));
    console.notice(line.toString());
  }

  private ObjectNode json(Measurement measurement) {
    ObjectNode fields =
        Console.object()
            .put("model", model)
            .put("column", column)
            .put("task", measurement.task())
            .put("measure", measurement.measure().label())
            .put("items", measurement.items())
            .put("skippedLines", measurement.skippedLines());
    // JSON has no NaN.
    fields.put("value", Double.isFinite(measurement.value()) ? measurement.value() : null);
    fields
        .put("texts", measurement.coverage().texts())
        .put("cutTexts", measurement.coverage().cutTexts())
        .put("unknownShare", measurement.coverage().unknownShare())
        .put("known", measurement.coverage().isKnown());
    List<String> notes = measurement.notes();
    if (!notes.isEmpty()) {
      notes.forEach(fields.putArray("notes")::add);
    }
    return fields;
  }

  /**
   * All is measured: shows the table.
   *
   * @param json the report with what else belongs to it
   */
  void finished(ObjectNode json) {
    if (ended.compareAndSet(false, true)) {
      console.result("report", json.put("complete", true), report.table());
    }
  }

  /** Shows what there is of the table. */
  private void incomplete(String why) {
    if (ended.compareAndSet(false, true) && !report.isEmpty()) {
      String line = "NOT COMPLETE: %s; what is above was measured before".formatted(why);
      console.result("report", report.json().put("complete", false), report.table() + line + "\n");
    }
  }

  @Override
  public void close() {
    incomplete("failed");
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is being interrupted: the hook has its turn, or has had it.
      ended.set(true);
    }
  }
}
