package org.mirror4j.eval;

import java.util.List;

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
}
