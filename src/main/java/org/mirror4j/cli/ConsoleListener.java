package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.train.ResourceEstimate;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TrainingListener;
import org.mirror4j.train.TrainingTask;

/** Passes what is heard of a run to a console; how steps are shown is up to the kind. */
abstract sealed class ConsoleListener implements TrainingListener, AutoCloseable
    permits JsonListener, LineListener, BarListener {
  private final Console console;
  private final ProgressLines lines;
  private volatile boolean stepping;
  private volatile boolean finished;
  private volatile boolean stopRequested;

  ConsoleListener(Console console) {
    this.console = console;
    lines = new ProgressLines(console);
  }

  /**
   * The kind that fits: JSON, or a bar where standard error is a terminal, or lines.
   *
   * @param task a word for what is done
   */
  static ConsoleListener of(Console console, String task) {
    if (console.json()) {
      return new JsonListener(console);
    }
    // Set by the launcher: Java cannot tell for standard error.
    return Boolean.getBoolean("mirror4j.terminal")
        ? new BarListener(console, task)
        : new LineListener(console);
  }

  Console console() {
    return console;
  }

  /**
   * Asks the run to stop after the step that it is doing.
   *
   * @return whether it is doing steps or about to go on with them, so that it will
   */
  boolean requestStop() {
    stopRequested = true;
    return stepping;
  }

  /** Whether a run, perhaps one of several, is over and its output written. */
  boolean hasFinished() {
    return finished;
  }

  @Override
  public boolean stopRequested() {
    return stopRequested;
  }

  /** From here on the run says itself which step it ends after. */
  @Override
  public void resuming(int done) {
    stepping = true;
  }

  @Override
  public void started(int firstStep, int steps) {
    stepping = true;
  }

  @Override
  public void finished() {
    finished = true;
    stepping = false;
  }

  @Override
  public void notice(String message) {
    console.notice(message);
  }

  @Override
  public void warning(String message) {
    console.warning(message);
  }

  @Override
  public void progress(String what, long done, long of, double seconds) {
    lines.progress(what, done, of, seconds);
  }

  @Override
  public void settings(ObjectNode settings) {
    console.settings(settings);
  }

  @Override
  public void estimate(ResourceEstimate estimate) {
    if (console.json()) {
      console.event(
          "estimate",
          JsonFiles.object().put("bytes", estimate.bytes()).put("seconds", estimate.seconds()));
    } else {
      console.notice(
          "needs %s of memory and at least %s"
              .formatted(Units.bytes(estimate.bytes()), Units.seconds(estimate.seconds())));
    }
  }

  @Override
  public void untrained(TrainingTask.HeldOut heldOut) {
    if (console.json()) {
      ObjectNode event = JsonFiles.object();
      StepRecord.put(event, heldOut);
      console.event("untrained", event);
    } else {
      console.notice("before the first step: " + heldOut(heldOut));
    }
  }

  /** Scores, or a loss, by objective where there are several. */
  static String heldOut(TrainingTask.HeldOut heldOut) {
    return switch (heldOut) {
      case TrainingTask.Loss loss -> loss(loss);
      case TrainingTask.Scores scores ->
          scores.values().entrySet().stream()
              .map(score -> String.format(Locale.ROOT, "%s %.2f", score.getKey(), score.getValue()))
              .collect(Collectors.joining(", "));
    };
  }

  private static String loss(TrainingTask.Loss loss) {
    StringBuilder text =
        new StringBuilder(String.format(Locale.ROOT, "held-out loss %.4f", loss.total()));
    String before = " (";
    for (Map.Entry<String, Double> part : loss.parts().entrySet()) {
      text.append(String.format(Locale.ROOT, "%s%s %.4f", before, part.getKey(), part.getValue()));
      before = ", ";
    }
    return loss.parts().isEmpty() ? text.toString() : text.append(')').toString();
  }

  /** Ends what is drawn; nothing the second time. */
  void end() {}

  @Override
  public final void close() {
    end();
  }
}
