package org.mirror4j.eval;

import java.util.List;

/**
 * Tasks asked for under one name.
 *
 * @param tasks in the order of the report
 * @param averaged whether the unweighted mean of the members' values is measured too, of each
 *     measure that has one
 */
public record TaskGroup(String name, List<EvaluationTask> tasks, boolean averaged) {
  public TaskGroup {
    tasks = List.copyOf(tasks);
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException("task " + name + ": no members");
    }
  }

  /** A task on its own. */
  static TaskGroup of(EvaluationTask task) {
    return new TaskGroup(task.name(), List.of(task), false);
  }

  /** Tasks and their mean. */
  static TaskGroup averaged(String name, List<EvaluationTask> tasks) {
    return new TaskGroup(name, tasks, true);
  }
}
