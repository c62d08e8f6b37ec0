package org.mirror4j.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Tasks asked for under one name.
 *
 * @param tasks in the order of the report
 * @param averaged whether the unweighted mean of the members' Spearman values is measured too
 */
public record TaskGroup(String name, List<EvaluationTask> tasks, boolean averaged) {
  public TaskGroup {
    tasks = List.copyOf(tasks);
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException("task " + name + ": no members");
    }
  }

  /**
   * Measures the encoder on the tasks in order, each measurement handed on as soon as it is there.
   * The mean comes last: its items are the pairs of all members together; NaN if one value is.
   */
  public void evaluate(Encoder encoder, Consumer<Measurement> results) {
    List<Measurement> members = new ArrayList<>();
    for (EvaluationTask task : tasks) {
      for (Measurement measurement : task.evaluate(encoder)) {
        members.add(measurement);
        results.accept(measurement);
      }
    }
    if (averaged) {
      results.accept(
          new Measurement(
              name,
              Measurement.Measure.MEAN_SPEARMAN,
              members.stream().mapToDouble(Measurement::value).average().orElseThrow(),
              members.stream().mapToInt(Measurement::items).sum(),
              members.stream().mapToInt(Measurement::skippedLines).sum()));
    }
  }
}
