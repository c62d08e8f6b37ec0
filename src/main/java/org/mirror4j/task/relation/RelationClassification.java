package org.mirror4j.task.relation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.objective.SequenceClassification;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.LabelNames;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * A relation for each sentence with two marked entities, as a class of the sentence (Joshi et al.
 * 2020, section 4.1).
 *
 * @param symbols that mark them
 */
record RelationClassification(
    LabelNames labels,
    EntitySymbols symbols,
    Examples<int[]> training,
    Optional<Evaluation<int[]>> development)
    implements FineTunedTask<int[]> {
  @Override
  public ParameterTable.Block[] head(BertConfig config) {
    return SequenceClassification.head(config, labels.size());
  }

  @Override
  public TaskObjective<int[]> objective(
      Device device, Workspace workspace, BertModel model, Tensor gradients, BatchSize size) {
    return new SequenceClassification(
        device, workspace, model, labels.size(), gradients, size.sequences());
  }

  @Override
  public String className() {
    return "ForSequenceClassification";
  }

  @Override
  public void configure(ObjectNode config) {
    config.put("problem_type", "single_label_classification");
    labels.configure(config);
    symbols.configure(config);
  }

  @Override
  public SequencedMap<String, String> choices() {
    return new LinkedHashMap<>(Map.of("marking", JsonRecords.label(symbols.marking())));
  }
}
