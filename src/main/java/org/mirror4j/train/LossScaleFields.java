package org.mirror4j.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.optim.LossScaler;

/** The state of a loss scaler in the progress of a checkpoint; nothing where the scale is fixed. */
final class LossScaleFields {
  private static final String SCALE = "lossScale";
  private static final String GOOD_STEPS = "goodSteps";
  private static final String SKIPPED_STEPS = "skippedSteps";

  private LossScaleFields() {}

  static ObjectNode of(LossScaler scaler) {
    ObjectNode progress = JsonFiles.object();
    if (scaler.dynamic()) {
      LossScaler.State state = scaler.state();
      progress.put(SCALE, state.scale());
      progress.put(GOOD_STEPS, state.goodSteps());
      progress.put(SKIPPED_STEPS, state.skippedSteps());
    }
    return progress;
  }

  /**
   * Goes on from a checkpoint.
   *
   * @throws FileException if the fields are missing or no state of a scaler
   */
  static void restore(LossScaler scaler, ObjectNode progress, Path checkpoint) {
    if (!scaler.dynamic()) {
      return;
    }
    if (!progress.path(SCALE).isNumber()
        || !progress.path(GOOD_STEPS).isInt()
        || !progress.path(SKIPPED_STEPS).isInt()) {
      throw new FileException(
          "%s: progress is %s, expected numbers %s, %s and %s"
              .formatted(checkpoint, progress, SCALE, GOOD_STEPS, SKIPPED_STEPS));
    }
    try {
      scaler.restore(
          new LossScaler.State(
              progress.path(SCALE).floatValue(),
              progress.path(GOOD_STEPS).intValue(),
              progress.path(SKIPPED_STEPS).intValue()));
    } catch (IllegalArgumentException e) {
      throw new FileException(checkpoint + ": " + e.getMessage(), e);
    }
  }
}
