package org.mirror4j.cli;

import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.mirror4j.train.StepRecord;

/** A bar drawn in place: for terminals. */
final class BarListener extends ConsoleListener {
  private static final int UPDATE_MILLIS = 250;

  private final String task;
  private Pace pace;
  private ProgressBar bar;
  private int steps;

  BarListener(Console console, String task) {
    super(console);
    this.task = task;
  }

  @Override
  public void started(int firstStep, int steps) {
    super.started(firstStep, steps);
    this.steps = steps;
    pace = new Pace(firstStep, steps);
    bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(steps)
            .startsFrom(firstStep - 1, Duration.ZERO)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .hideEta()
            .build();
  }

  @Override
  public void step(StepRecord step) {
    pace.add(step);
    String left =
        step.step() == steps
            ? ""
            : ", %s left".formatted(Units.seconds(pace.secondsLeft(step.step())));
    bar.setExtraMessage(" " + pace.text() + left);
    bar.stepTo(step.step());
    if (step.heldOut().isPresent()) {
      bar.pause();
      console()
          .err()
          .println(
              String.format(
                  Locale.ROOT,
                  "%nstep %d/%d, %s",
                  step.step(),
                  steps,
                  heldOut(step.heldOut().get())));
      bar.resume();
    }
  }

  @Override
  void end() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
