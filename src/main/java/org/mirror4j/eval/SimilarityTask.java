package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Scored pairs of a data set whose format is known. */
record SimilarityTask(String name, Path file, PairFormat format, String remark)
    implements EvaluationTask {
  SimilarityTask(String name, Path file, PairFormat format) {
    this(name, file, format, "");
  }

  @Override
  public List<Path> files() {
    return List.of(file);
  }

  /** Parts of STS-B and of SICK have the names that their publishers gave them. */
  @Override
  public boolean isTestSet() {
    return !name.matches(".*-(train|dev|trial)");
  }

  @Override
  public ScoredPairs read(Consumer<String> notices) {
    return ScoredPairs.read(file, format).requireRanking(file);
  }
}
