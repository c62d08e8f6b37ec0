package org.mirror4j.task.classification;

import static org.mirror4j.file.FileException.quote;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.mirror4j.file.FileException;

/** Refuses texts whose labels are all the same, where that leaves nothing to do. */
final class DifferentLabels {
  private DifferentLabels() {}

  /**
   * Of texts to tell apart.
   *
   * @throws FileException if all have one label
   */
  static void requireToLearn(Path file, List<LabelledText> texts) {
    require(file, "label", texts, LabelledText::label, "");
  }

  /**
   * Of texts with numbers that others are correlated with.
   *
   * @throws FileException if there is one text, or all have one number
   */
  static void requireToCorrelate(Path file, List<LabelledText> texts) {
    GlueScorer.checkCorrelated(file, texts.size());
    require(file, "score", texts, text -> Double.valueOf(text.label()), " for a correlation");
  }

  private static void require(
      Path file,
      String what,
      List<LabelledText> texts,
      Function<LabelledText, Object> value,
      String purpose) {
    if (texts.stream().map(value).distinct().count() < 2) {
      throw new FileException(
          "%s: all texts have the %s %s, expected two different ones at least%s"
              .formatted(file, what, quote(texts.getFirst().label()), purpose));
    }
  }
}
