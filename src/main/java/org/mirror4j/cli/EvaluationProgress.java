package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.ModelEncoder;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.ProcessEnd;

/**
 * Tells what an evaluation is at and each value as soon as it is known; and the table of all values
 * when it ends, complete or not: closed, or the program interrupted, before {@link #finished}.
 */
final class EvaluationProgress implements ModelEncoder.Listener, AutoCloseable {
  private final Console console;
  private final ReportOutput output;
  private final int tasks;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final ProcessEnd.Registration interruption =
      ProcessEnd.stopping(() -> incomplete("interrupted"));
  private String column;
  private String model;
  private String task;
  private int begun;

  /**
   * @param output is filled here
   * @param tasks of each model
   */
  EvaluationProgress(Console console, ReportOutput output, int tasks) {
    this.console = console;
    this.output = output;
    this.tasks = tasks;
  }

  @Override
  public void notice(String message) {
    console.notice(message);
  }

  @Override
  public void warning(String message) {
    console.warning(message);
  }

  /**
   * A model is next.
   *
   * @param how its vectors are made, to stand under the title of its column
   * @param settings the same for programs
   */
  void model(String columnName, String modelName, String how, ObjectNode settings) {
    column = columnName;
    model = modelName;
    begun = 0;
    output.model(columnName, how, settings);
  }

  /** A task is next. */
  void begins(String taskName) {
    task = taskName;
    begun++;
  }

  @Override
  public void progress(String what, long done, long of) {
    if (console.json()) {
      console.event(
          "progress",
          JsonFiles.object().put("model", model).put("task", task).put(what, done).put("of", of));
    } else {
      console.notice(
          "%s, %d of %d: %s: %,d of %,d %s".formatted(model, begun, tasks, task, done, of, what));
    }
  }

  /** A value is known. */
  void measured(Measurement measurement) {
    output.add(column, measurement);
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
        JsonFiles.object()
            .put("model", model)
            .put("column", column)
            .put("task", measurement.task())
            .put("measure", measurement.measure().label())
            .put("items", measurement.items())
            .put("skippedLines", measurement.skippedLines());
    fields
        .put("value", Measurement.defined(measurement.value()))
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

  /** All is measured: shows the table and writes the files. */
  void finished() {
    if (ended.compareAndSet(false, true)) {
      console.result("report", output.json(true), output.table());
      output.write(true);
    }
  }

  /** Shows and writes what there is. */
  private void incomplete(String why) {
    if (ended.compareAndSet(false, true) && !output.isEmpty()) {
      String line = "NOT COMPLETE: %s; what is above was measured before".formatted(why);
      console.result("report", output.json(false), output.table() + line + "\n");
      output
          .onlyComplete()
          .forEach(file -> console.notice(file + ": not written, as it would look complete"));
      output.write(false);
    }
  }

  @Override
  public void close() {
    incomplete("failed");
    interruption.close();
  }
}
