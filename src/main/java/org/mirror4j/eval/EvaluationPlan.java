package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.mirror4j.device.Device;
import org.mirror4j.encode.FittingTexts;
import org.mirror4j.file.FileException;

/**
 * What is measured on each model, in order: the tasks of some groups, their files read, each set of
 * data once however often it is asked for and under however many names it lies in the folder; and
 * the means of groups.
 */
public final class EvaluationPlan {
  /** Data by the name in the report. */
  private final SequencedMap<String, TaskData> tasks = new LinkedHashMap<>();

  private final Map<TaskData, String> names = new HashMap<>();
  private final Map<String, String> remarks = new HashMap<>();
  private final Map<String, List<Path>> files = new HashMap<>();
  private final Set<String> testSets = new HashSet<>();

  /** A group's name in the report and the tasks that its mean is of. */
  private record Mean(String name, List<String> members) {
    /** The means of the measures that all members have. */
    List<Measurement> of(Map<String, List<Measurement>> measured) {
      List<Measurement> means = new ArrayList<>();
      for (Measurement first : measured.get(members.getFirst())) {
        List<Measurement> values =
            members.stream()
                .flatMap(member -> measured.get(member).stream())
                .filter(measurement -> measurement.measure() == first.measure())
                .toList();
        if (first.measure().mean().isPresent() && values.size() == members.size()) {
          means.add(mean(name, first.measure().mean().get(), values));
        }
      }
      return means;
    }
  }

  /** The means that are complete with a task, by that task. */
  private final Map<String, List<Mean>> means = new HashMap<>();

  private EvaluationPlan() {}

  /**
   * Reads all files, so that what is wrong with one is told before anything is computed.
   *
   * @param notices is told of sets that are measured under another name, and what is worth knowing
   *     of files
   * @throws org.mirror4j.text.TextException if a file is absent, empty or not UTF-8
   * @throws FileException if one cannot be read
   * @throws IllegalArgumentException if one is malformed; the message names it
   */
  public static EvaluationPlan of(List<TaskGroup> groups, Consumer<String> notices) {
    EvaluationPlan plan = new EvaluationPlan();
    for (TaskGroup group : new LinkedHashSet<>(groups)) {
      List<String> members =
          group.tasks().stream().map(task -> plan.add(task, notices)).distinct().toList();
      if (group.averaged() && members.size() > 1) {
        String last = members.stream().reduce((a, b) -> plan.isAfter(b, a) ? b : a).orElseThrow();
        plan.means
            .computeIfAbsent(last, task -> new ArrayList<>())
            .add(new Mean(group.name(), members));
      }
    }
    return plan;
  }

  /** The name of a task's data in the report, which is another's where the data are the same. */
  private String add(EvaluationTask task, Consumer<String> notices) {
    TaskData data = task.read(notices);
    String known = names.get(data);
    if (known == null) {
      known = freeName(task);
      names.put(data, known);
      tasks.put(known, data);
      remarks.put(known, task.remark());
      files.put(known, List.copyOf(task.files()));
      if (task.isTestSet()) {
        testSets.add(known);
      }
    } else if (!known.equals(task.name())) {
      notices.accept(
          "%s holds the same as %s: measured once, as %s".formatted(task.name(), known, known));
    }
    return known;
  }

  /** Files of one name in two folders are told apart by their paths, and else by numbers. */
  private String freeName(EvaluationTask task) {
    String name = tasks.containsKey(task.name()) ? task.files().getFirst().toString() : task.name();
    String free = name;
    for (int i = 2; tasks.containsKey(free); i++) {
      free = "%s (%d)".formatted(name, i);
    }
    return free;
  }

  private boolean isAfter(String task, String other) {
    List<String> order = List.copyOf(tasks.keySet());
    return order.indexOf(task) > order.indexOf(other);
  }

  /**
   * Requires of a model what the tasks ask for beside vectors.
   *
   * @param model directory
   * @param name of the model, for messages
   * @throws FileException naming what is missing
   */
  public void require(Path model, String name) {
    tasks.values().forEach(data -> data.require(model, name));
  }

  /** Names of the tasks, in order. */
  public List<String> tasks() {
    return List.copyOf(tasks.keySet());
  }

