package org.mirror4j.task;

import java.util.List;
import java.util.function.Consumer;

/** What the official scorer of a task computes, from files of its form. */
public interface Scorer {
  /** The name of the task, in lower case, words parted by hyphens. */
  String name();

  /** What is measured of what, and the form of predictions, in a short line. */
  String description();

  /** Whether {@link ScoredFiles#noAnswer} means something to it. */
  default boolean takesNoAnswer() {
    return false;
  }

  /**
   * Reads both files and compares them.
   *
   * @param notices is told what is worth knowing of them
   * @return the figures in the order in which they are shown, those that stand for all first; names
   *     are unique
   * @throws org.mirror4j.file.FileException if a file is absent or not of the form, or the two do
   *     not belong together; the message names file and line or id, what was found and what was
   *     expected
   * @throws org.mirror4j.text.TextException likewise, of files of text
   */
  List<Figure> score(ScoredFiles files, Consumer<String> notices);
}
