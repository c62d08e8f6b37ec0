package org.mirror4j.task.classification;

import java.util.List;
import java.util.Optional;
import org.mirror4j.file.FileException;
import org.mirror4j.task.LabelNames;
import org.mirror4j.task.PredictedTask;
import org.mirror4j.task.TrainedModel;

/** Texts, or pairs of them, of which a model is asked. */
final class AskedTexts {
  private AskedTexts() {}

  /**
   * Which label they have.
   *
   * @param labels of the head
   * @throws FileException if several labels may be right at once, or the head says a number
   */
  static PredictedTask<?> labels(List<LabelledText> texts, LabelNames labels, TrainedModel model) {
    model.requireProblem(LabelHead.PROBLEM);
    return new PredictedLabels(
        labels, LabelledExamples.unlabelled(texts, model.tokenizer(), model.maxLength()));
  }

  /**
   * Which number they have.
   *
   * @throws FileException if the head says labels
   */
  static PredictedTask<?> numbers(List<LabelledText> texts, TrainedModel model) {
    model.requireProblem(NumberHead.PROBLEM);
    int labels = model.labels().size();
    if (labels != 1) {
      throw new FileException(
          "%s: id2label has %d labels, expected 1, which stands for a number"
              .formatted(model.file(), labels));
    }
    return new PredictedNumbers(
        LabelledExamples.unlabelled(texts, model.tokenizer(), model.maxLength()));
  }

  /** What is asked, for messages. */
  static String expected(boolean pair) {
    return pair ? "two texts" : "one text";
  }

  /**
   * What is asked at the shell.
   *
   * @throws IllegalArgumentException unless there are as many texts as are read together
   */
  static LabelledText of(List<String> texts, boolean pair) {
    if (texts.size() != (pair ? 2 : 1)) {
      throw new IllegalArgumentException(
          "%d texts, expected %s".formatted(texts.size(), expected(pair)));
    }
    return new LabelledText(
        "0", texts.getFirst(), pair ? Optional.of(texts.getLast()) : Optional.empty(), "");
  }
}
