package org.mirror4j.task;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.objective.AnswerSpan;
import org.mirror4j.objective.SequenceClassification;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.objective.TokenClassification;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/** Each of the heads, as tasks have them. */
public enum ToyHead {
  CLASSES,
  TOKENS,
  ANSWERS;

  /** What is asked of an example: its class, the class of each token, or start and end. */
  public int logitsOf(int classes) {
    return this == ANSWERS ? 2 : classes;
  }

  public ParameterTable.Block[] blocks(BertConfig config, int classes) {
    return switch (this) {
      case CLASSES -> SequenceClassification.head(config, classes);
      case TOKENS -> TokenClassification.head(config, classes);
      case ANSWERS -> AnswerSpan.head(config);
    };
  }

  public TaskObjective<int[]> objective(
      Device device,
      Workspace workspace,
      BertModel model,
      int classes,
      Tensor gradients,
      BatchSize size) {
    int sequences = size.sequences() + size.paddingSequences();
    return switch (this) {
      case CLASSES ->
          new SequenceClassification(
              device, workspace, model, classes, gradients, size.sequences());
      case TOKENS ->
          new TokenClassification(device, workspace, model, classes, gradients, size.tokens());
      case ANSWERS -> new AnswerSpan(device, workspace, model, gradients, size.tokens(), sequences);
    };
  }

  /** What transformers calls the class after the family. */
  public String className() {
    return switch (this) {
      case CLASSES -> "ForSequenceClassification";
      case TOKENS -> "ForTokenClassification";
      case ANSWERS -> "ForQuestionAnswering";
    };
  }

  /** Outputs of its linear layers by the names that transformers has for them. */
  public SequencedMap<String, Integer> layers(BertConfig config, int classes) {
    SequencedMap<String, Integer> layers = new LinkedHashMap<>();
    switch (this) {
      case CLASSES -> {
        boolean bert = config.family() == BertConfig.Family.BERT;
        layers.put(bert ? "pooler.dense" : "classifier.dense", config.hiddenSize());
        layers.put(bert ? "classifier" : "classifier.out_proj", classes);
      }
      case TOKENS -> layers.put("classifier", classes);
      case ANSWERS -> layers.put("qa_outputs", 2);
    }
    return layers;
  }
}
