package org.mirror4j.task.coreference;

import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.objective.coreference.DocumentSpans;
import org.mirror4j.objective.coreference.SpanRanking;
import org.mirror4j.objective.coreference.SpanRankingSize;
import org.mirror4j.task.TaskHead;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** The head that chooses antecedents of spans. */
interface CoreferenceHead extends TaskHead<DocumentSpans> {
  /** What the class is called after the family; transformers has none of the kind. */
  String CLASS_NAME = "ForCoreference";

  /** What the head is made with. */
  CoreferenceSettings settings();

  /** Those that it tells apart. */
  Genres genres();

  private SpanRankingSize size() {
    return settings().size(genres());
  }

  @Override
  default ParameterTable.Block[] head(BertConfig config) {
    return SpanRanking.head(config, size());
  }

  @Override
  default TaskObjective<DocumentSpans> objective(
      Device device, Workspace workspace, BertModel model, Tensor gradients, BatchSize size) {
    return new SpanRanking(
        device, workspace, model, size(), settings().dropoutRate(), gradients, size.tokens());
  }

  @Override
  default String className() {
    return CLASS_NAME;
  }
}
