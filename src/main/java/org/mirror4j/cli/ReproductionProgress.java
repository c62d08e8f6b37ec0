package org.mirror4j.cli;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.mirror4j.eval.Measurement;
import org.mirror4j.experiment.ReproducedTable;
import org.mirror4j.experiment.ReproductionListener;
import org.mirror4j.file.ProcessEnd;
import org.mirror4j.train.TrainingListener;

/**
 * Says how tables are done again. At a signal a tuning is stopped with a checkpoint, and what is
 * known of the tables is shown; a second signal ends the process at once.
 */
final class ReproductionProgress implements ReproductionListener, AutoCloseable {
  private final Console console;
  private final ConsoleListener tuning;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final CountDownLatch over = new CountDownLatch(1);
  private final ProcessEnd.Registration registration = ProcessEnd.stopping(this::stop);
  private volatile List<ReproducedTable> tables = List.of();
  private volatile boolean tunes;
  private String model = "";
  private String task = "";

  ReproductionProgress(Console console) {
    this.console = console;
    tuning = ConsoleListener.of(console, "tune");
  }

  @Override
  public void notice(String message) {
    console.notice(message);
  }

  @Override
  public void planned(
      List<ReproducedTable> all, int tunings, int evaluations, int known, double seconds) {
    tables = all;
    if (console.json()) {
      console.event(
          "planned",
          Console.object()
              .put("tunings", tunings)
              .put("evaluations", evaluations)
              .put("known", known)
              .put("seconds", seconds));
    } else {
      console.notice(
          "%,d models to tune, %,d to measure, %,d scores known: at least %s"
              .formatted(tunings, evaluations, known, Units.seconds(seconds)));
    }
  }

  @Override
  public void model(String table, String variant, int number, int of, double secondsLeft) {
    model = "%s, %d of %d: %s".formatted(table, number, of, variant);
    if (console.json()) {
      console.event(
          "model",
          Console.object()
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
  public TrainingListener tuning() {
    tunes = true;
    return tuning;
  }

  @Override
  public void task(String name) {
    tunes = false;
    tuning.end();
    if (tuning.stopRequested()) {
      throw new IllegalStateException("interrupted after the last step");
    }
    task = name;
  }

  @Override
  public void texts(long done, long of) {
    if (console.json()) {
      console.event(
          "progress", Console.object().put("task", task).put("texts", done).put("of", of));
    } else {
      console.notice("%s: %s: %,d of %,d texts".formatted(model, task, done, of));
    }
  }

  @Override
  public void measured(Measurement measurement) {
    if (console.json()) {
      console.event(
          "measurement",
          Console.object()
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

  /** All is done: the tables are shown by whoever asked for them. */
  void finished() {
    ended.set(true);
  }

  /** A tuning is stopped after the step that it is doing, and kept; all else is made again. */
  private void stop() {
    DefaultSignals.restore();
    if (!tunes || !tuning.requestStop()) {
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
    tuning.end();
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
    incomplete(tuning.stopRequested() ? "interrupted" : "failed");
    registration.close();
    tuning.close();
    over.countDown();
  }
}
