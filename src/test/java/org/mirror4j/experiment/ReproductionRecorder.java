package org.mirror4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.eval.Measurement;
import org.mirror4j.train.StepRecord;
import org.mirror4j.train.TinyRun;
import org.mirror4j.train.TrainingListener;

/** Keeps what a reproduction says, and ends it where a test wants that. */
final class ReproductionRecorder implements ReproductionListener {
  final List<String> notices = new ArrayList<>();
  final List<ReproducedTable> shown = new ArrayList<>();

  /** Tunings, evaluations, and scores that were known, of each plan. */
  final List<String> planned = new ArrayList<>();

  /** Tasks, as they are begun. */
  final List<String> measured = new ArrayList<>();

  /** Sets with their measures. */
  final List<String> scored = new ArrayList<>();

  /** The last one. */
  Plan plan;

  /** Of all trainings. */
  int steps;

  /** The step after which a training is asked to stop; the step at which it is killed. */
  int stopAt = -1;

  int killAt = -1;

  /** Fails when so many tasks have been begun. */
  int failAt = -1;

  @Override
  public void notice(String message) {
    notices.add(message);
  }

  @Override
  public void planned(List<ReproducedTable> tables, Plan all) {
    shown.addAll(tables);
    plan = all;
    planned.add("%d %d %d".formatted(all.tunings(), all.evaluations(), all.known()));
    assertThat(all.seconds() > 0)
        .isEqualTo(all.evaluations() + all.pretrainings() + all.fineTunings() > 0);
  }

  @Override
  public void model(String table, String variant, int number, int of, double secondsLeft) {}

  @Override
  public TrainingListener training() {
    return new TrainingListener() {
      @Override
      public void step(StepRecord step) {
        steps++;
        if (steps == killAt) {
          throw new TinyRun.Killed();
        }
      }

      @Override
      public boolean stopRequested() {
        return steps == stopAt;
      }
    };
  }

  @Override
  public void task(String task) {
    measured.add(task);
    if (measured.size() == failAt) {
      throw new IllegalStateException("interrupted");
    }
  }

  @Override
  public void progress(String what, long done, long of) {}

  @Override
  public void measured(Measurement measurement) {}

  @Override
  public void scored(String set, String measure, double value) {
    scored.add(set + " " + measure);
  }
}
