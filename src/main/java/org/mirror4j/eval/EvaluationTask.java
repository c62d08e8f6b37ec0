package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.mirror4j.file.FileException;

/** Something an encoder is measured on: a name and a file. */
public sealed interface EvaluationTask {
  /** Name in reports. */
  String name();

  /** What is read. */
  Path file();

  /**
   * Reads the file.
   *
   * @param notices is told what is worth knowing of it
   * @throws org.mirror4j.text.TextException if it is absent, empty or not UTF-8
   * @throws FileException if it cannot be read
   * @throws IllegalArgumentException if it is malformed or too small; the message names the file
   */
  TaskData read(Consumer<String> notices);

  /** Pairs of a data set whose format is known. */
  record SimilarityTask(String name, Path file, PairFormat format) implements EvaluationTask {
    @Override
    public TaskData read(Consumer<String> notices) {
      return checked(file, ScoredPairs.read(file, format));
    }
  }

  /**
   * Pairs of the user's own.
   *
   * @param columns null to find them, see {@link ScoredPairs#read(Path, Consumer)}
   */
  record OwnPairsTask(String name, Path file, ColumnChoice columns) implements EvaluationTask {
    @Override
    public TaskData read(Consumer<String> notices) {
      return checked(file, ScoredPairs.read(file, columns, notices));
    }
  }

  /** Texts of the user's own, one a line, whose vectors' isotropy is measured. */
  record IsotropyTask(String name, Path file) implements EvaluationTask {
    @Override
    public TaskData read(Consumer<String> notices) {
      return TextList.read(file, notices);
    }
  }

  private static ScoredPairs checked(Path file, ScoredPairs scored) {
    if (scored.pairs().size() < 2) {
      throw new IllegalArgumentException(file + ": 1 scored pair, expected at least 2");
    }
    return scored;
  }
}
