package org.mirror4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.mirror4j.checkpoint.CardScores;
import org.mirror4j.eval.EvaluationReport;
import org.mirror4j.eval.Measurement;

/** The scores of one model for its own card, whatever column of a report they are in. */
final class MeasuredCard {
  private static final String TITLE = "score";

  private final Path model;
  private final EvaluationReport report = new EvaluationReport(List.of(TITLE));

  /**
   * @param model directory
   */
  MeasuredCard(Path model) {
    this.model = model;
  }

  /** How its vectors are made. */
  void settings(String how) {
    report.settings(TITLE, how);
  }

  /** Takes a score. */
  void add(Measurement measurement) {
    report.add(TITLE, measurement);
  }

  /**
   * Writes them into the card as it is now.
   *
   * @param versions of what computed them
   * @param precision label
   * @throws org.mirror4j.file.FileException if the card has no place for them, or cannot be written
   */
  void write(Map<String, String> versions, String precision) {
    CardScores.in(model)
        .write(
            "%s\nBy mirror4j %s on %s, %s.\n"
                .formatted(
                    report.markdown(),
                    versions.get("mirror4j"),
                    versions.get("device"),
                    precision));
  }
}
