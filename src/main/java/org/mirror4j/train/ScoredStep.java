package org.mirror4j.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.mirror4j.file.FileException;

/**
 * Scores on held-out data after a step of a run, as {@code train.jsonl} has them.
 *
 * @param step counts from 1
 * @param scores by their names; the first decides, NaN where one is not defined
 */
public record ScoredStep(int step, SequencedMap<String, Double> scores) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Of the steps of a finished run the one whose parameters are its result: the first that did
   * best, or the last one where what decides was never defined.
   *
   * @param log {@code train.jsonl} of its output
   * @throws FileException if it cannot be read or has no scores
   */
  public static ScoredStep best(Path log) {
    ScoredStep best = null;
    try {
      for (String line : StepLog.lines(log)) {
        JsonNode step = JSON.readTree(line);
        if (step.path("scores").isObject() && !step.path("scores").isEmpty()) {
          ScoredStep scored = of(step);
          best = best == null || scored.isBetterThan(best) ? scored : best;
        }
      }
    } catch (JsonProcessingException e) {
      throw new FileException(log + ": a line is no JSON, expected the log of a run", e);
    } catch (IOException e) {
      throw FileException.of(log, e);
    }
    if (best == null) {
      throw new FileException(log + ": has no scores, expected those of a run with a dev set");
    }
    return best;
  }

  private static ScoredStep of(JsonNode step) {
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    step.path("scores")
        .properties()
        .forEach(
            score ->
                scores.put(
                    score.getKey(),
                    score.getValue().isNumber() ? score.getValue().doubleValue() : Double.NaN));
    return new ScoredStep(step.path("step").asInt(), scores);
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