  /** The measure of a task of which more is a better encoder, see {@link TaskData#quality}. */
  Optional<Measurement.Measure> quality(String task) {
    return tasks.get(task).quality();
  }

  /** The files that a task was read from. */
  public List<Path> files(String task) {
    return files.get(task);
  }

  /** All texts of a task that vectors are asked for, those that occur often as often. */
  public List<String> texts(String task) {
    return tasks.get(task).texts();
  }

  /** The texts of a task without the scores, for calibrations to be fitted on. */
  public FittingTexts fittingTexts(String task) {
    TaskData data = tasks.get(task);
    return new FittingTexts(task, testSets.contains(task), data.arePairs(), data.texts());
  }

  /** Where the measurements of a task come from: an encoder, or what was measured before. */
  @FunctionalInterface
  public interface Measuring {
    /**
     * Measurements of a task.
     *
     * @param measure measures the task on an encoder
     */
    List<Measurement> of(String task, Function<MeasuredEncoder, List<Measurement>> measure);
  }

  /**
   * Measures an encoder on the tasks in order, each measurement handed on as soon as it is there. A
   * mean follows its last member, one of each measure that has a mean and that all members have: it
   * is that of the members in languages that the model has, its items are those of all members
   * together; NaN if one value is, or if no member is left.
   *
   * @param device of the calling thread, which the tasks may use beside the encoder
   * @param begins is told the name of each task before it is measured
   * @throws IllegalStateException if the encoder's vectors cannot be used; the message names the
   *     task
   */
  public void evaluate(
      Device device,
      MeasuredEncoder encoder,
      Consumer<String> begins,
      Consumer<Measurement> measurements) {
    evaluateWith(device, (task, measure) -> measure.apply(encoder), begins, measurements);
  }

  /** The same where some tasks may have been measured before. */
  public void evaluateWith(
      Device device,
      Measuring measuring,
      Consumer<String> begins,
      Consumer<Measurement> measurements) {
    Map<String, List<Measurement>> measured = new HashMap<>();
    tasks.forEach(
        (task, data) -> {
          begins.accept(task);
          measured.put(
              task,
              measuring.of(task, encoder -> measure(task, data, device, encoder)).stream()
                  .map(measurement -> measurement.withRemark(remarks.get(task)))
                  .toList());
          measured.get(task).forEach(measurements);
          for (Mean mean : means.getOrDefault(task, List.of())) {
            mean.of(measured).forEach(measurements);
          }
        });
  }

  private static List<Measurement> measure(
      String task, TaskData data, Device device, MeasuredEncoder encoder) {
    Coverage coverage = data.coverage(encoder);
    try {
      return data.measure(task, device, encoder).stream()
          .map(m -> m.withCoverage(coverage))
          .toList();
    } catch (IllegalStateException e) {
      throw new IllegalStateException(task + ": " + e.getMessage(), e);
    }
  }

  private static Measurement mean(
      String name, Measurement.Measure measure, List<Measurement> members) {
    List<Measurement> known = members.stream().filter(m -> m.coverage().isKnown()).toList();
    return new Measurement(
        name,
        measure,
        known.stream().mapToDouble(Measurement::value).average().orElse(Double.NaN),
        members.stream().mapToInt(Measurement::items).sum(),
        members.stream().mapToInt(Measurement::skippedLines).sum(),
        members.stream().map(Measurement::coverage).reduce(Coverage.NONE, Coverage::plus),
        remark(members, known));
  }

  private static String remark(List<Measurement> members, List<Measurement> known) {
    List<String> remarks = new ArrayList<>();
    if (known.size() < members.size()) {
      remarks.add(
          "mean of %d of %d sets, without those of words unknown to the model: %s"
              .formatted(
                  known.size(),
                  members.size(),
                  tasks(members.stream().filter(m -> !m.coverage().isKnown()).toList())));
    }
    List<Measurement> undefined = known.stream().filter(m -> Double.isNaN(m.value())).toList();
    if (!undefined.isEmpty()) {
      remarks.add("not defined for " + tasks(undefined));
    }
    return String.join("; ", remarks);
  }

  private static String tasks(List<Measurement> measurements) {
    return measurements.stream().map(Measurement::task).collect(Collectors.joining(", "));
  }
}
