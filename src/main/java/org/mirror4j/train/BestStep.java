package org.mirror4j.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;

/** Which step of a run did best on held-out data, and for how long none did better. */
final class BestStep {
  private static final String QUALITY = "bestOnHeldOut";
  private static final String WORSE = "evaluationsSinceBest";
  private static final String UNTRAINED = "untrainedOnHeldOut";

  private double quality = Double.NEGATIVE_INFINITY;

  /** The quality before the first step; not a number where it was not measured. */
  private double untrained = Double.NaN;

  private int step;
  private int before;
  private int worse;

  /** Takes what the run began with, which no step has to be better than. */
  void begin(double quality) {
    untrained = quality;
  }

  /**
   * Takes a step.
   *
   * @param saved step of the last checkpoint
   * @return whether it is the best so far
   */
  boolean offer(int offered, double itsQuality, int saved) {
    if (itsQuality > quality) {
      quality = itsQuality;
      worse = 0;
      before = step <= saved ? step : before;
      step = offered;
      return true;
    }
    worse++;
    return false;
  }

  /** The step; absent before there is one. */
  OptionalInt step() {
    return step == 0 ? OptionalInt.empty() : OptionalInt.of(step);
  }

  /** The best before it, if no checkpoint is of it: 0 for none. */
  int before() {
    return before;
  }

  /** Times in a row that held-out data gave nothing better. */
  int worse() {
    return worse;
  }

  /** Whether what the run began with did better than every step. */
  boolean isWorseThanTheBegin() {
    return untrained > quality;
  }

  /** Writes what {@link #recall} and {@link #recallCheckpoint} read. */
  void write(ObjectNode progress) {
    if (quality > Double.NEGATIVE_INFINITY) {
      progress.put(QUALITY, quality);
    }
    if (worse > 0) {
      progress.put(WORSE, worse);
    }
    if (!Double.isNaN(untrained)) {
      progress.put(UNTRAINED, untrained);
    }
  }

  /** Goes on from a step that was kept. */
  void recall(int kept, JsonNode progress) {
    step = kept;
    quality = progress.path(QUALITY).asDouble(Double.NEGATIVE_INFINITY);
  }

  /** Goes on from a checkpoint, which may be of a later step. */
  void recallCheckpoint(JsonNode progress) {
    worse = progress.path(WORSE).asInt();
    untrained = progress.path(UNTRAINED).asDouble(Double.NaN);
  }
}
