package org.mirror4j.task.classification;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.Predictions;
import org.mirror4j.text.PackedBatch;

/** The label of each text that has the highest logit. */
public final class SaidLabels implements Predictions {
  private final LabelNames labels;
  private final Function<List<String>, byte[]> file;

  /** Logits of the labels of each text. */
  private final float[][] said;

  /**
   * Nothing yet.
   *
   * @param texts how many there are
   * @param file what the official scorer takes, of the labels of the texts in their order
   */
  public SaidLabels(LabelNames labels, int texts, Function<List<String>, byte[]> file) {
    this.labels = labels;
    this.file = file;
    said = new float[texts][];
  }

  @Override
  public void add(int[] batch, PackedBatch packed, float[] logits) {
    for (int i = 0; i < batch.length; i++) {
      said[batch[i]] = labels.row(logits, i);
    }
  }

  @Override
  public byte[] file() {
    return file.apply(Arrays.stream(said).map(logits -> labels.highest(logits, 0)).toList());
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
}
