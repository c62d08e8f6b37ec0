package org.mirror4j.task.answer;

import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.objective.AnswerSpan;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.task.TaskHead;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** The head that says where an answer starts and ends. */
interface AnswerHead extends TaskHead<int[]> {
  /** What transformers calls the class after the family. */
  String CLASS_NAME = "ForQuestionAnswering";

  @Override
  default ParameterTable.Block[] head(BertConfig config) {
    return AnswerSpan.head(config);
  }

  @Override
  default TaskObjective<int[]> objective(
      Device device, Workspace workspace, BertModel model, Tensor gradients, BatchSize size) {
    return new AnswerSpan(
        device,
        workspace,
        model,
        gradients,
        size.tokens(),
        size.sequences() + size.paddingSequences());
  }

  @Override
  default String className() {
    return CLASS_NAME;
  }
}
