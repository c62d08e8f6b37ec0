package org.mirror4j.eval;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Multi-SimLex, similarity of words (Vulic et al. 2020): one file a language, or a pair of
 * languages.
 *
 * @param all name of all that are there, and with a hyphen the beginning of each one's
 * @param paper languages that Mirror-BERT's paper reports, where these are not all; {@code
 *     ALL-paper} is them and their mean
 * @param folder of files {@code LLL.tsv} or {@code LLL-LLL.tsv}
 * @param substitute a folder that stands in where that one is missing; empty if none does
 * @param remark what is to be known of a value of the substitute
 */
record MultiSimLex(String all, List<String> paper, String folder, String substitute, String remark)
    implements TaskFamily {
  private static final String PAPER = "paper";

  static final MultiSimLex MONOLINGUAL =
      new MultiSimLex(
          "multisimlex",
          List.of("ENG", "FRA", "EST", "ARA", "CMN", "RUS", "SPA", "POL"),
          "multisimlex/pairs",
          "",
          "");

  static final MultiSimLex CROSS_LINGUAL =
      new MultiSimLex(
          "crosslingual",
          List.of(),
          "multisimlex/crosslingual",
          "multisimlex/crosslingual.RECONSTRUCTED",
          "pairs made anew of the monolingual sets, not the published ones");

  private String prefix() {
    return all + "-";
  }

  @Override
  public List<String> names(DataFolder data) {
    List<String> names = new ArrayList<>(List.of(all));
    if (!paper.isEmpty()) {
      names.add(prefix() + PAPER);
    }
    tasks(data).forEach(task -> names.add(task.name()));
    return names;
  }

  @Override
  public Optional<TaskGroup> find(TaskName name, DataFolder data) {
    if (name.is(all)) {
      return Optional.of(data.all(name, all, folder(data), tasks(data)));
    }
    if (!paper.isEmpty() && name.is(prefix() + PAPER)) {
      return Optional.of(
          TaskGroup.averaged(
              prefix() + PAPER, paper.stream().map(language -> task(data, language)).toList()));
    }
    if (!name.key().startsWith(prefix())) {
      return Optional.empty();
    }
    String languages = name.key().substring(prefix().length()).toUpperCase(Locale.ROOT);
    return Optional.of(TaskGroup.of(task(data, languages)));
  }

  private EvaluationTask task(DataFolder data, String languages) {
    return task(data, data.packed("%s/%s.tsv".formatted(folder(data), languages)));
  }

  private String folder(DataFolder data) {
    boolean substituted =
        !substitute.isEmpty()
            && !Files.isDirectory(data.path(folder))
            && Files.isDirectory(data.path(substitute));
    return substituted ? substitute : folder;
  }

  private List<EvaluationTask> tasks(DataFolder data) {
    return data.files(folder(data), ".tsv").stream().map(file -> task(data, file)).toList();
  }

  private EvaluationTask task(DataFolder data, Path file) {
    return new SimilarityTask(
        prefix() + DataFolder.stem(file),
        file,
        PairFormat.MULTI_SIMLEX,
        folder(data).equals(folder) ? "" : remark);
  }
}
