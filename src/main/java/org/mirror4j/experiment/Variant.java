package org.mirror4j.experiment;

import java.util.Optional;
import org.mirror4j.bert.Pooling;

/**
 * A row of a table: a model, perhaps tuned, and how texts become its vectors.
 *
 * @param label of the row
 * @param published what the paper's table calls it; where nothing is said, the label
 * @param model name of the model that it is or starts from
 * @param tuning absent for the model as it is
 * @param calibration of its vectors, fitted anew for each task; absent for none
 * @param pooling where nothing is said, what the tuned model says
 * @param maxLength tokens of a text; where nothing is said, what the tuned model says
 * @param differs where the protocol is another than the paper's
 */
record Variant(
    String label,
    Optional<String> published,
    String model,
    Optional<Tuning> tuning,
    Optional<Calibration> calibration,
    Optional<Pooling> pooling,
    Optional<Integer> maxLength,
    Optional<String> differs) {
  /** Whether it comes out otherwise with another seed. */
  boolean isRandom() {
    return tuning.isPresent() || calibration.flatMap(Calibration::flow).isPresent();
  }

  /** What the paper's table calls it. */
  String publishedName() {
    return published.orElse(label);
  }
}
