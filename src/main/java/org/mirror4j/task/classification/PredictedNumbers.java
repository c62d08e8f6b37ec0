package org.mirror4j.task.classification;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.task.Logits;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.Predictions;
import org.mirror4j.text.PackedBatch;

/** Texts, or pairs of texts, of which a number is said. */
record PredictedNumbers(LabelledExamples<float[]> examples)
    implements PredictedTask<float[]>, NumberHead {
  @Override
  public Predictions begin() {
    float[] said = new float[examples.size()];
    return new Predictions() {
      @Override
      public void add(int[] batch, PackedBatch packed, float[] logits) {
        for (int i = 0; i < batch.length; i++) {
          said[batch[i]] = Logits.requireFinite(logits[i]);
        }
      }

      @Override
      public byte[] file() {
        return PredictionFile.of(examples.texts(), text -> Float.toString(said[text]));
      }

      @Override
      public List<ObjectNode> rows() {
        return List.of(JsonFiles.object().put("number", said[0]));
      }
    };
  }
}
