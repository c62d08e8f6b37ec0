package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.mirror4j.encode.FittingTexts;
import org.mirror4j.file.FileException;

/** Something an encoder is measured on: a name and files. */
public interface EvaluationTask {
  /** Name in reports. */
  String name();

  /** What is to be known beside each of its values; empty if nothing is. */
  default String remark() {
    return "";
  }

  /** Whether models are tested on it, and not only developed or trained. */
  default boolean isTestSet() {
    return true;
  }

  /**
   * Of a test set the name of the task whose data were published to choose on, where there is one.
   */
  default Optional<String> developmentSet() {
    return Optional.empty();
  }

  /** What is read, at least one; the first tells tasks of one name apart. */
  List<Path> files();

  /**
   * Reads the files.
   *
   * @param notices is told what is worth knowing of them
   * @throws org.mirror4j.text.TextException if one is absent, empty or not UTF-8
   * @throws FileException if one cannot be read
   * @throws IllegalArgumentException if one is malformed or too small; the message names the file
   */
  TaskData read(Consumer<String> notices);

  /**
   * The texts without the scores, for calibrations to be fitted on.
   *
   * @throws RuntimeException as {@link #read}
   */
  default FittingTexts fittingTexts(Consumer<String> notices) {
    TaskData data = read(notices);
    return new FittingTexts(name(), isTestSet(), data.arePairs(), data.texts());
  }

  /** The name of a task of a user's file: the file's without its folder. */
  static String title(Path file) {
    return (file.getFileName() == null ? file : file.getFileName()).toString();
  }
}
