package org.mirror4j.dataset;

import java.util.List;
import java.util.function.Consumer;

/** A form in which people have data sets. */
interface SourceForm {
  /**
   * Finds the form's files by their names and makes files of the layout of them.
   *
   * @param notices is told of what is passed over
   * @return none where there are no such files
   * @throws org.mirror4j.text.TextException if one is empty or not UTF-8
   * @throws org.mirror4j.file.FileException if one cannot be read
   * @throws IllegalArgumentException if a line does not fit; the message begins with file and line
   */
  List<LayoutFile> read(SourceFolder folder, Consumer<String> notices);
}
