package org.mirror4j.task.classification;

import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.objective.SequenceRegression;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.task.TaskHead;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** The head that says a number of a sequence. */
interface NumberHead extends TaskHead<float[]> {
  /** The value of {@code problem_type} in {@code config.json}. */
  String PROBLEM = "regression";

  @Override
  default ParameterTable.Block[] head(BertConfig config) {
    return SequenceRegression.head(config);
  }

  @Override
  default TaskObjective<float[]> objective(
      Device device, Workspace workspace, BertModel model, Tensor gradients, BatchSize size) {
    return new SequenceRegression(device, workspace, model, gradients, size.sequences());
  }

  @Override
  default String className() {
    return LabelHead.CLASS_NAME;
  }
}
