package org.mirror4j.task;

import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * What a task puts on an encoder.
 *
 * @param <T> what is to be predicted of a batch
 */
public interface TaskHead<T> {
  /** The blocks of the head, to be added to the encoder of a model. */
  ParameterTable.Block[] head(BertConfig config);

  /**
   * Plans what is computed over hidden states.
   *
   * @param workspace may only count
   * @param gradients flat; null where only logits and losses are wanted
   * @param size of the largest batch
   */
  TaskObjective<T> objective(
      Device device, Workspace workspace, BertModel model, Tensor gradients, BatchSize size);

  /** What the class of transformers is called after the family, {@code ForTokenClassification}. */
  String className();
}
