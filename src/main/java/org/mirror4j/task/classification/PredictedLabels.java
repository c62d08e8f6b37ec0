package org.mirror4j.task.classification;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.Predictions;
import org.mirror4j.text.PackedBatch;

/**
 * Texts, or pairs of texts, of which one of several labels is said.
 *
 * @param labels of the model
 */
record PredictedLabels(LabelNames labels, LabelledExamples<int[]> examples)
    implements PredictedTask<int[]>, LabelHead {
  @Override
  public Predictions begin() {
    float[][] said = new float[examples.size()][];
    return new Predictions() {
      @Override
      public void add(int[] batch, PackedBatch packed, float[] logits) {
        for (int i = 0; i < batch.length; i++) {
          said[batch[i]] = labels.row(logits, i);
        }
      }

      @Override
      public byte[] file() {
        return PredictionFile.of(examples.texts(), text -> labels.highest(said[text], 0));
      }

      @Override
      public List<ObjectNode> rows() {
        double[] probabilities = labels.probabilities(said[0]);
        return IntStream.range(0, labels.size())
            .boxed()
            .sorted(Comparator.comparingDouble(label -> -probabilities[label]))
            .map(
                label ->
                    JsonFiles.object()
                        .put("label", labels.names().get(label))
                        .put("probability", probabilities[label]))
            .toList();
      }
    };
  }
}
