package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * {@code stsb-edit-distance} and the same of the other parts of STS-B: how far an encoder takes
 * sentences for alike that are written alike, see {@link PairsByEditDistance}.
 */
final class LexicalBias implements TaskFamily {
  private static final String SUFFIX = "-edit-distance";
  private static final List<String> SETS = List.of("stsb", "stsb-dev", "stsb-train");

  @Override
  public List<String> names(DataFolder data) {
    return SETS.stream().map(set -> set + SUFFIX).toList();
  }

  @Override
  public Optional<TaskGroup> find(TaskName name, DataFolder data) {
    return SETS.stream()
        .filter(set -> name.is(set + SUFFIX))
        .findFirst()
        .map(set -> TaskGroup.of(new Task(SentenceSimilarity.task(set, data))));
  }

  /**
   * The distances of a set of scored pairs.
   *
   * @param set is read
   */
  private record Task(SimilarityTask set) implements EvaluationTask {
    @Override
    public String name() {
      return set.name() + SUFFIX;
    }

    @Override
    public String remark() {
      return "distances of edits of whole words, in lower case";
    }

    @Override
    public boolean isTestSet() {
      return set.isTestSet();
    }

    @Override
    public List<Path> files() {
      return set.files();
    }

    @Override
    public TaskData read(Consumer<String> notices) {
      return new PairsByEditDistance(set.read(notices));
    }
  }
}
