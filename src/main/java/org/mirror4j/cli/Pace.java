package org.mirror4j.cli;

import java.util.Locale;
import org.mirror4j.train.StepRecord;

/** How fast a run goes. */
final class Pace {
  /** Weight of the newest step in the running means. */
  private static final double NEWEST = 0.1;

  private final int firstStep;
  private final int steps;
  private final long start = System.nanoTime();
  private double loss = Double.NaN;
  private double perSecond = Double.NaN;
  private String unit;

  Pace(int firstStep, int steps) {
    this.firstStep = firstStep;
    this.steps = steps;
  }

  void add(StepRecord step) {
    loss = mean(loss, step.loss().total());
    perSecond = mean(perSecond, step.perSecond());
    unit = step.unit();
  }

  private static double mean(double before, double newest) {
    return Double.isNaN(before) ? newest : before + NEWEST * (newest - before);
  }

  /** Running means of loss and speed, named as such: a step's own loss is in train.jsonl. */
  String text() {
    return String.format(Locale.ROOT, "mean loss %.4f, %,.0f %s/s", loss, perSecond, unit);
  }

  /** Seconds that the rest takes at the mean speed so far, all work between steps included. */
  double secondsLeft(int step) {
    double done = step - firstStep + 1;
    return (System.nanoTime() - start) * 1e-9 / done * (steps - step);
  }
}
