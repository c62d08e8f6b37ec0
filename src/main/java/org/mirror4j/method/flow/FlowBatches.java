package org.mirror4j.method.flow;

import java.util.Arrays;

/** Which vectors a step sees: a function of its number. */
final class FlowBatches {
  private final FlowVectors vectors;
  private final FlowSettings settings;
  private final int batchSize;
  private final int stepsPerEpoch;
  private final int steps;
  private int orderedEpoch = -1;
  private int[] order;

  /**
   * @throws IllegalArgumentException if there are no vectors
   */
  FlowBatches(FlowVectors vectors, FlowSettings settings) {
    if (vectors.size() == 0) {
      throw new IllegalArgumentException("no vectors to train a flow on, expected at least one");
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
    int epoch = epoch(step) - 1;
    if (epoch != orderedEpoch) {
      order = ShuffleBuffer.order(vectors.size(), settings.shuffleBuffer(), settings.seed(), epoch);
      orderedEpoch = epoch;
    }
    int channels = vectors.channels();
    int from = (step - 1) % stepsPerEpoch * batchSize;
    float[] values = new float[Math.multiplyExact(rows(), channels)];
    for (int side = 0; side < vectors.sides(); side++) {
      for (int i = 0; i < batchSize; i++) {
        vectors.read(epoch, order[from + i], side, values, (side * batchSize + i) * channels);
      }
    }
    return values;
  }

  /** Of those, the ones of the first side. */
  float[] firstSide(int step) {
    return Arrays.copyOf(vectors(step), batchSize * vectors.channels());
  }
}
