package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Scored pairs of a data set whose format is known.
 *
 * @param files whose pairs are ranked together
 */
record SimilarityTask(String name, List<Path> files, PairFormat format, String remark)
    implements EvaluationTask {
  /** Of sets that were published in parts. */
  private static final Map<String, String> DEVELOPMENT_SETS =
      Map.of("stsb", "stsb-dev", "sickr", "sickr-trial", "sickr-all", "sickr-trial");

  SimilarityTask(String name, Path file, PairFormat format, String remark) {
    this(name, List.of(file), format, remark);
  }

  SimilarityTask(String name, Path file, PairFormat format) {
    this(name, file, format, "");
  }

  /** Parts of STS-B and of SICK have the names that their publishers gave them. */
  @Override
  public boolean isTestSet() {
    return !name.matches(".*-(train|dev|trial)");
  }

  @Override
  public Optional<String> developmentSet() {
    return Optional.ofNullable(DEVELOPMENT_SETS.get(name));
  }

  @Override
  public ScoredPairs read(Consumer<String> notices) {
    return files.stream()
        .map(file -> ScoredPairs.read(file, format))
        .reduce(ScoredPairs::and)
        .orElseThrow()
        .requireRanking(files.getFirst());
  }
}
