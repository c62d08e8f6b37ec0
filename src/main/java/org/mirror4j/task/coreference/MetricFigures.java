package org.mirror4j.task.coreference;

/**
 * What a metric says, times 100.
 *
 * @param metric its name
 */
public record MetricFigures(String metric, double precision, double recall, double f1) {}
