package org.mirror4j.eval;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Sets of scored pairs of words: {@code wordsim/}, at any depth, one set a {@code .txt} file. */
final class WordSimilarity implements TaskFamily {
  private static final String ALL = "wordsim";
  private static final String FOLDER = "wordsim";

  /** The only one in the layout of its authors. */
  private static final String SIMLEX_999 = "SimLex-999";

  /** Authors' files that collections have under other names, which are shown where both lie. */
  private static final Map<String, String> DOUBLES =
      Map.of(SIMLEX_999, "EN-SIMLEX-999", "rw", "EN-RW-STANFORD");

  @Override
  public List<String> names(DataFolder data) {
    List<String> names = new ArrayList<>(List.of(ALL));
    withoutDoubles(data).forEach(task -> names.add(task.name()));
    return names;
  }

  @Override
  public Optional<TaskGroup> find(TaskName name, DataFolder data) {
    if (name.is(ALL)) {
      return Optional.of(data.all(name, ALL, FOLDER, withoutDoubles(data)));
    }
    return tasks(data).stream().filter(task -> name.is(task.name())).findFirst().map(TaskGroup::of);
  }

  @Override
  public Optional<String> missing(DataFolder data) {
    return Optional.of(data.path(FOLDER))
        .filter(folder -> !Files.isDirectory(folder))
        .map("there is no folder %s"::formatted);
  }

  private static List<EvaluationTask> withoutDoubles(DataFolder data) {
    List<EvaluationTask> all = tasks(data);
    Set<String> names = all.stream().map(EvaluationTask::name).collect(Collectors.toSet());
    return all.stream()
        .filter(task -> !names.contains(DOUBLES.getOrDefault(task.name(), "")))
        .toList();
  }

  private static List<EvaluationTask> tasks(DataFolder data) {
    return data.files(FOLDER, ".txt").stream()
        .filter(file -> !DataFolder.stem(file).startsWith("README"))
        .filter(file -> !DataFolder.stem(file).startsWith("LICENSE"))
        .map(WordSimilarity::task)
        .toList();
  }

  private static EvaluationTask task(Path file) {
    String name = DataFolder.stem(file);
    return new SimilarityTask(
        name, file, name.equals(SIMLEX_999) ? PairFormat.SIMLEX_999 : PairFormat.WORD_SIMILARITY);
  }
}
