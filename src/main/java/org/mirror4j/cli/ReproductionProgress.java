package org.mirror4j.cli;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.mirror4j.eval.Measurement;
import org.mirror4j.experiment.ReproducedTable;
import org.mirror4j.experiment.ReproductionListener;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.ProcessEnd;
import org.mirror4j.train.TrainingListener;

/**
 * Says how tables are done again. At a signal a training is stopped with a checkpoint, and what is
 * known of the tables is shown; a second signal ends the process at once.
 */
final class ReproductionProgress implements ReproductionListener, AutoCloseable {
  private final Console console;
  private final ConsoleListener training;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final CountDownLatch over = new CountDownLatch(1);
  private final ProcessEnd.Registration registration = ProcessEnd.stopping(this::stop);
  private volatile List<ReproducedTable> tables = List.of();
  private volatile boolean trains;
  private String model = "";
  private String task = "";

  ReproductionProgress(Console console) {
    this.console = console;
    training = ConsoleListener.of(console, "train");
  }

  @Override
  public void notice(String message) {
    console.notice(message);
  }

  @Override
  public void planned(List<ReproducedTable> all, Plan plan) {
    tables = all;
    if (console.json()) {
      console.event(
          "planned",
          JsonFiles.object()
              .put("pretrainings", plan.pretrainings())
              .put("tunings", plan.tunings())
              .put("fineTunings", plan.fineTunings())
              .put("evaluations", plan.evaluations())
              .put("known", plan.known())
              .put("seconds", plan.seconds()));
    } else {
      console.notice(
          "%s%,d models to tune, %s%,d to measure, %,d scores known: at least %s"
              .formatted(
                  toMake(plan.pretrainings(), "%,d models to pretrain, "),
                  plan.tunings(),
                  toMake(plan.fineTunings(), "%,d to fine-tune, "),
                  plan.evaluations(),
                  plan.known(),
                  Units.seconds(plan.seconds())));
    }
  }

  private static String toMake(int models, String format) {
    return models > 0 ? format.formatted(models) : "";
  }

  @Override
  public void model(String table, String variant, int number, int of, double secondsLeft) {
    model = "%s, %d of %d: %s".formatted(table, number, of, variant);
    if (console.json()) {
      console.event(
          "model",
          JsonFiles.object()
              .put("table", table)
              .put("variant", variant)
              .put("number", number)
              .put("of", of)
              .put("secondsLeft", secondsLeft));
    } else if (secondsLeft > 1) {
      console.notice("%s; at least %s left".formatted(model, Units.seconds(secondsLeft)));
    }
  }

  @Override
  public TrainingListener training() {
    trains = true;
    return training;
  }

  @Override
  public void task(String name) {
    trains = false;
    training.end();
    if (training.stopRequested()) {
      throw new IllegalStateException("interrupted after the last step");
    }
    task = name;
  }

  @Override
  public void progress(String what, long done, long of) {
    if (console.json()) {
      console.event("progress", JsonFiles.object().put("task", task).put(what, done).put("of", of));
    } else {
      console.notice("%s: %s: %,d of %,d %s".formatted(model, task, done, of, what));
    }
  }

  @Override
  public void measured(Measurement measurement) {
    if (console.json()) {
      console.event(
          "measurement",
          JsonFiles.object()
              .put("model", model)
              .put("task", measurement.task())
              .put("measure", measurement.measure().label())
              .put("value", Measurement.defined(measurement.value())));
    } else {
      console.notice(
          "%s: %s %s %s"
              .formatted(
                  model,
                  measurement.task(),
                  measurement.measure().label(),
                  measurement.measure().text(measurement.value())));
    }
  }

  @Override
  public void scored(String set, String measure, double value) {
    if (console.json()) {
      console.event(
          "score",
          JsonFiles.object()
              .put("model", model)
              .put("set", set)
              .put("measure", measure)
              .put("value", Measurement.defined(value)));
    } else {
      console.notice(
          "%s: %s %s %s"
              .formatted(
                  model,
                  set,
                  measure,
                  Double.isNaN(value) ? "n/a" : String.format(Locale.ROOT, "%.2f", value)));
    }
  }

  /** All is done: the tables are shown by whoever asked for them. */
  void finished() {
    ended.set(true);
  }

  /** A training is stopped after the step that it is doing, and kept; all else is made again. */
  private void stop() {
    DefaultSignals.restore();
    if (!trains || !training.requestStop()) {
      incomplete("interrupted");
      return;
    }
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void incomplete(String why) {
    training.end();
    if (ended.compareAndSet(false, true)) {
      for (ReproducedTable table : tables) {
        if (!table.isEmpty()) {
          console.result("table", table.json().put("complete", false), table.text());
        }
      }
      console.notice("NOT COMPLETE: %s; the same command goes on".formatted(why));
    }
  }

  @Override
  public void close() {
    incomplete(training.stopRequested() ? "interrupted" : "failed");
    registration.close();
    training.close();
    over.countDown();
  }
}
