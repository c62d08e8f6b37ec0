package org.mirror4j.cli;

import org.mirror4j.eval.TaskGroup;
import org.mirror4j.eval.Tasks;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Tasks as options name them. */
final class AskedTask {
  private AskedTask() {}

  /**
   * The tasks of a name.
   *
   * @throws ParameterException if there is none of that name, or what follows it is wrong
   * @throws org.mirror4j.file.FileException if a file of the task is absent
   */
  static TaskGroup resolve(CommandLine command, Tasks tasks, String name) {
    try {
      return tasks.resolve(name);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command, e.getMessage(), e);
    }
  }
}
