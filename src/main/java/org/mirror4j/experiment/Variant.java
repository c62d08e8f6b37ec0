package org.mirror4j.experiment;

import java.util.List;
import java.util.Optional;
import org.mirror4j.bert.ModelSize;
import org.mirror4j.bert.Pooling;
import org.mirror4j.file.FileException;

/**
 * A row of a table: a model, perhaps tuned, and how texts become its vectors.
 *
 * @param label of the row
 * @param published what the paper's table calls it; where nothing is said, the label
 * @param model name of the model that it is or starts from; absent where that is pretrained from
 *     nothing
 * @param pretrained how the model that it is or starts from is made, from the one that has a name
 *     where there is one; absent where that is taken as it is
 * @param tuning absent for the model as it is
 * @param calibration of its vectors, fitted anew for each task; absent for none
 * @param finetuning how it is fine-tuned, and scored in place of being measured; absent for not
 * @param pooling where nothing is said, what the tuned model says
 * @param maxLength tokens of a text; where nothing is said, what the tuned model says
 * @param tasks that it is measured on; where nothing is said, those of the table
 * @param differs where the protocol is another than the paper's
 */
record Variant(
    String label,
    Optional<String> published,
    Optional<String> model,
    Optional<FromText> pretrained,
    Optional<Tuning> tuning,
    Optional<Calibration> calibration,
    Optional<ForTask> finetuning,
    Optional<Pooling> pooling,
    Optional<Integer> maxLength,
    Optional<List<String>> tasks,
    Optional<String> differs) {
  /**
   * Checks that it is one model, and how that is made.
   *
   * @throws IllegalArgumentException naming the row
   */
  Variant {
    if (model.isEmpty() && pretrained.isEmpty()) {
      throw new IllegalArgumentException(
          label
              + ": there is neither the name of a model nor how one is pretrained, expected one of"
              + " them");
    }
    if (model.isPresent() && pretrained.filter(FromText::hasSize).isPresent()) {
      throw new IllegalArgumentException(
          "%s: the model %s is pretrained further, expected no other size or vocabulary"
              .formatted(label, model.get()));
    }
    if (finetuning.isPresent()
        && (calibration.isPresent()
            || pooling.isPresent()
            || maxLength.isPresent()
            || tasks.isPresent())) {
      throw new IllegalArgumentException(
          label
              + ": the model is fine-tuned, expected nothing of vectors and what they are"
              + " measured on");
    }
    try {
      pretrained.ifPresent(FromText::check);
      finetuning.ifPresent(ForTask::check);
    } catch (FileException | IllegalArgumentException e) {
      throw new IllegalArgumentException("%s: %s".formatted(label, e.getMessage()), e);
    }
  }

  /** Whether it comes out otherwise with another seed. */
  boolean isRandom() {
    return pretrained.isPresent()
        || tuning.isPresent()
        || finetuning.isPresent()
        || calibration.flatMap(Calibration::flow).isPresent();
  }

  /** Whether it is pretrained on from another model. */
  boolean goesOn() {
    return model.isPresent() && pretrained.isPresent();
  }

  /** What the paper's table calls it. */
  String publishedName() {
    return published.orElse(label);
  }

  /** The same with another size of the model if it is pretrained, which then is from nothing. */
  Variant of(ModelSize size) {
    return new Variant(
        label,
        published,
        pretrained.isPresent() ? Optional.empty() : model,
        pretrained.map(text -> text.of(size)),
        tuning,
        calibration,
        finetuning,
        pooling,
        maxLength,
        tasks,
        differs);
  }
}
