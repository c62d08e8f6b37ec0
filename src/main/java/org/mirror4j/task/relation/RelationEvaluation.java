package org.mirror4j.task.relation;

import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.LabelNames;
import org.mirror4j.text.PackedBatch;

/**
 * Sentences of each of which a relation is said, the one with the highest logit.
 *
 * @param scores of the relations that are said of the sentences, in their order
 */
record RelationEvaluation(
    RelationExamples examples,
    LabelNames labels,
    Function<List<String>, SequencedMap<String, Double>> scores)
    implements Evaluation<int[]> {
  @Override
  public Collector begin() {
    String[] said = new String[examples.size()];
    return new Collector() {
      @Override
      public void add(int[] batch, PackedBatch packed, float[] logits) {
        for (int i = 0; i < batch.length; i++) {
          said[batch[i]] = labels.highest(logits, i);
        }
      }

      @Override
      public SequencedMap<String, Double> scores() {
        return scores.apply(List.of(said));
      }
    };
  }
}
