package org.mirror4j.task.classification;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.objective.SequenceClassification;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.LabelNames;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;

/** One of several labels for each text, or pair of texts. */
public final class TextClassification implements FineTunedTask<int[]> {
  private final LabelNames labels;
  private final LabelledExamples<int[]> training;
  private final Optional<Evaluation<int[]>> development;

  /**
   * A task.
   *
   * @param training labelled with these
   * @param development scored while it trains; empty where there is none
   * @param scores of the labels that are said of the texts of {@code development}, in their order
   */
  public TextClassification(
      LabelNames labels,
      List<LabelledText> training,
      Optional<List<LabelledText>> development,
      Tokenizer tokenizer,
      int maxLength,
      Function<List<String>, SequencedMap<String, Double>> scores) {
    this.labels = labels;
    this.training = examples(training, tokenizer, maxLength);
    this.development =
        development.map(
            texts ->
                new ScoredTexts<>(examples(texts, tokenizer, maxLength), labels::highest, scores));
  }

  private LabelledExamples<int[]> examples(
      List<LabelledText> texts, Tokenizer tokenizer, int maxLength) {
    return new LabelledExamples<>(
        texts,
        tokenizer,
        maxLength,
        some -> some.stream().mapToInt(text -> labels.number(text.label())).toArray());
  }

  @Override
  public Examples<int[]> training() {
    return training;
  }

  @Override
  public Optional<Evaluation<int[]>> development() {
    return development;
  }

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
  }
}
