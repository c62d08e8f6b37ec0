package org.mirror4j.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Semantic textual similarity and SICK: {@code sts/joined/*.tsv}, one file a year or part, and
 * STS-B in other languages.
 */
final class SentenceSimilarity implements TaskFamily {
  /** Where a task's pairs lie below the folder of the data sets. */
  private record Source(List<String> files, PairFormat format, String remark) {
    static Source joined(String... stems) {
      return new Source(
          Stream.of(stems).map("sts/joined/%s.tsv"::formatted).toList(), PairFormat.STS, "");
    }

    /** The same pairs, ranked by sub-set. */
    Source weighted() {
      return new Source(
          files, PairFormat.STS_WITH_SUBSETS, "mean over the sub-sets, weighted by their pairs");
    }

    static Source translated(String language, String remark) {
      return new Source(
          List.of("sts/original/stsb-multi-mt/stsb-%s-test.csv".formatted(language)),
          PairFormat.TRANSLATED_STS_BENCHMARK,
          "STS-B translated by machine" + remark);
    }
  }

  private static final Map<String, Source> SOURCES = new LinkedHashMap<>();

  private static final String ALL = "sts";
  private static final String WEIGHTED = "-weighted";
  private static final String TRACKS_OF_2017 = "sts17";
  private static final String TRACK = TRACKS_OF_2017 + "-";

  static {
    for (int year = 12; year <= 16; year++) {
      SOURCES.put("sts" + year, Source.joined("20" + year + ".test"));
    }
    for (int year = 12; year <= 16; year++) {
      SOURCES.put("sts" + year + WEIGHTED, SOURCES.get("sts" + year).weighted());
    }
    SOURCES.put("stsb", Source.joined("stsb.test"));
    SOURCES.put("sickr", Source.joined("sickr.test"));
    SOURCES.put("stsb-dev", Source.joined("stsb.dev"));
    SOURCES.put("stsb-train", Source.joined("stsb.train"));
    SOURCES.put("sickr-trial", Source.joined("sickr.trial"));
    SOURCES.put("sickr-train", Source.joined("sickr.train"));
    // What the paper's table 3 calls SICK-R: with these pairs its figures of BERT come out.
    SOURCES.put("sickr-all", Source.joined("sickr.train", "sickr.trial", "sickr.test"));
    SOURCES.put(TRACK + "ar-ar", Source.joined("2017.track1.ar-ar"));
    SOURCES.put(TRACK + "ar-en", Source.joined("2017.track2.ar-en"));
    SOURCES.put(TRACK + "es-es", Source.joined("2017.track3.es-es"));
    SOURCES.put(TRACK + "es-en-4a", Source.joined("2017.track4a.es-en"));
    SOURCES.put(TRACK + "es-en-4b", Source.joined("2017.track4b.es-en"));
    SOURCES.put(TRACK + "en-en", Source.joined("2017.track5.en-en"));
    for (String language : List.of("de", "es", "fr", "it", "pl", "zh")) {
      SOURCES.put("stsb-" + language, Source.translated(language, ""));
    }
    SOURCES.put(
        "stsb-ru",
        Source.translated("ru", ", in place of the paper's Russian set, which is not published"));
  }

  /** Names of groups that have a mean, and their members. */
  private static final Map<String, List<String>> GROUPS = new LinkedHashMap<>();

  static {
    // The seven of the paper's table 3.
    GROUPS.put(ALL, List.of("sts12", "sts13", "sts14", "sts15", "sts16", "stsb", "sickr"));
    // The same as BERT-flow and whitening report them.
    GROUPS.put(
        ALL + WEIGHTED,
        GROUPS.get(ALL).stream()
            .map(task -> SOURCES.containsKey(task + WEIGHTED) ? task + WEIGHTED : task)
            .toList());
    GROUPS.put(
        TRACKS_OF_2017, SOURCES.keySet().stream().filter(task -> task.startsWith(TRACK)).toList());
    // Its table 4.
    GROUPS.put("multilingual-sts", List.of(TRACK + "es-es", TRACK + "ar-ar", "stsb-ru"));
  }

  @Override
  public List<String> names(DataFolder data) {
    List<String> names = new ArrayList<>(GROUPS.keySet());
    names.addAll(SOURCES.keySet());
    return names;
  }

  @Override
  public Optional<TaskGroup> find(TaskName name, DataFolder data) {
    if (GROUPS.containsKey(name.key())) {
      List<String> members = GROUPS.get(name.key());
      return Optional.of(
          TaskGroup.averaged(
              name.key(), members.stream().<EvaluationTask>map(task -> task(task, data)).toList()));
    }
    return Optional.of(name.key())
        .filter(SOURCES::containsKey)
        .map(task -> TaskGroup.of(task(task, data)));
  }

  /** The set of that name, which is that of one file. */
  static SimilarityTask task(String name, DataFolder data) {
    Source source = SOURCES.get(name);
    return new SimilarityTask(
        name, source.files().stream().map(data::packed).toList(), source.format(), source.remark());
  }
}
