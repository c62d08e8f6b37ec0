package org.mirror4j.task;

import java.util.Locale;

/**
 * What a figure measures.
 *
 * @param name in lower case, words parted by hyphens
 * @param title the same for people, the head of a column
 * @param unit how values are written
 */
public record Measure(String name, String title, Unit unit) {
  /** Of how many questions, sentences or annotations a figure is. */
  public static final Measure ITEMS = new Measure("items", "items", Unit.COUNT);

  /** Right ones among those that were found, x 100. */
  public static final Measure PRECISION = percentage("precision", "precision");

  /** Right ones among those that are to be found, x 100. */
  public static final Measure RECALL = percentage("recall", "recall");

  /** Harmonic mean of precision and recall, x 100. */
  public static final Measure F1 = percentage("f1", "F1");

  /** Right ones among all, x 100. */
  public static final Measure ACCURACY = percentage("accuracy", "accuracy");

  /** How values are written. */
  public enum Unit {
    /** A fraction or correlation x 100, with two decimals. */
    HUNDREDTHS("%.2f"),
    COUNT("%.0f"),
    /** A value of the system that is scored, as a threshold is. */
    PLAIN("%.6g");

    private final String format;

    Unit(String format) {
      this.format = format;
    }
  }

  /** One whose values are x 100. */
  public static Measure percentage(String name, String title) {
    return new Measure(name, title, Unit.HUNDREDTHS);
  }

  /** A value as people read it; {@code n/a} where it is not defined. */
  public String text(double value) {
    return Double.isNaN(value) ? "n/a" : String.format(Locale.ROOT, unit.format, value);
  }

  /** A value with all its digits, as programs read it. */
  public String exact(double value) {
    return unit == Unit.COUNT || Double.isNaN(value) ? text(value) : Double.toString(value);
  }
}
