package org.mirror4j.objective;

/**
 * A number for each objective of pretraining: how much it predicts, the sum of its losses, what its
 * gradient is multiplied by.
 *
 * @param masked of masked language modelling
 * @param spanBoundary of the span boundary objective
 * @param nextSentence of next-sentence prediction
 */
public record PerObjective(double masked, double spanBoundary, double nextSentence) {
  /** 0 for all. */
  public static final PerObjective ZERO = new PerObjective(0, 0, 0);

  /** The sums, number by number. */
  public PerObjective plus(PerObjective other) {
    return new PerObjective(
        masked + other.masked,
        spanBoundary + other.spanBoundary,
        nextSentence + other.nextSentence);
  }

  /** The products, number by number. */
  public PerObjective times(PerObjective other) {
    return new PerObjective(
        masked * other.masked,
        spanBoundary * other.spanBoundary,
        nextSentence * other.nextSentence);
  }

  /** All times a factor. */
  public PerObjective times(double factor) {
    return times(new PerObjective(factor, factor, factor));
  }

  /** One over each; 0 stays 0, as what predicts nothing has no mean. */
  public PerObjective inverse() {
    return new PerObjective(inverse(masked), inverse(spanBoundary), inverse(nextSentence));
  }

  private static double inverse(double value) {
    return value == 0 ? 0 : 1 / value;
  }

  /** All together. */
  public double sum() {
    return masked + spanBoundary + nextSentence;
  }
}
