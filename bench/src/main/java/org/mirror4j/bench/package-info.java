/**
 * Measurements of mirror4j beside its rivals: {@link org.mirror4j.bench.BenchMain} runs the
 * contests of {@code Suite} and writes their results.
 */
package org.mirror4j.bench;
