package org.mirror4j.task.coreference;

/**
 * Recall and precision as fractions, which add up over documents before they are divided.
 *
 * @param recallOf all that there was to find
 * @param precisionOf all that was found
 */
record Fractions(double recalled, double recallOf, double precise, double precisionOf) {
  static final Fractions NONE = new Fractions(0, 0, 0, 0);

  Fractions plus(Fractions other) {
    return new Fractions(
        recalled + other.recalled,
        recallOf + other.recallOf,
        precise + other.precise,
        precisionOf + other.precisionOf);
  }

  /** 0 where there was nothing to find. */
  double recall() {
    return recallOf == 0 ? 0 : recalled / recallOf;
  }

  /** 0 where nothing was found. */
  double precision() {
    return precisionOf == 0 ? 0 : precise / precisionOf;
  }

  /** {@code 2 p r / (p + r)}, 0 where both are. */
  double f1() {
    double sum = precision() + recall();
    return sum == 0 ? 0 : 2 * precision() * recall() / sum;
  }

  MetricFigures figures(String metric) {
    return new MetricFigures(metric, 100 * precision(), 100 * recall(), 100 * f1());
  }
}
