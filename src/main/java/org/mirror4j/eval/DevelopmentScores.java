package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.mirror4j.device.Device;
import org.mirror4j.file.FileHash;

/**
 * Scores of one encoder again and again on the same task, so that the best of its states can be
 * told. What decides is the {@link TaskData#quality} of the task, of a group its mean.
 *
 * <p>Whoever chooses by a test set has no test any more. So one whose development set is a task,
 * too, is refused by the name of that. Any other is taken with a warning: of most, as of
 * SimLex-999, no part was ever published to choose on.
 */
public final class DevelopmentScores {
  private final String name;
  private final TaskGroup group;
  private final EvaluationPlan plan;

  private DevelopmentScores(String name, TaskGroup group, EvaluationPlan plan) {
    this.name = name;
    this.group = group;
    this.plan = plan;
  }

  /**
   * Reads the files of a task.
   *
   * @param group what {@link Tasks#resolve} gives for the name
   * @param asked the name
   * @param notices is told what is worth knowing of the files
   * @param warnings is told of test sets
   * @throws IllegalArgumentException if these are several tasks that have no mean, none of their
   *     values says how good an encoder is, or another part of their data is there to choose on;
   *     and as {@link EvaluationPlan#of}
   */
  public static DevelopmentScores read(
      TaskGroup group, String asked, Consumer<String> notices, Consumer<String> warnings) {
    for (EvaluationTask task : group.tasks()) {
      Optional<String> part = task.developmentSet();
      if (part.isPresent()) {
        throw new IllegalArgumentException(
            "task %s: a test set, which nothing is chosen on, expected %s"
                .formatted(task.name(), part.get()));
      }
    }
    if (group.tasks().size() > 1 && !group.averaged()) {
      throw new IllegalArgumentException(
          "task %s: several sets without a mean, expected one of %s"
              .formatted(
                  asked,
                  group.tasks().stream()
                      .map(EvaluationTask::name)
                      .collect(Collectors.joining(", "))));
    }
    EvaluationPlan plan = EvaluationPlan.of(List.of(group), notices);
    for (String task : plan.tasks()) {
      if (plan.quality(task).isEmpty()) {
        throw new IllegalArgumentException(
            "task %s: its values do not say how good an encoder is, expected one of similarity, answers, linking or translation"
                .formatted(task));
      }
    }
    // Whoever names a file of their own knows what it is for.
    boolean own = new TaskName(asked).hasArgument();
    List<String> tests =
        group.tasks().stream()
            .filter(task -> task.isTestSet() && !own)
            .map(EvaluationTask::name)
            .toList();
    if (!tests.isEmpty()) {
      warnings.accept(
          "%s: models are tested on it; of one that was chosen on it, its score there is no test"
              .formatted(String.join(", ", tests)));
    }
    int colon = asked.lastIndexOf(':');
    boolean chosen = own && ColumnChoice.isChoice(asked.substring(colon + 1));
    return new DevelopmentScores(
        group.name() + (chosen ? asked.substring(colon) : ""), group, plan);
  }

  /** Name of the task; of a file of one's own with the columns that were asked for. */
  public String name() {
    return name;
  }

  /** What was read. */
  public List<Path> files() {
    return group.tasks().stream().flatMap(task -> task.files().stream()).distinct().toList();
  }

  /** Digest of the files. */
  public String hash() {
    return FileHash.whole(files());
  }

  /**
   * The scores of an encoder as it is now.
   *
   * @return by task and measure, as {@code stsb-dev Spearman}; the first decides, NaN where one is
   *     not defined
   */
  public SequencedMap<String, Double> of(Device device, MeasuredEncoder encoder) {
    List<Measurement> measured = new ArrayList<>();
    plan.evaluate(device, encoder, _ -> {}, measured::add);
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    measured.forEach(one -> scores.put(one.task() + ' ' + one.measure().label(), one.value()));
    if (plan.tasks().size() > 1) {
      // The mean comes last, and a measure that has none before it.
      Measurement.Measure quality = plan.quality(plan.tasks().getFirst()).orElseThrow();
      measured.stream()
          .filter(one -> quality.mean().filter(mean -> one.measure() == mean).isPresent())
          .map(one -> Map.entry(one.task() + ' ' + one.measure().label(), one.value()))
          .forEach(mean -> scores.putFirst(mean.getKey(), mean.getValue()));
    }
    return scores;
  }
}
