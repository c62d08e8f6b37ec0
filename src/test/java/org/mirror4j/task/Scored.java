package org.mirror4j.task;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** What a scorer says, by the names of the figures, and what it tells beside. */
public record Scored(SequencedMap<String, Double> figures, List<String> notices) {
  /** Scores files that are there. */
  public static Scored of(Scorer scorer, ScoredFiles files) {
    SequencedMap<String, Double> figures = new LinkedHashMap<>();
    List<String> notices = new ArrayList<>();
    for (Figure figure : scorer.score(files, notices::add)) {
      if (figures.put(figure.name(), figure.value()) != null) {
        throw new AssertionError("two figures " + figure.name());
      }
    }
    return new Scored(figures, notices);
  }

  /** Scores texts, which become {@code gold} and {@code predictions} of a folder. */
  public static Scored of(Scorer scorer, Path folder, String gold, String predictions) {
    return of(scorer, files(folder, gold, predictions));
  }

  /** The same with numbers for no answer in {@code numbers}. */
  public static Scored of(
      Scorer scorer,
      Path folder,
      String gold,
      String predictions,
      String numbers,
      double threshold) {
    ScoredFiles files = files(folder, gold, predictions);
    Path scores = write(folder.resolve("numbers"), numbers);
    return of(
        scorer,
        new ScoredFiles(
            files.gold(),
            files.predictions(),
            Optional.of(new ScoredFiles.NoAnswer(scores, threshold))));
  }

  private static ScoredFiles files(Path folder, String gold, String predictions) {
    return new ScoredFiles(
        write(folder.resolve("gold"), gold), write(folder.resolve("predictions"), predictions));
  }

  private static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One value. */
  public double get(String name) {
    Double value = figures.get(name);
    if (value == null) {
      throw new AssertionError("no figure " + name + " in " + figures.keySet());
    }
    return value;
  }
}
