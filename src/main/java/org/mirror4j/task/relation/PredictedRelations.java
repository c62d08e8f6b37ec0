package org.mirror4j.task.relation;

import java.util.List;
import java.util.function.Function;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.Predictions;
import org.mirror4j.task.classification.LabelHead;
import org.mirror4j.task.classification.SaidLabels;

/**
 * Sentences of each of which a relation is said.
 *
 * @param labels of the model
 * @param file what the official scorer takes, of the relations of the sentences in their order
 */
record PredictedRelations(
    LabelNames labels, RelationExamples examples, Function<List<String>, byte[]> file)
    implements PredictedTask<int[]>, LabelHead {
  @Override
  public Predictions begin() {
    return new SaidLabels(labels, examples.size(), file);
  }
}
