package org.mirror4j.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mirror4j.predict.MaskedLoss;

/**
 * One number of an evaluation.
 *
 * @param task name of the task or file
 * @param measure what the number is
 * @param value NaN where it is not defined
 * @param items pairs compared, texts embedded, or tokens predicted
 * @param skippedLines lines of the file left out as they have no score
 * @param coverage of the texts by the model
 * @param remark what is to be known of the value: why it is not defined, what a mean leaves out;
 *     empty if nothing is
 */
public record Measurement(
    String task,
    Measure measure,
    double value,
    int items,
    int skippedLines,
    Coverage coverage,
    String remark) {
  /** What is measured, with the number of digits shown after the point. */
  public enum Measure {
    /** Unweighted mean of the Spearman values of a group of tasks. */
    MEAN_SPEARMAN("mean Spearman", "%.2f", null),
    /** Spearman's rho x 100. */
    SPEARMAN("Spearman", "%.2f", MEAN_SPEARMAN),
    /** {@link RocCurve#area} x 100. */
    AUC("AUC", "%.2f", null),
    /** Unweighted mean of the accuracies at 1 of a group of tasks. */
    MEAN_ACCURACY_AT_1("mean accuracy@1", "%.2f", null),
    /** How many of 100 find a right answer first. */
    ACCURACY_AT_1("accuracy@1", "%.2f", MEAN_ACCURACY_AT_1),
    /** How many of 100 find a right answer among the first five. */
    ACCURACY_AT_5("accuracy@5", "%.2f", null),
    /** Unweighted mean of the mean reciprocal ranks of a group of tasks. */
    MEAN_MRR("mean MRR", "%.2f", null),
    /** Mean reciprocal rank of the right answer x 100. */
    MRR("MRR", "%.2f", MEAN_MRR),
    /** {@link Isotropy#score}. */
    ISOTROPY("isotropy", "%.3e", null),
    /** {@link Isotropy#meanVectorNorm}. */
    MEAN_VECTOR_NORM("mean vector norm", "%.4f", null),
    /** {@link Geometry#meanCosine}. */
    MEAN_COSINE("mean cosine of pairs", "%.4f", null),
    /** {@link Geometry.Band#meanNorm}. */
    MEAN_NORM("mean of norms", "%.4f", null),
    /** {@link Geometry.Band#meanDistance} to 3 neighbours. */
    MEAN_DISTANCE_TO_3("distance to 3 nearest", "%.4f", null),
    /** {@link Geometry.Band#meanDistance} to 5 neighbours. */
    MEAN_DISTANCE_TO_5("distance to 5 nearest", "%.4f", null),
    /** {@link Geometry.Band#meanDistance} to 7 neighbours. */
    MEAN_DISTANCE_TO_7("distance to 7 nearest", "%.4f", null),
    /** Spearman's rho x 100 of cosines and {@link EditDistance}. */
    SPEARMAN_WITH_EDIT_DISTANCE("Spearman with edit distance", "%.2f", null),
    /** The same of the scores that people gave, whatever the encoder. */
    SCORES_WITH_EDIT_DISTANCE("scores' Spearman with edit distance", "%.2f", null),
    /** Mean cross entropy of masked tokens in nats, see {@link MaskedLoss}. */
    MASKED_LOSS("masked loss", "%.4f", null),
    /** The same of tokens of masked spans, each predicted from the tokens beside its span. */
    SPAN_BOUNDARY_LOSS("span boundary loss", "%.4f", null);

    private final String label;
    private final String format;
    private final Measure mean;

    Measure(String label, String format, Measure mean) {
      this.label = label;
      this.format = format;
      this.mean = mean;
    }

    /** The mean of this measure over a group of tasks, if one means something. */
    Optional<Measure> mean() {
      return Optional.ofNullable(mean);
    }

    private boolean isMean() {
      return Arrays.stream(values()).anyMatch(measure -> measure.mean == this);
    }

    /** Whether this is the measure of that name, or the mean of it over a group of tasks. */
    public boolean isOrAverages(String name) {
      return Arrays.stream(values())
          .anyMatch(
              measure -> measure.label.equals(name) && (measure == this || measure.mean == this));
    }

    /** Name for people and for reports. */
    public String label() {
      return label;
    }

    /** A value for people; {@code n/a} where it is not defined. */
    public String text(double value) {
      return Double.isNaN(value) ? "n/a" : String.format(Locale.ROOT, format, value);
    }
  }

  /** A measurement of which no more is to be said. */
  public Measurement(String task, Measure measure, double value, int items, int skippedLines) {
    this(task, measure, value, items, skippedLines, Coverage.NONE, "");
  }

  /** A value for JSON, which has no NaN: null where it is not defined. */
  public static Double defined(double value) {
    return Double.isFinite(value) ? value : null;
  }

  /** The same where no value is defined. */
  public Measurement undefined() {
    return new Measurement(task, measure, Double.NaN, items, skippedLines, coverage, remark);
  }

  Measurement withCoverage(Coverage covered) {
    return new Measurement(task, measure, value, items, skippedLines, covered, remark);
  }

  /** With another remark before its own. */
  Measurement withRemark(String first) {
    String both =
        Stream.of(first, remark).filter(text -> !text.isEmpty()).collect(Collectors.joining("; "));
    return new Measurement(task, measure, value, items, skippedLines, coverage, both);
  }

  /** What is to be said beside the value, a phrase each. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (!remark.isEmpty()) {
      notes.add(remark);
    }
    if (measure.isMean()) {
      return notes;
    }
    if (!coverage.isKnown()) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%.1f %% of the words are unknown to the model",
              100 * coverage.unknownShare()));
    }
    if (coverage.cutTexts() > 0) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%,d of %,d texts cut at the maximum length",
              coverage.cutTexts(),
              coverage.texts()));
    }
    return notes;
  }
}
