package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * {@code qnli}: does a sentence answer a question? Told by the cosine of their vectors alone, on
 * the development set of QNLI in GLUE's own form, {@code qnli/dev.tsv} or {@code dev.tsv.gz} (Liu
 * et al. 2021, section 4, question-answer entailment).
 */
final class AnswerMatching implements TaskFamily {
  private static final String NAME = "qnli";

  @Override
  public List<String> names(DataFolder data) {
    return List.of(NAME);
  }

  @Override
  public Optional<TaskGroup> find(TaskName name, DataFolder data) {
    return name.is(NAME)
        ? Optional.of(TaskGroup.of(new Task(data.packed("qnli/dev.tsv"))))
        : Optional.empty();
  }

  private record Task(Path file) implements EvaluationTask {
    @Override
    public String name() {
      return NAME;
    }

    @Override
    public List<Path> files() {
      return List.of(file);
    }

    @Override
    public TaskData read(Consumer<String> notices) {
      return AnswerPairs.read(file, notices);
    }
  }
}
