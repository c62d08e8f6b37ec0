package org.mirror4j.task.tagging;

import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.objective.TokenClassification;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.TaskHead;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** The head that says a tag of each token. */
interface TagHead extends TaskHead<int[]> {
  /** What transformers calls the class after the family. */
  String CLASS_NAME = "ForTokenClassification";

  /** The tags. */
  LabelNames labels();

  @Override
  default ParameterTable.Block[] head(BertConfig config) {
    return TokenClassification.head(config, labels().size());
  }

  @Override
  default TaskObjective<int[]> objective(
      Device device, Workspace workspace, BertModel model, Tensor gradients, BatchSize size) {
    return new TokenClassification(
        device, workspace, model, labels().size(), gradients, size.tokens());
  }

  @Override
  default String className() {
    return CLASS_NAME;
  }
}
