package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Semantic textual similarity and SICK: {@code sts/joined/*.tsv}, one file a year or part. */
final class SentenceSimilarity implements TaskFamily {
  /** Files without their ending, by name. */
  private static final Map<String, String> FILES = new LinkedHashMap<>();

  /** The seven of the paper's table 3. */
  private static final List<String> AVERAGED =
      List.of("sts12", "sts13", "sts14", "sts15", "sts16", "stsb", "sickr");

  private static final String ALL = "sts";
  private static final String TRACKS_OF_2017 = "sts17";

  static {
    for (int year = 12; year <= 16; year++) {
      FILES.put("sts" + year, "20" + year + ".test");
    }
    FILES.put("stsb", "stsb.test");
    FILES.put("sickr", "sickr.test");
    FILES.put("stsb-dev", "stsb.dev");
    FILES.put("stsb-train", "stsb.train");
    FILES.put("sickr-trial", "sickr.trial");
    FILES.put("sickr-train", "sickr.train");
    FILES.put("sts17-ar-ar", "2017.track1.ar-ar");
    FILES.put("sts17-ar-en", "2017.track2.ar-en");
    FILES.put("sts17-es-es", "2017.track3.es-es");
    FILES.put("sts17-es-en-4a", "2017.track4a.es-en");
    FILES.put("sts17-es-en-4b", "2017.track4b.es-en");
    FILES.put("sts17-en-en", "2017.track5.en-en");
  }

  @Override
  public List<String> names(DataFolder data) {
    List<String> names = new ArrayList<>(FILES.keySet());
    names.addFirst(ALL);
    names.add(TRACKS_OF_2017);
    return names;
  }

  @Override
  public Optional<TaskGroup> find(TaskName name, DataFolder data) {
    if (name.is(ALL)) {
      return Optional.of(
          TaskGroup.averaged(ALL, AVERAGED.stream().map(task -> task(task, data)).toList()));
    }
    if (name.is(TRACKS_OF_2017)) {
      return Optional.of(
          new TaskGroup(
              TRACKS_OF_2017,
              FILES.keySet().stream()
                  .filter(task -> task.startsWith(TRACKS_OF_2017 + "-"))
                  .map(task -> task(task, data))
                  .toList(),
              false));
    }
    return Optional.of(name.key())
        .filter(FILES::containsKey)
        .map(task -> TaskGroup.of(task(task, data)));
  }

  private static EvaluationTask task(String name, DataFolder data) {
    Path file = data.path("sts/joined/" + FILES.get(name) + ".tsv");
    return new SimilarityTask(name, file, PairFormat.STS);
  }
}
