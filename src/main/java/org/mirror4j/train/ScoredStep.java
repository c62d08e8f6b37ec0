package org.mirror4j.train;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;

/**
 * Scores on held-out data after a step of a run, as {@code train.jsonl} has them.
 *
 * @param step counts from 1
 * @param scores by their names; the first decides, NaN where one is not defined
 */
public record ScoredStep(int step, SequencedMap<String, Double> scores) {
  private static final String SCORES = "scores";

  /**
   * Of the steps of a finished run the one whose parameters are its result: the first that did
   * best, or the last one where what decides was never defined.
   *
   * @param model its output
   * @throws FileException if its log is absent or cannot be read, a line of it is none, or it has
   *     no scores
   */
  public static ScoredStep best(Path model) {
    return find(model)
        .orElseThrow(
            () ->
                new FileException(
                    model.resolve(StepLog.NAME)
                        + ": has no scores, expected those of a run with a dev set"));
  }

  /**
   * The same of a run that may have had no dev set, or left no log, as of models made elsewhere.
   *
   * @param model its output
   * @throws FileException if its log cannot be read or a line of it is none
   */
  public static Optional<ScoredStep> find(Path model) {
    ScoredStep best = null;
    for (ScoredStep scored : all(model)) {
      best = best == null || scored.isBetterThan(best) ? scored : best;
    }
    return Optional.ofNullable(best);
  }

  /**
   * All of a run, in their order, or none where it left no log.
   *
   * @param model its output
   * @throws FileException if its log cannot be read or a line of it is none
   */
  public static List<ScoredStep> all(Path model) {
    Path log = model.resolve(StepLog.NAME);
    if (!Files.exists(log)) {
      return List.of();
    }
    List<String> lines;
    try {
      lines = StepLog.lines(log);
    } catch (IOException e) {
      throw FileException.of(log, e);
    }
    List<ScoredStep> all = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String place = log + ":" + (i + 1);
      byte[] line = lines.get(i).getBytes(StandardCharsets.UTF_8);
      JsonFields step = new JsonFields(JsonFiles.parseObject(line, place), place);
      if (step.has(SCORES)) {
        ScoredStep scored = of(step);
        if (!scored.scores.isEmpty()) {
          all.add(scored);
        }
      }
    }
    return all;
  }

  private static ScoredStep of(JsonFields step) {
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    step.object(SCORES)
        .properties()
        // A score that is not defined is no number in JSON.
        .forEach(score -> scores.put(score.getKey(), score.getValue().asDouble(Double.NaN)));
    return new ScoredStep(step.positive("step"), scores);
  }

  /** What decides. */
  public double quality() {
    return scores.firstEntry().getValue();
  }

  /** Whether what decides is higher here, or is not defined there. */
  private boolean isBetterThan(ScoredStep other) {
    return Double.isNaN(other.quality()) || quality() > other.quality();
  }
}
