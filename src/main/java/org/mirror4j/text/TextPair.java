package org.mirror4j.text;

/**
 * Two texts that mean the same: the two views of one training item.
 *
 * @param left the first view
 * @param right the second view; the same text where training is unsupervised
 */
public record TextPair(String left, String right) {}
