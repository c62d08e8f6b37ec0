package org.mirror4j.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * A task as fine-tuning sees it: data that has been read, a head, and how its predictions are
 * scored.
 *
 * @param <T> what is to be predicted of a batch
 */
public interface FineTunedTask<T> {
  /** What is trained on. */
  Examples<T> training();

  /** What is scored while it trains; empty where there is none. */
  Optional<Evaluation<T>> development();

  /**
   * The blocks of the head, to be added to the encoder of a model; the last one has a row for each
   * label.
   */
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

  /** Puts into {@code config.json} what that class takes from there, as the names of labels. */
  void configure(ObjectNode config);
}
