package org.mirror4j.eval;

import java.util.List;
import java.util.Optional;

/**
 * Tasks of one kind: it knows their names, where their files lie and how these are read, and no
 * other family. {@link Tasks} lists all.
 */
interface TaskFamily {
  /** Whether the files lie in the folder of the data sets, not where an argument says. */
  default boolean inDataFolder() {
    return true;
  }

  /**
   * The names that can be asked for, as they are shown.
   *
   * @param data null where {@link #inDataFolder} is false
   */
  List<String> names(DataFolder data);

  /**
   * The tasks of a name, their files not yet looked at; empty if the name is none of this family.
   *
   * @param name with an argument where {@link #inDataFolder} is false, and only there
   * @param data null where {@link #inDataFolder} is false
   * @throws IllegalArgumentException if the argument is wrong
   * @throws org.mirror4j.file.FileException if the name is that of all files of a folder and there
   *     are none
   */
  Optional<TaskGroup> find(TaskName name, DataFolder data);

  /**
   * Says that names come from files whose folder is missing; empty if they do not or it is there.
   */
  default Optional<String> missing(DataFolder data) {
    return Optional.empty();
  }
}
