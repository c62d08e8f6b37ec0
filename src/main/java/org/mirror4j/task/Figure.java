package org.mirror4j.task;

/**
 * One number that a scorer says.
 *
 * @param part which part of the data it is of, or which way of counting: a type, a relation, {@code
 *     micro}; empty for the figure that stands for all
 * @param value x 100 where the measure is a fraction or a correlation; NaN where it is not defined
 */
public record Figure(Measure measure, String part, double value) {
  /** One that stands for all of the data. */
  public Figure(Measure measure, double value) {
    this(measure, "", value);
  }

  /** {@code MEASURE} or {@code MEASURE:PART}, by which it can be asked for. */
  public String name() {
    return part.isEmpty() ? measure.name() : measure.name() + ":" + part;
  }
}
