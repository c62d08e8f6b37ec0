package org.mirror4j.task.classification;

import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.objective.SequenceClassification;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.TaskHead;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** The head that says one of several labels of a sequence. */
interface LabelHead extends TaskHead<int[]> {
  /** What transformers calls the class after the family; that of a number has the same. */
  String CLASS_NAME = "ForSequenceClassification";

  /** The value of {@code problem_type} in {@code config.json}. */
  String PROBLEM = "single_label_classification";

  /** What it may say. */
  LabelNames labels();

  @Override
  default ParameterTable.Block[] head(BertConfig config) {
    return SequenceClassification.head(config, labels().size());
  }

  @Override
  default TaskObjective<int[]> objective(
      Device device, Workspace workspace, BertModel model, Tensor gradients, BatchSize size) {
    return new SequenceClassification(
        device, workspace, model, labels().size(), gradients, size.sequences());
  }

  @Override
  default String className() {
    return CLASS_NAME;
  }
}
