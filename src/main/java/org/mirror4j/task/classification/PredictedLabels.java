package org.mirror4j.task.classification;

import org.mirror4j.task.LabelNames;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.Predictions;

/**
 * Texts, or pairs of texts, of which one of several labels is said.
 *
 * @param labels of the model
 */
record PredictedLabels(LabelNames labels, LabelledExamples<int[]> examples)
    implements PredictedTask<int[]>, LabelHead {
  @Override
  public Predictions begin() {
    return new SaidLabels(
        labels, examples.size(), said -> PredictionFile.of(examples.texts(), said::get));
  }
}
