package org.mirror4j.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.mirror4j.text.PackedBatch;

/** Takes the logits of all examples, and says what they mean. */
public interface Predictions {
  /**
   * Takes the logits of a batch.
   *
   * @param examples which ones, in the order of the batch; each comes once
   * @param packed their texts
   * @param logits as the {@link org.mirror4j.objective.TaskObjective} lays them out, to be read
   *     during the call
   */
  void add(int[] examples, PackedBatch packed, float[] logits);

  /** The predictions as the official scorer of the task takes them, the content of a file. */
  byte[] file();

  /** How sure the model is of each question that it has no answer, where the task says that. */
  default Optional<byte[]> noAnswerFile() {
    return Optional.empty();
  }

  /** What is said for people, where rows do not say it well, each line with a line feed behind. */
  default Optional<String> text() {
    return Optional.empty();
  }

  /**
   * The same of the first text, which at the shell is the only one, for people and programs: a row
   * for each thing that may be said, the likeliest first, or for each part of the text in its
   * order; rows have the same keys. A {@code probability} is the softmax of the logits, in f64.
   */
  List<ObjectNode> rows();
}
