package org.mirror4j.method.flow;

/** Which vectors a step sees: a function of its number. */
final class FlowBatches {
  /** Vectors that a flow begins with at least: as many as a step of the recipes has. */
  private static final int LEAST_BEGINNING = 32;

  private final FlowVectors vectors;
  private final FlowSettings settings;
  private final int batchSize;
  private final int stepsPerEpoch;
  private final int steps;
  private int orderedEpoch = -1;
  private int[] order;

  /**
   * @param vectors which need not be there before one is asked for
   * @throws IllegalArgumentException if there are fewer than 2, or more steps than can be counted
   */
  FlowBatches(FlowVectors vectors, FlowSettings settings) {
    if (vectors.size() < 2) {
      throw new IllegalArgumentException(
          "a flow is trained on %d %s, expected at least 2"
              .formatted(vectors.size(), vectors.sides() == 2 ? "pairs" : "vectors"));
    }
    this.vectors = vectors;
    this.settings = settings;
    batchSize = settings.batchSize(vectors.size());
    stepsPerEpoch = settings.stepsPerEpoch(vectors.size());
    steps = settings.steps(vectors.size());
  }

  /** Pairs, or single vectors, of a step. */
  int batchSize() {
    return batchSize;
  }

  /** Vectors of a step, of all sides. */
  int rows() {
    return batchSize * vectors.sides();
  }

  /** Steps of a pass over all. */
  int stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /** Steps of the run. */
  int steps() {
    return steps;
  }

  /**
   * Epoch of a step, from 1.
   *
   * @param step counts from 1
   */
  int epoch(int step) {
    return (step - 1) / stepsPerEpoch + 1;
  }

  /** The vectors of a step row by row: all of the first side, then all of the other. */
  float[] vectors(int step) {
    return read(
        epoch(step) - 1, (step - 1) % stepsPerEpoch * batchSize, batchSize, vectors.sides());
  }

  /**
   * The vectors that a flow begins with: those of the first side in the first step, and where these
   * are few, as a deviation is not known by a few, some that come after them.
   */
  float[] beginning() {
    return read(0, 0, Math.min(Math.max(batchSize, LEAST_BEGINNING), vectors.size()), 1);
  }

  /** Some items of an epoch, from one in its order on. */
  private float[] read(int epoch, int from, int items, int sides) {
    if (epoch != orderedEpoch) {
      order = ShuffleBuffer.order(vectors.size(), settings.shuffleBuffer(), settings.seed(), epoch);
      orderedEpoch = epoch;
    }
    int channels = vectors.channels();
    float[] values = new float[Math.multiplyExact(items * sides, channels)];
    for (int side = 0; side < sides; side++) {
      for (int i = 0; i < items; i++) {
        vectors.read(epoch, order[from + i], side, values, (side * items + i) * channels);
      }
    }
    return values;
  }
}
