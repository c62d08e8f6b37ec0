package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Multi-SimLex, similarity of words: {@code multisimlex/pairs/LLL.tsv}, one file a language. */
final class MultiSimLex implements TaskFamily {
  private static final String ALL = "multisimlex";
  private static final String PREFIX = ALL + "-";
  private static final String FOLDER = "multisimlex/pairs";

  @Override
  public List<String> names(DataFolder data) {
    List<String> names = new ArrayList<>(List.of(ALL));
    tasks(data).forEach(task -> names.add(task.name()));
    return names;
  }

  @Override
  public Optional<TaskGroup> find(TaskName name, DataFolder data) {
    if (name.is(ALL)) {
      return Optional.of(data.all(name, ALL, FOLDER, tasks(data)));
    }
    if (!name.key().startsWith(PREFIX)) {
      return Optional.empty();
    }
    String language = name.key().substring(PREFIX.length()).toUpperCase(Locale.ROOT);
    return Optional.of(TaskGroup.of(task(data.path(FOLDER).resolve(language + ".tsv"))));
  }

  private static List<EvaluationTask> tasks(DataFolder data) {
    return data.files(FOLDER, ".tsv").stream().map(MultiSimLex::task).toList();
  }

  private static EvaluationTask task(Path file) {
    return new SimilarityTask(PREFIX + DataFolder.stem(file), file, PairFormat.MULTI_SIMLEX);
  }
}
