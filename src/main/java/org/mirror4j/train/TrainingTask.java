package org.mirror4j.train;

import java.util.Collections;
import java.util.Optional;
import java.util.SequencedMap;

/** What a {@code Trainer} trains: batches by number of the step. */
public interface TrainingTask extends AutoCloseable {
  /** Number of steps of the whole run. */
  int steps();

  /** What {@link Batch#size} counts, in the plural. */
  default String unit() {
    return "tokens";
  }

  /**
   * Leaves out the batches of steps that are done, for a run that goes on; called by the thread
   * that computes, before any batch is asked for. What takes long says so, and ends early where the
   * listener asks to stop: no batch is asked for then.
   *
   * @param done the last step that is left out
   */
  default void skip(int done, TrainingListener listener) {}

  /**
   * Prepares the batch of a step: everything that happens before the device computes, and nothing
   * that uses the device. Always called by one thread, which is not the one that computes.
   *
   * @param step counts from 1; asked for in order, the first after those that were left out
   */
  Batch batch(int step);

  /**
   * What held-out data gives after the given step, where it is asked.
   *
   * @param step 0 before the first
   */
  default Optional<HeldOut> heldOut(int step) {
    return Optional.empty();
  }

  /** Whether the parameters after the step that did best on held-out data are the result. */
  default boolean keepsBest() {
    return false;
  }

  /** Times in a row that held-out data may give nothing better before the run ends; 0 for any. */
  default int patience() {
    return 0;
  }

  /** How good a model is on data that it is not trained on. */
  sealed interface HeldOut {
    /** Higher is better. */
    double quality();
  }

  /**
   * Scores.
   *
   * @param values by their names; at least one, of which the first decides
   */
  record Scores(SequencedMap<String, Double> values) implements HeldOut {
    @Override
    public double quality() {
      return values.firstEntry().getValue();
    }
  }

  /**
   * A loss.
   *
   * @param total what is minimised
   * @param parts mean loss of each objective by its name; empty where there is but one
   */
  record Loss(double total, SequencedMap<String, Double> parts) implements HeldOut {
    /** Of one objective. */
    public static Loss of(double total) {
      return new Loss(total, Collections.emptySortedMap());
    }

    /** The loss below 0: the lower it is, the better. */
    @Override
    public double quality() {
      return -total;
    }
  }

  /** All steps are done: says what was found in them. */
  default void finished() {}

  /** Frees the buffers of the steps, where there are any. */
  @Override
  default void close() {}

  /** A prepared step. */
  interface Batch {
    /** Counts from 1. */
    int epoch();

    /** Real tokens, without padding, or what {@link #unit} says. */
    int size();

    /**
     * Brings the batch to the device, once. The update of the step before may still run; its loss
     * has been computed.
     */
    void upload();

    /**
     * Mean loss before the update, and all gradients.
     *
     * @param lossScale what the gradients are multiplied by
     */
    Loss lossAndGradient(float lossScale);
  }
}
