package org.mirror4j.eval;

/**
 * One number of an evaluation.
 *
 * @param task name of the task or file
 * @param measure what the number is
 * @param value NaN where it is not defined
 * @param items pairs compared, or texts embedded
 * @param skippedLines lines of the file left out as they have no score
 */
public record Measurement(String task, Measure measure, double value, int items, int skippedLines) {
  /** What is measured, with the number of digits shown after the point. */
  public enum Measure {
    /** Spearman's rho x 100. */
    SPEARMAN("Spearman", "%.2f"),
    /** Unweighted mean of the Spearman values of a group of tasks. */
    MEAN_SPEARMAN("mean Spearman", "%.2f"),
    /** {@link Isotropy#score}. */
    ISOTROPY("isotropy", "%.3e"),
    /** {@link Isotropy#meanVectorNorm}. */
    MEAN_VECTOR_NORM("mean vector norm", "%.4f");

    private final String label;
    private final String format;

    Measure(String label, String format) {
      this.label = label;
      this.format = format;
    }

    /** Name for people and for reports. */
    public String label() {
      return label;
    }

    String format() {
      return format;
    }
  }
}
