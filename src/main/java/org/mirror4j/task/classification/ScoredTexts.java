package org.mirror4j.task.classification;

import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import org.mirror4j.task.Evaluation;
import org.mirror4j.text.PackedBatch;

/**
 * Labelled texts of which a label is said each, and scored.
 *
 * @param said what logits say
 * @param scores of the labels that are said of the texts, in their order
 * @param <T> what is to be predicted of a batch
 */
record ScoredTexts<T>(
    LabelledExamples<T> examples,
    Said said,
    Function<List<String>, SequencedMap<String, Double>> scores)
    implements Evaluation<T> {
  /** The label that the logits of a text say. */
  @FunctionalInterface
  interface Said {
    /**
     * The label.
     *
     * @param logits of a batch, as the objective lays them out
     * @param row of the text
     */
    String of(float[] logits, int row);
  }

  @Override
  public Collector begin() {
    String[] labels = new String[examples.size()];
    return new Collector() {
      @Override
      public void add(int[] batch, PackedBatch packed, float[] logits) {
        for (int i = 0; i < batch.length; i++) {
          labels[batch[i]] = said.of(logits, i);
        }
      }

      @Override
      public SequencedMap<String, Double> scores() {
        return scores.apply(List.of(labels));
      }
    };
  }
}
