package org.mirror4j.task;

import java.util.SequencedMap;
import org.mirror4j.text.PackedBatch;

/**
 * Examples whose predictions are scored.
 *
 * @param <T> what is to be predicted of a batch
 */
public interface Evaluation<T> {
  /** What is predicted. */
  Examples<T> examples();

  /** Begins to collect predictions. */
  Collector begin();

  /** Takes the logits of all examples, and scores what they say. */
  interface Collector {
    /**
     * Takes the logits of a batch.
     *
     * @param examples which ones, in the order of the batch; each comes once
     * @param packed their texts
     * @param logits as the {@link org.mirror4j.objective.TaskObjective} lays them out, to be read
     *     during the call
     */
    void add(int[] examples, PackedBatch packed, float[] logits);

    /** The scores x 100 by their names; by the first, higher is better. */
    SequencedMap<String, Double> scores();
  }
}
