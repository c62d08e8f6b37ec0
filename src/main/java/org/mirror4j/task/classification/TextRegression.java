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
import org.mirror4j.task.Logits;
import org.mirror4j.text.Tokenizer;

/** A number for each text, or pair of texts. */
public final class TextRegression implements FineTunedTask<float[]>, NumberHead {
  private final LabelledExamples<float[]> training;
  private final Optional<Evaluation<float[]>> development;

  /**
   * A task.
   *
   * @param training labelled with numbers
   * @param development scored while it trains; empty where there is none
   * @param scores of the numbers that are said of the texts of {@code development}, in their order
   */
  public TextRegression(
      List<LabelledText> training,
      Optional<List<LabelledText>> development,
      Tokenizer tokenizer,
      int maxLength,
      Function<List<String>, SequencedMap<String, Double>> scores) {
    this.training = examples(training, tokenizer, maxLength);
    this.development =
        development.map(
            texts ->
                new ScoredTexts<>(
                    examples(texts, tokenizer, maxLength),
                    (numbers, row) -> Float.toString(Logits.requireFinite(numbers[row])),
                    scores));
  }

  private static LabelledExamples<float[]> examples(
      List<LabelledText> texts, Tokenizer tokenizer, int maxLength) {
    return new LabelledExamples<>(texts, tokenizer, maxLength, TextRegression::numbers);
  }

  private static float[] numbers(List<LabelledText> texts) {
    float[] numbers = new float[texts.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Float.parseFloat(texts.get(i).label());
    }
    return numbers;
  }

  @Override
  public Examples<float[]> training() {
    return training;
  }

  @Override
  public Optional<Evaluation<float[]>> development() {
    return development;
  }

  @Override
  public void configure(ObjectNode config) {
    config.put("problem_type", PROBLEM);
    new LabelNames(List.of("LABEL_0")).configure(config);
  }
}
