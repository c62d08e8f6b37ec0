package org.mirror4j.eval;

/**
 * Two texts and how similar people found them. Scales differ between data sets; only the order of
 * the scores of one set counts.
 */
public record ScoredPair(String left, String right, double score) {}
