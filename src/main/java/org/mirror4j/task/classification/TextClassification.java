package org.mirror4j.task.classification;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import org.mirror4j.task.Evaluation;
import org.mirror4j.task.Examples;
import org.mirror4j.task.FineTunedTask;
import org.mirror4j.task.LabelNames;
import org.mirror4j.text.Tokenizer;

/** One of several labels for each text, or pair of texts. */
public final class TextClassification implements FineTunedTask<int[]>, LabelHead {
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
  public LabelNames labels() {
    return labels;
  }

  @Override
  public void configure(ObjectNode config) {
    config.put("problem_type", PROBLEM);
    labels.configure(config);
  }
}
