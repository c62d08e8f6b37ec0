package org.mirror4j.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.mirror4j.file.JsonFiles;

/**
 * One line of {@code train.jsonl}.
 *
 * @param step counts from 1
 * @param epoch counts from 1
 * @param loss of the step's batch, before the update
 * @param learningRate of the update
 * @param size of the batch
 * @param unit what that counts, see {@link TrainingTask#unit}; its name in the line
 * @param seconds the step took, tokenising apart
 * @param heldOut what held-out data gives after the update, where it was asked
 * @param skipped whether the step made no update because the loss scale was too large for f16
 */
public record StepRecord(
    int step,
    int epoch,
    TrainingTask.Loss loss,
    double learningRate,
    int size,
    String unit,
    double seconds,
    Optional<TrainingTask.HeldOut> heldOut,
    boolean skipped) {
  /** How many of the unit were computed a second. */
  public double perSecond() {
    return size / seconds;
  }

  /** The line as JSON. */
  public ObjectNode toJson() {
    ObjectNode json = JsonFiles.object();
    json.put("step", step);
    json.put("epoch", epoch);
    json.put("loss", loss.total());
    put(json, "losses", loss);
    json.put("learningRate", learningRate);
    json.put(unit, size);
    json.put("seconds", seconds);
    heldOut.ifPresent(value -> put(json, value));
    if (skipped) {
      json.put("skipped", true);
    }
    return json;
  }

  /** What held-out data gave, as fields of an object. */
  public static void put(ObjectNode json, TrainingTask.HeldOut heldOut) {
    switch (heldOut) {
      case TrainingTask.Loss loss -> {
        json.put("heldOutLoss", loss.total());
        put(json, "heldOutLosses", loss);
      }
      case TrainingTask.Scores scores -> scores.values().forEach(json.putObject("scores")::put);
    }
  }

  /** By objective, where there are several. */
  private static void put(ObjectNode json, String key, TrainingTask.Loss loss) {
    if (!loss.parts().isEmpty()) {
      ObjectNode parts = json.putObject(key);
      loss.parts().forEach(parts::put);
    }
  }
}
