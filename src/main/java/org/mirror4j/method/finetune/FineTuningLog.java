package org.mirror4j.method.finetune;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFields;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.text.TextLines;

/** What {@code train.jsonl} of a fine-tuned model says. */
final class FineTuningLog {
  private static final String LOG = "train.jsonl";
  private static final String SCORES = "scores";

  private FineTuningLog() {}

  /**
   * The scores of the step whose model was kept: the first of those that did best in what decides.
   *
   * @param model directory
   * @return by their names, the one that decides first; empty where there is no log or nothing was
   *     scored
   * @throws FileException if a line of the log is none
   */
  static SequencedMap<String, Double> bestScores(Path model) {
    Path log = model.resolve(LOG);
    SequencedMap<String, Double> best = new LinkedHashMap<>();
    if (Files.exists(log)) {
      TextLines.each(log, notice -> {}, (number, line) -> keepBest(best, log + ":" + number, line));
    }
    return Collections.unmodifiableSequencedMap(best);
  }

  private static void keepBest(SequencedMap<String, Double> best, String place, String line) {
    ObjectNode step = JsonFiles.parseObject(line.getBytes(StandardCharsets.UTF_8), place);
    JsonFields fields = new JsonFields(step, place);
    if (!fields.has(SCORES)) {
      return;
    }
    SequencedMap<String, Double> scores = new LinkedHashMap<>();
    fields
        .object(SCORES)
        .properties()
        // A score that is not defined is no number in JSON.
        .forEach(score -> scores.put(score.getKey(), score.getValue().asDouble(Double.NaN)));
    boolean better =
        !scores.isEmpty()
            && scores.firstEntry().getValue()
                > (best.isEmpty() ? Double.NEGATIVE_INFINITY : best.firstEntry().getValue());
    if (better) {
      best.clear();
      best.putAll(scores);
    }
  }
}
