package org.mirror4j.cli;

import org.mirror4j.train.StepRecord;

/** A line now and then: for logs. */
final class LineListener extends ConsoleListener {
  private static final double SECONDS_BETWEEN = 5;
  private static final int MOST_LINES = 20;

  private int steps;
  private Pace pace;
  private long lastLine;
  private int nextStep;

  LineListener(Console console) {
    super(console);
  }

  @Override
  public void started(int firstStep, int steps) {
    super.started(firstStep, steps);
    this.steps = steps;
    pace = new Pace(firstStep, steps);
    lastLine = System.nanoTime();
    nextStep = firstStep + steps / MOST_LINES;
  }

  /** Whichever is rarer, five seconds or five percent; held-out data and the end in any case. */
  @Override
  public void step(StepRecord step) {
    pace.add(step);
    boolean due =
        step.step() >= nextStep && (System.nanoTime() - lastLine) * 1e-9 >= SECONDS_BETWEEN;
    if (due || step.step() == steps || step.heldOut().isPresent()) {
      StringBuilder line =
          new StringBuilder(
              "step %d/%d, epoch %d, %s".formatted(step.step(), steps, step.epoch(), pace.text()));
      step.heldOut().ifPresent(value -> line.append(", ").append(heldOut(value)));
      if (step.step() < steps) {
        line.append(", %s left".formatted(Units.seconds(pace.secondsLeft(step.step()))));
      }
      console().err().println(line);
      lastLine = System.nanoTime();
      nextStep = step.step() + steps / MOST_LINES;
    }
  }
}
